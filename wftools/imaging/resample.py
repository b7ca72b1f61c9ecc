"""Change the size of images and latents as ComfyUI does: torch's interpolation without antialiasing, or Lanczos.

Samples are (B, C, H, W), as latents are; `scale` takes images (B, H, W, C).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch
from PIL import Image
from torch.nn import functional

from wftools.errors import RunError
from wftools.imaging.eight_bits import to_image, to_picture
from wftools.memory import make_room

if TYPE_CHECKING:
    from torch import Tensor

PARALLEL = 1e-5  # how far the cosine of parallel vectors may be from 1


def resample(samples: Tensor, width: int, height: int, method: str, crop: str = "disabled") -> Tensor:
    """Samples (B, C, H, W) at another size. With crop "center" the middle part of the new aspect ratio is taken."""
    if width < 1 or height < 1:
        raise RunError(f"a size of {width} x {height} has no pixels", hint="scale by more, or to a larger size")
    if not len(samples):
        raise RunError("an empty batch cannot be scaled", hint="look at what the batch was taken from")
    if crop == "center":
        samples = center_crop(samples, width / height)
        if not samples.shape[-1] or not samples.shape[-2]:
            raise RunError(f"no pixel is left of an image cropped to {width} : {height}", hint='set crop to "disabled"')
    make_room("the scaled images", *samples.shape[:2], height, width)
    if method == "lanczos":
        return lanczos(samples, width, height)
    if method == "bislerp":
        return bislerp(samples, width, height)
    if samples.shape[-2:] == (height, width):  # torch's methods give back each value as it was
        return samples
    return functional.interpolate(samples, size=(height, width), mode=method)


def scale(image: Tensor, width: int, height: int, method: str, crop: str = "disabled") -> Tensor:
    """An image at another size. A width or height of 0 keeps the aspect ratio, both of 0 keep the image."""
    if width == height == 0:
        return image
    old_height, old_width = image.shape[1:3]
    width = width or max(1, round(old_width * height / old_height))
    height = height or max(1, round(old_height * width / old_width))
    return _resampled(image, width, height, method, crop)


def scale_by(image: Tensor, factor: float, method: str) -> Tensor:
    """An image whose sides are multiplied by `factor`, rounded half to even."""
    height, width = image.shape[1:3]
    return _resampled(image, round(width * factor), round(height * factor), method)


def scale_to_pixels(image: Tensor, megapixels: float, steps: int, method: str) -> Tensor:
    """An image of about `megapixels` * 2**20 pixels, its sides rounded to multiples of `steps`."""
    height, width = image.shape[1:3]
    factor = math.sqrt(megapixels * 2**20 / (width * height))
    columns, rows = round(width * factor / steps), round(height * factor / steps)
    return _resampled(image, columns * steps, rows * steps, method)


def scale_to_side(image: Tensor, longest: int, method: str) -> Tensor:
    """An image whose longer side is `longest`."""
    height, width = image.shape[1:3]
    longer = max(width, height)
    return _resampled(image, round(width / longer * longest), round(height / longer * longest), method)


def center_crop(samples: Tensor, aspect: float) -> Tensor:
    """The middle part of samples (B, C, H, W) with the aspect ratio `aspect` (width / height).

    As much is cut from one edge as from the opposite one: half the excess, rounded half to even as Python does it.
    """
    height, width = samples.shape[-2:]
    old_aspect = width / height
    x = round((width - width * (aspect / old_aspect)) / 2) if old_aspect > aspect else 0
    y = round((height - height * (old_aspect / aspect)) / 2) if old_aspect < aspect else 0
    return samples[..., y : height - y, x : width - x]


def lanczos(samples: Tensor, width: int, height: int) -> Tensor:
    """Samples (B, C, H, W), 1 to 4 channels, at another size with Pillow's Lanczos filter of three lobes.

    The values are clipped to 0..1 and cut down to 8 bits before, as in ComfyUI.
    """
    channels = samples.shape[1]
    if channels > 4:
        raise RunError(f"lanczos takes images of 1 to 4 channels, not {channels}", hint="choose another method")
    pictures = (to_picture(image) for image in samples.movedim(1, -1))
    resized = [to_image(each.resize((width, height), Image.Resampling.LANCZOS)) for each in pictures]
    return torch.stack(resized).movedim(-1, 1).to(samples.device)


def bislerp(samples: Tensor, width: int, height: int) -> Tensor:
    """Samples (B, C, H, W) at another size, the channels of neighbours turned into each other: first along W, then H.

    Spherical interpolation (Shoemake 1985) of the directions, linear of the lengths.
    """
    columns = _turned_along_last(samples.float(), width)
    return _turned_along_last(columns.transpose(-1, -2), height).transpose(-1, -2).to(samples.dtype)


def _turned_along_last(samples: Tensor, size: int) -> Tensor:
    """(B, C, H, W) -> (B, C, H, size)."""
    positions = torch.arange(samples.shape[-1], dtype=torch.float32, device=samples.device)
    at = functional.interpolate(positions[None, None, None], size=(1, size), mode="bilinear").flatten()
    after = functional.interpolate(
        (positions + 1).clamp(max=samples.shape[-1] - 1)[None, None, None], size=(1, size), mode="bilinear"
    ).flatten()
    return _slerp(samples[..., at.long()], samples[..., after.long()], at - at.floor())


def _slerp(one: Tensor, other: Tensor, ratio: Tensor) -> Tensor:
    """Between vectors along axis 1; as they are where they are parallel, straight where they are opposite."""
    lengths = [torch.linalg.vector_norm(each, dim=1, keepdim=True) for each in (one, other)]
    directions = [torch.nan_to_num(each / length) for each, length in zip((one, other), lengths, strict=True)]
    cosine = (directions[0] * directions[1]).sum(dim=1, keepdim=True)
    angle = cosine.acos()
    turned = ((1.0 - ratio) * angle).sin() / angle.sin() * directions[0]
    turned = turned + (ratio * angle).sin() / angle.sin() * directions[1]
    turned = turned * (lengths[0] * (1.0 - ratio) + lengths[1] * ratio)
    turned = torch.where(cosine > 1 - PARALLEL, one, turned)
    return torch.where(cosine < PARALLEL - 1, one * (1.0 - ratio) + other * ratio, turned)


def _resampled(image: Tensor, width: int, height: int, method: str, crop: str = "disabled") -> Tensor:
    return resample(image.movedim(-1, 1), width, height, method, crop).movedim(1, -1)
