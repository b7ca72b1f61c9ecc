"""Images as bytes and as Pillow's pictures: values are multiplied by 255, and fractions are dropped or rounded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from PIL import Image

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor


def in_bytes(values: Tensor) -> NDArray[np.uint8]:
    """0..1 as 0..255, clipped. What is not a number is 0."""
    return values.float().nan_to_num(0.0).mul(255).clamp(0, 255).to("cpu", torch.uint8).numpy()


def in_nearest_bytes(values: Tensor) -> NDArray[np.uint8]:
    """The same, rounded half to even."""
    return values.float().nan_to_num(0.0).mul(255).round().clamp(0, 255).to("cpu", torch.uint8).numpy()


def to_picture(image: Tensor) -> Image.Image:
    """An image (H, W, C) of 1 to 4 channels as a picture of the mode L, LA, RGB or RGBA."""
    pixels = in_bytes(image)
    return Image.fromarray(pixels.squeeze(-1) if pixels.shape[-1] == 1 else pixels)


def to_image(picture: Image.Image) -> Tensor:
    """A picture as an image (H, W, C), float32 in 0..1."""
    pixels = np.asarray(picture, np.float32) / 255
    return torch.from_numpy(pixels if pixels.ndim == 3 else pixels[..., None])
