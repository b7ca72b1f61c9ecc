"""PhotoMaker's network: its config, and how it is read off a file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wftools.weights.networks import find
from wftools.weights.networks.clip_vision import ClipVisionConfig, infer_clip_vision
from wftools.weights.networks.shapes import Shapes, size

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wftools.weights.networks import Part
    from wftools.weights.tensorfile import TensorFile

PREFIXES: Final = ("id_encoder.", "")  # in the published file, beside a LoRA; alone
VISION: Final = "vision."

IGNORED: Final = re.compile(r"(.*\.)?position_ids")
_VISION_MODEL: Final = "vision_model."
_PROJECTION: Final = "visual_projection.weight"


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoMakerConfig:
    """A vision encoder with a second projection, and what fuses a person with a word (Li et al. 2023)."""

    vision: ClipVisionConfig = ClipVisionConfig()  # noqa: RUF009  it is frozen
    second_width: int = 1280  # of the second projection: with the first it is as wide as the text

    @property
    def text_width(self) -> int:
        """Of SDXL's two text encoders together."""
        return (self.vision.projection_width or 0) + self.second_width


def find_photomaker(file: TensorFile) -> Part[PhotoMakerConfig] | None:
    """PhotoMaker in a file; None if it is not there. Raises InputError if it is there and cannot be built."""
    prefix = next((prefix for prefix in PREFIXES if f"{prefix}{_PROJECTION}" in file.tensors), "")
    inner = file.below(prefix)
    names = {}
    for name in inner.tensors:
        if name.startswith(_VISION_MODEL):
            names[VISION + name.removeprefix(_VISION_MODEL)] = name
        else:
            names[VISION + name if name == _PROJECTION else name] = name
    return find(inner.renamed(names), "photomaker", ("",), infer_photomaker, IGNORED)


def infer_photomaker(shapes: Shapes, hidden: Mapping[str, int]) -> PhotoMakerConfig | None:
    """Read the config off PhotoMaker's tensor names and shapes; None if it is not there. Reads no data.

    Raises InputError if a tensor that tells is missing.
    """
    if "fuse_module.layer_norm.weight" not in shapes:
        return None
    of_vision = {name.removeprefix(VISION): shape for name, shape in shapes.items() if name.startswith(VISION)}
    vision = infer_clip_vision(of_vision, hidden)
    if vision is None:
        return None
    return PhotoMakerConfig(vision=vision, second_width=size(shapes, "visual_projection_2.weight", 0, dimensions=2))
