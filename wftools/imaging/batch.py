"""Put images of different sizes together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch.nn import functional

from wftools.imaging.resample import scale

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor


def batch(images: Sequence[Tensor]) -> Tensor:
    """One batch of all images, in order. The first one's size holds: the others are cropped to its aspect and scaled.

    If one of them has an alpha channel, the others get an opaque one.
    """
    height, width = images[0].shape[1:3]
    channels = max(image.shape[-1] for image in images)
    opaque = (functional.pad(image, (0, channels - image.shape[-1]), value=1.0) for image in images)
    return torch.cat([scale(image, width, height, "bilinear", "center") for image in opaque])
