"""Make batches of images fit each other: in size, in channels, in number."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch.nn import functional

from wftools.errors import RunError
from wftools.imaging.resample import scale

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from torch import Tensor


def batch(images: Sequence[Tensor]) -> Tensor:
    """One batch of all images, in order. The first one's size holds: the others are cropped to its aspect and scaled.

    If one of them has an alpha channel, the others get an opaque one.
    """
    height, width = images[0].shape[1:3]
    channels = max(image.shape[-1] for image in images)
    return torch.cat([scale(with_channels(image, channels), width, height, "bilinear", "center") for image in images])


def rebatch(images: Iterable[Tensor], size: int) -> list[Tensor]:
    """All images of all batches, in order, in batches of `size`; the last one may be smaller.

    Raises RunError if images of different sizes come into one batch.
    """
    singles = [image for batch_ in images for image in batch_]
    groups = [singles[start : start + size] for start in range(0, len(singles), size)]
    for group in groups:
        if len(shapes := {image.shape for image in group}) > 1:
            described = " and ".join(sorted(f"{width} x {height}" for height, width, *_ in shapes))
            raise RunError(f"images of {described} do not fit into one batch", hint="scale them to one size first")
    return [torch.stack(group) for group in groups]


def with_channels(image: Tensor, channels: int) -> Tensor:
    """An image (…, C) with so many channels: the last ones are cut off, or an opaque alpha channel is added."""
    if image.shape[-1] >= channels:
        return image[..., :channels]
    return functional.pad(image, (0, channels - image.shape[-1]), value=1.0)


def to_batch(tensor: Tensor, size: int) -> Tensor:
    """As many items as asked for: cut, or repeated from the first again. Raises RunError if there is none to repeat."""
    if len(tensor) >= size:
        return tensor[:size]
    _check_filled(tensor)
    return tensor[torch.arange(size, device=tensor.device) % len(tensor)]


def to_longest(*batches: Tensor) -> tuple[Tensor, ...]:
    """Batches of one length, that of the longest; shorter ones repeat their last item. Raises as `to_batch` does."""
    _check_filled(*batches)
    size = max(map(len, batches))
    return tuple(tensor[torch.arange(size, device=tensor.device).clamp(max=len(tensor) - 1)] for tensor in batches)


def _check_filled(*batches: Tensor) -> None:
    if not all(map(len, batches)):
        raise RunError("an empty batch cannot be repeated", hint="look at what the batch was taken from")
