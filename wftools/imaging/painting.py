"""What was drawn by hand over an image."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from PIL import Image

from wftools.imaging.checks import check
from wftools.imaging.eight_bits import to_image
from wftools.imaging.load import load_rgba
from wftools.memory import make_room

if TYPE_CHECKING:
    from pathlib import Path

    from torch import Tensor


def blank(width: int, height: int, color: tuple[int, int, int]) -> Tensor:
    """One image of one colour: (1, height, width, 3)."""
    make_room("the image", height, width, 3)
    return (torch.tensor(color) / 255).expand(1, height, width, 3).contiguous()


def painted(base: Tensor, drawing: Path | None) -> tuple[Tensor, Tensor]:
    """An image (1, H, W, 3) with the drawing of a file stretched over it, and the drawing's opacity (1, H, W)."""
    height, width = base.shape[1:3]
    if drawing is None:
        return base, torch.zeros(1, height, width)
    check(base, "drawings lie on", 3)
    picture = load_rgba(drawing)
    if picture.size != (width, height):
        picture = picture.resize((width, height), Image.Resampling.LANCZOS)
    pixels = to_image(picture).to(base)
    color, opacity = pixels[..., :3], pixels[..., 3:]
    return color * opacity + base * (1 - opacity), opacity.movedim(-1, 0)
