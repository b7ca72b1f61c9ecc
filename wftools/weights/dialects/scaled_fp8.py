"""Eight-bit floats with a scale, as files of the first years of ComfyUI's fp8 have them.

PREFIX.scaled_fp8         marks every layer below the prefix; its type is that of the weights
LAYER.weight              float8
LAYER.scale_weight        one value: the weight is its numbers times this
LAYER.scale_input         the same for what is multiplied with it, where that is made float8 too; not needed here
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wftools.weights.source import Scaled

if TYPE_CHECKING:
    from wftools.weights.tensorfile import TensorFile

MARKER: Final = "scaled_fp8"
SCALE: Final = ".scale_weight"
INPUT_SCALE: Final = ".scale_input"


def understood(file: TensorFile) -> TensorFile:
    """The file with a source for each weight that has a scale; the same file if it has no marker."""
    markers = {name for name in file.tensors if name == MARKER or name.endswith("." + MARKER)}
    prefixes = tuple(name.removesuffix(MARKER) for name in markers)
    sources: dict[str, Scaled] = {}
    keys = set(markers)
    for name in file.tensors:
        layer = name.removesuffix(SCALE).removesuffix(INPUT_SCALE)
        weight = layer + ".weight"
        if layer != name and name.startswith(prefixes) and weight in file.tensors:
            keys.add(name)
            if name.endswith(SCALE):
                sources[weight] = Scaled(file, weight, name)
    return file.said(sources, keys) if markers else file
