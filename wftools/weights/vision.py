"""Encoders of pictures in files: in the layout of OpenCLIP or of transformers, below a prefix or alone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from wftools.weights.keymaps.openclip import VISION_NAMES, VISION_PROJECTION, as_transformers
from wftools.weights.networks import find
from wftools.weights.networks.clip_vision import infer_clip_vision

if TYPE_CHECKING:
    from wftools.weights.networks import Part
    from wftools.weights.networks.clip_vision import ClipVisionConfig
    from wftools.weights.tensorfile import TensorFile

NAME: Final = "clip_vision"
MODEL: Final = "vision_model."

_ALONE: Final = ("visual.", "")
_IGNORED: Final = re.compile(r"(.*\.)?position_ids|logit_scale|text_model\..*|text_projection(\.weight)?")


def find_vision(file: TensorFile, *prefixes: str) -> Part[ClipVisionConfig] | None:
    """The encoder of pictures below one of some prefixes, or alone in a file; None if it is not there."""
    return find(file, NAME, prefixes or _ALONE, infer_clip_vision, _IGNORED, _as_transformers)


def _as_transformers(file: TensorFile) -> TensorFile:
    if "class_embedding" not in file.tensors:
        return file
    inner = as_transformers(file, VISION_NAMES, VISION_PROJECTION)
    last = VISION_PROJECTION[1]
    return inner.renamed({name if name == last else MODEL + name: name for name in inner.tensors})
