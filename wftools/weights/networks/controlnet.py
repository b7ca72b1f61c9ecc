"""Control networks for the UNets of Stable Diffusion: their config, and how it is read off a file."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from wftools.weights.keymaps import diffusers_controlnet
from wftools.weights.networks import find
from wftools.weights.networks.shapes import Shapes, count, size
from wftools.weights.networks.unet import UNetConfig, infer_unet

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wftools.weights.networks import Part
    from wftools.weights.tensorfile import TensorFile

PREFIXES: Final = ("control_model.", "")  # the first that fits is taken
DIFFERENCE: Final = "difference"  # where there is such a tensor, the weights are to be added to those of a UNet
NOT_WEIGHTS: Final = re.compile(DIFFERENCE)

# It has the way down and the middle of a UNet, but no output: this stands for one.
_NO_OUTPUT: Final[Shapes] = {"out.2.weight": (4, 1, 1, 1)}


@dataclass(frozen=True, slots=True, kw_only=True)
class UnionConfig:
    """What a network that knows several kinds of pictures has beside the others (xinsir's ControlNet++)."""

    types: int = 6  # kinds of pictures; 8 in the one called ProMax
    layers: int = 1  # of the transformer that looks at the picture


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlNetConfig:
    """The control network of Zhang et al. 2023, "Adding Conditional Control to Text-to-Image Diffusion Models"."""

    encoder: UNetConfig = UNetConfig()  # noqa: RUF009  it is frozen
    hint_channels: int = 3
    union: UnionConfig | None = None


def find_controlnet(file: TensorFile) -> Part[ControlNetConfig] | None:
    """The control network in a file, in the original layout or in diffusers'; None if there is none.

    Raises InputError if it is there and cannot be built.
    """
    if diffusers_controlnet.MARKER in file.tensors:
        file = diffusers_controlnet.as_original(file)
    return find(file, "controlnet", PREFIXES, infer_controlnet, NOT_WEIGHTS)


def infer_controlnet(shapes: Shapes, hidden: Mapping[str, int]) -> ControlNetConfig | None:
    """Read the config off a control network's tensor names and shapes; None if there is none. Reads no data.

    Raises InputError if a tensor that tells is missing.
    """
    if "zero_convs.0.0.weight" not in shapes:
        return None
    encoder = infer_unet({**shapes, **_NO_OUTPUT}, hidden)
    if encoder is None:
        return None
    return ControlNetConfig(
        encoder=replace(encoder, output_depth=None),
        hint_channels=size(shapes, "input_hint_block.0.weight", 1, dimensions=4),
        union=_union(shapes),
    )


def _union(shapes: Shapes) -> UnionConfig | None:
    if "control_add_embedding.linear_1.weight" not in shapes:
        return None
    return UnionConfig(
        types=size(shapes, "task_embedding.weight", 0, dimensions=2),
        layers=count(shapes, "transformer_layes.{}.ln_1.weight"),
    )
