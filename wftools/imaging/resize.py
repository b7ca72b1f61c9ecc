"""Images and masks at a size that is said in one of several ways."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from wftools.imaging.resample import resample

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor


def resize(pixels: Tensor, how: Mapping[str, Any], method: str) -> Tensor:
    """Images (B, H, W, C) or masks (B, H, W) at the size that `how` says, in the words of ResizeImageMaskNode.

    `width` and `height`, where 0 keeps the aspect ratio; `multiplier`; `longer_size`; `shorter_size`; `megapixels` of
    2**20; the size of `match`; or the sides cut down to a `multiple`. `crop` as `resample` takes it.
    """
    samples = pixels.movedim(-1, 1) if pixels.ndim == 4 else pixels.unsqueeze(1)  # (B, C, H, W)
    if "multiple" in how:
        resized = _cut_to_multiple(samples, how["multiple"], method)
    elif size := _size(samples.shape[-1], samples.shape[-2], how):
        resized = resample(samples, *size, method, how.get("crop", "disabled"))
    else:
        return pixels
    return resized.movedim(1, -1) if pixels.ndim == 4 else resized.squeeze(1)


def _size(width: int, height: int, how: Mapping[str, Any]) -> tuple[int, int] | None:
    """Width and height, rounded as ComfyUI rounds them; None to keep both."""
    match how:
        case {"match": other}:
            return other.shape[2], other.shape[1]
        case {"multiplier": factor}:
            return round(width * factor), round(height * factor)
        case {"longer_size": side}:
            return round(width / max(width, height) * side), round(height / max(width, height) * side)
        case {"shorter_size": side}:
            return round(width / min(width, height) * side), round(height / min(width, height) * side)
        case {"megapixels": megapixels}:
            factor = math.sqrt(int(megapixels * 2**20) / (width * height))
            return round(width * factor), round(height * factor)
        case _:
            columns, rows = how.get("width", 0), how.get("height", 0)
            if not columns and not rows:
                return None
            return columns or max(1, round(width * rows / height)), rows or max(1, round(height * columns / width))


def _cut_to_multiple(samples: Tensor, multiple: int, method: str) -> Tensor:
    """Samples whose sides are the largest multiples that fit into them: scaled to cover these, and cut in the middle.

    As they are where a side is shorter than `multiple`.
    """
    height, width = samples.shape[-2:]
    columns, rows = width // multiple * multiple, height // multiple * multiple
    if not columns or not rows or (columns, rows) == (width, height):
        return samples
    if columns / width >= rows / height:
        covering = columns, max(rows, math.ceil(height * (columns / width)))
    else:
        covering = max(columns, math.ceil(width * (rows / height))), rows
    x, y = (covering[0] - columns) // 2, (covering[1] - rows) // 2
    return resample(samples, *covering, method)[..., y : y + rows, x : x + columns]
