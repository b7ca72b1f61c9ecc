"""Pictures and masks for inpainting: what is shown to a model or a VAE in place of what is to be painted anew."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import torch
import torch.nn.functional as F  # noqa: N812

if TYPE_CHECKING:
    from torch import Tensor

CELL: Final = 8  # pixels a latent cell, along one side; ComfyUI takes it for every VAE here
COLOURS: Final = 3


def fitted(pixels: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
    """A picture (B, H, W, C) and its mask as (B, 1, H, W) at its size, both cut at the centre to whole cells."""
    mask = mask.reshape(-1, 1, *mask.shape[-2:])
    mask = F.interpolate(mask, size=pixels.shape[1:3], mode="bilinear")
    (top, height), (left, width) = ((side % CELL // 2, side // CELL * CELL) for side in pixels.shape[1:3])
    rows, columns = slice(top, top + height), slice(left, left + width)
    return pixels[:, rows, columns], mask[:, :, rows, columns]


def greyed(pixels: Tensor, mask: Tensor) -> Tensor:
    """A picture (B, H, W, C) whose colours are grey where a mask (B, 1, H, W) is 0.5 or more."""
    kept = 1.0 - mask.round().movedim(1, -1)  # (B, H, W, 1)
    colours, rest = pixels[..., :COLOURS], pixels[..., COLOURS:]
    return torch.cat([(colours - 0.5) * kept + 0.5, rest.expand(len(kept * colours), *rest.shape[1:])], dim=-1)


def grown(mask: Tensor, by: int) -> Tensor:
    """A mask (B, 1, H, W), rounded, and larger by about half of `by` pixels on each side."""
    if by == 0:
        return mask.round()
    height, width = mask.shape[-2:]
    square = torch.ones(1, 1, by, by)
    larger = F.conv2d(mask.round(), square, padding=math.ceil((by - 1) / 2)).clamp(0, 1)
    return larger[..., :height, :width].round()
