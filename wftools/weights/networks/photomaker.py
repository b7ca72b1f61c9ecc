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

IGNORED: Final = re.compile(r"(.*\.)?position_ids")


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoMakerConfig:
    """A vision encoder with a second projection, and what fuses a person with a word (Li et al. 2023)."""

    vision: ClipVisionConfig = ClipVisionConfig()  # noqa: RUF009  it is frozen
    second_width: int = 1280  # of the second projection: with the first it is as wide as the text

    @property
    def text_width(self) -> int:
        """Of SDXL's two text encoders together."""
        return self.vision.projection_width + self.second_width


def find_photomaker(file: TensorFile) -> Part[PhotoMakerConfig] | None:
    """PhotoMaker in a file; None if it is not there. Raises InputError if it is there and cannot be built."""
    return find(file, "photomaker", PREFIXES, infer_photomaker, IGNORED)


def infer_photomaker(shapes: Shapes, hidden: Mapping[str, int]) -> PhotoMakerConfig | None:
    """Read the config off PhotoMaker's tensor names and shapes; None if it is not there. Reads no data.

    Raises InputError if a tensor that tells is missing.
    """
    vision = infer_clip_vision(shapes, hidden) if "fuse_module.layer_norm.weight" in shapes else None
    if vision is None:
        return None
    return PhotoMakerConfig(vision=vision, second_width=size(shapes, "visual_projection_2.weight", 0, dimensions=2))
