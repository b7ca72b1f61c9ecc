"""Blur, sharpen and roughen images (B, H, W, C)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch.nn import functional

from wftools.errors import RunError

if TYPE_CHECKING:
    from torch import Tensor


def blur(image: Tensor, radius: int, sigma: float) -> Tensor:
    """A Gaussian over 2 * radius + 1 pixels a side, whose deviation is `sigma` times the radius."""
    column = _gaussian(radius, sigma)[:, None]
    return convolved(convolved(image, column / column.sum()), column.T / column.sum())


def sharpen(image: Tensor, radius: int, sigma: float, alpha: float) -> Tensor:
    """Unsharp masking: 10 * alpha times the difference from the blurred image is added, and clamped to 0..1.

    In one convolution, as ComfyUI does it: the large factor would show other roundings.
    """
    column = _gaussian(radius, sigma)[:, None]
    kernel = column * column.T
    kernel = kernel / kernel.sum() * -(alpha * 10)
    kernel[radius, radius] += 1 - kernel.sum()
    return convolved(image, kernel).clamp(0, 1)


def add_noise(image: Tensor, seed: int, strength: float) -> Tensor:
    """`strength` times normal noise on every channel, clamped to 0..1."""
    generator = torch.Generator().manual_seed(seed)
    noise = torch.randn(image.shape, generator=generator)
    return (image + strength * noise.to(image)).clamp(0, 1)


def convolved(image: Tensor, kernel: Tensor) -> Tensor:
    """Each channel convolved with a kernel (rows, columns), the image mirrored at its edges.

    Raises RunError if it is too small for that.
    """
    samples = image.movedim(-1, 1)
    channels = samples.shape[1]
    rows, columns = (size // 2 for size in kernel.shape)
    if rows >= samples.shape[2] or columns >= samples.shape[3]:
        raise RunError(
            f"a radius of {max(rows, columns)} is too large for an image of {samples.shape[3]} x {samples.shape[2]}",
            hint="choose a radius that is smaller than both sides",
        )
    padded = functional.pad(samples, (columns, columns, rows, rows), mode="reflect")
    weight = kernel.to(samples).expand(channels, 1, *kernel.shape)
    return functional.conv2d(padded, weight, groups=channels).movedim(1, -1)


def _gaussian(radius: int, sigma: float) -> Tensor:
    """The bell over -1..1, unscaled: (2 * radius + 1,)."""
    x = torch.linspace(-1, 1, 2 * radius + 1)
    return torch.exp(-(x**2) / (2 * sigma**2))
