"""The first picture of what is seen from other sides or at other times, and where the camera stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from wftools.imaging.resample import resample

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from wftools.values import ClipVision, Vae

Place = tuple[float, float]
"""How high the camera stands, and how far around: in degrees from the first picture's."""


def first_picture(
    vision: ClipVision, vae: Vae, image: Tensor, width: int, height: int, *, noise: float = 0.0
) -> tuple[Tensor, Tensor]:
    """What is seen in a picture (1, B, C), and its latent at a size, with some noise on its pixels."""
    seen = vision.encode(image).image_embeds[None]
    pixels = resample(image.movedim(-1, 1), width, height, "bilinear", crop="center").movedim(1, -1)[..., :3]
    if noise > 0:
        pixels = pixels + torch.randn(pixels.shape) * noise
    return seen, vae.encode(pixels)


def moving(start: Place, step: Place, count: int) -> list[Place]:
    """Places on a path, each so far from the one before; added up, so that rounding adds up too, as in ComfyUI."""
    path = []
    high, around = start
    for _ in range(count):
        path.append((high, around))
        high, around = high + step[0], around + step[1]
    return path


def placed(seen: Tensor, places: Sequence[Place]) -> Tensor:
    """What is seen (1, B, C) with the places of a camera: (n, B, C + 4), Stable Zero123's context."""
    cameras = [_camera(high, around) for high, around in places]
    return torch.cat([torch.cat([seen, camera.expand(1, seen.shape[1], -1)], dim=-1) for camera in cameras])


def _camera(high: float, around: float) -> Tensor:
    """Liu et al. 2023: the change of height, sine and cosine of that around, and the first picture's own height."""
    high_, around_ = torch.tensor([high]), torch.deg2rad(torch.tensor([around]))
    upright = torch.deg2rad(90 - torch.zeros(1))
    return torch.stack([torch.deg2rad((90 - high_) - 90), around_.sin(), around_.cos(), upright], dim=-1)
