"""Images of few colours."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np
import torch
from PIL import Image

from wftools.imaging.checks import check
from wftools.imaging.eight_bits import in_bytes, to_image

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor

_DITHERING: Final = {"none": Image.Dither.NONE, "floyd-steinberg": Image.Dither.FLOYDSTEINBERG}


def quantize(image: Tensor, colors: int, dither: str) -> Tensor:
    """An image (B, H, W, C) in at most so many colours, chosen for each picture by median cut; alpha as it was.

    `dither`: "none", "floyd-steinberg" or an ordered one, "bayer-4" with a matrix of 4 x 4. Values are cut down to 8
    bits before, as in ComfyUI.
    """
    check(image, "colours are chosen for", 3, 4)
    quantized = [to_image(_quantized(picture, colors, dither)) for picture in in_bytes(image[..., :3])]
    return torch.cat([torch.stack(quantized).to(image), image[..., 3:]], dim=-1)


def _quantized(pixels: NDArray[np.uint8], colors: int, dither: str) -> Image.Image:
    """One picture (H, W, 3)."""
    picture = Image.fromarray(pixels)
    palette = picture.quantize(colors)
    if dither.startswith("bayer"):
        spread = 2 * 256 / (len(palette.getpalette() or ()) // 3)
        pattern = spread * _bayer(int(dither.removeprefix("bayer-"))) + 0.5
        height, width = pixels.shape[:2]
        repeats = math.ceil(height / len(pattern)), math.ceil(width / len(pattern))
        dotted = pixels + np.tile(pattern, repeats)[:height, :width, None]
        picture = Image.fromarray(dotted.clip(0, 255).astype(np.uint8))
    return picture.quantize(palette=palette, dither=_DITHERING.get(dither, Image.Dither.NONE)).convert("RGB")


def _bayer(side: int) -> NDArray[np.float32]:
    """The threshold matrix of Bayer 1973 for a power of two, its values evenly spaced in -0.5..0.5."""
    if side == 1:
        return np.zeros((1, 1), np.float32)
    steps = np.array([[-1.5, 0.5], [1.5, -0.5]], np.float32).repeat(side // 2, axis=0).repeat(side // 2, axis=1)
    return np.tile(_bayer(side // 2), (2, 2)) + steps / np.float32(side * side)
