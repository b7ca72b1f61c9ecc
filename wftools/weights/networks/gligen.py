"""GLIGEN's layers for UNets, which place things: their config, and how it is read off a file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wftools.weights.networks import find
from wftools.weights.networks.shapes import MAX_LAYERS, Shapes, size

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wftools.weights.networks import Part
    from wftools.weights.tensorfile import TensorFile

SD1_TEXT_WIDTH: Final = 768  # at most; wider texts are those of the families with heads of one width
SD1_HEADS: Final = 8
HEAD_DIM: Final = 64
COORDINATES: Final = 4  # of a box: left, top, right, bottom

POSITION: Final = "position_net."

_STAGES: Final = ("input_blocks", "middle_block", "output_blocks")
_FUSER: Final = re.compile(rf"(?:.*\.)?({'|'.join(_STAGES)})\.(\d+)\.(?:\d+\.)?transformer_blocks\.0\.fuser\.(.+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class GligenConfig:
    """The grounding with boxes and texts of Li et al. 2023, "GLIGEN"."""

    widths: tuple[int, ...]  # of the UNet's tokens in each of its transformers, on the way
    text_width: int = 768  # of what a box is said to hold
    token_width: int = 768  # of a box with its text
    hidden: int = 512  # of the layers that make it
    frequencies: int = 8  # of each coordinate

    def heads(self, width: int) -> int:
        """How many heads an attention of that width has, as the UNet of the family."""
        return SD1_HEADS if self.token_width <= SD1_TEXT_WIDTH else max(1, width // HEAD_DIM)


def find_gligen(file: TensorFile) -> Part[GligenConfig] | None:
    """GLIGEN's layers in a file, which may have the rest of the UNet too; None if there are none.

    Raises InputError if they are there and cannot be built.
    """
    fusers: dict[tuple[int, int], dict[str, str]] = {}
    for name in file.tensors:
        if found := _FUSER.fullmatch(name):
            fusers.setdefault((_STAGES.index(found[1]), int(found[2])), {})[found[3]] = name
    names = {name: name for name in file.tensors if name.startswith(POSITION)}
    for index, place in enumerate(sorted(fusers)):
        names |= {f"fusers.{index}.{rest}": name for rest, name in fusers[place].items()}
    return find(file.renamed(names), "gligen", ("",), infer_gligen)


def infer_gligen(shapes: Shapes, _hidden: Mapping[str, int]) -> GligenConfig | None:
    """Read the config off the tensor names and shapes of GLIGEN's layers; None if there are none. Reads no data.

    Raises InputError if a tensor that tells is missing.
    """
    if "fusers.0.linear.weight" not in shapes:
        return None
    names = [f"fusers.{index}.linear.weight" for index in range(MAX_LAYERS)]
    return GligenConfig(
        widths=tuple(size(shapes, name, 0, dimensions=2) for name in names if name in shapes),
        text_width=size(shapes, "position_net.null_positive_feature", 0, dimensions=1),
        token_width=size(shapes, "position_net.linears.4.weight", 0, dimensions=2),
        hidden=size(shapes, "position_net.linears.0.weight", 0, dimensions=2),
        frequencies=size(shapes, "position_net.null_position_feature", 0, dimensions=1) // (2 * COORDINATES),
    )
