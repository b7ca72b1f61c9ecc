"""How often each of 256 brightnesses comes in a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import torch

from wftools.imaging.checks import check

if TYPE_CHECKING:
    from torch import Tensor

_LUMINANCE: Final = (0.2126, 0.7152, 0.0722)  # ITU-R BT.709-6, item 3.2


class Histograms(NamedTuple):
    """256 counts each."""

    rgb: list[int]  # the mean of the three colours, rounded down
    luminance: list[int]
    red: list[int]
    green: list[int]
    blue: list[int]


def histograms(image: Tensor) -> Histograms:
    """Of the first picture of a batch (B, H, W, C), its values cut down to 8 bits."""
    check(image, "brightnesses are counted in", 3, 4)
    red, green, blue = image[0, ..., :3].float().unbind(-1)
    weights = _LUMINANCE
    luminance = weights[0] * red + weights[1] * green + weights[2] * blue
    colors = [_counts(channel) for channel in (red, green, blue)]
    together = (colors[0] + colors[1] + colors[2]) // 3
    return Histograms(*(counts.tolist() for counts in (together, _counts(luminance), *colors)))


def _counts(channel: Tensor) -> Tensor:
    levels = channel.mul(255).clamp(0, 255).to(torch.uint8)
    return torch.bincount(levels.flatten(), minlength=256)
