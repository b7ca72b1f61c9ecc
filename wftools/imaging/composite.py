"""Put images on images: through a mask, and by the operators of Porter and Duff."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import torch

from wftools.errors import RunError
from wftools.imaging.batch import to_batch, with_channels
from wftools.imaging.resample import resample

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from torch import Tensor


def paste(
    destination: Tensor, source: Tensor, x: int, y: int, mask: Tensor | None = None, *, is_fitted: bool = False
) -> Tensor:
    """Samples (B, C, …, H, W) with others put on them from (x, y) on, to the share that `mask` (B, H, W) says.

    The mask is stretched over the source. What reaches over the edge is left out. `is_fitted`: the source is stretched
    over the destination first.
    """
    if source.shape[1:-2] != destination.shape[1:-2]:
        raise RunError(
            f"what is of the shape {list(source.shape)} cannot be laid upon {list(destination.shape)}",
            hint="they are latents of two families",
        )
    if is_fitted:
        source = resample(source, destination.shape[-1], destination.shape[-2], "bilinear")
    source = to_batch(source, len(destination)).to(destination)
    height, width = source.shape[-2:]
    if mask is None:
        share = torch.ones_like(source)
    else:
        stretched = resample(mask.reshape(-1, 1, *mask.shape[-2:]), width, height, "bilinear")
        stretched = to_batch(stretched, len(source)).to(destination)
        share = stretched.reshape(len(source), *[1] * (source.ndim - 3), height, width)

    result = destination.clone()
    under = result[..., y : y + height, x : x + width]
    rows, columns = under.shape[-2:]
    share = share[..., :rows, :columns]
    under.copy_(share * source[..., :rows, :columns] + (1 - share) * under)
    return result


def composite(
    destination: Tensor, source: Tensor, x: int, y: int, mask: Tensor | None = None, *, is_fitted: bool = False
) -> Tensor:
    """`paste` for images (B, H, W, C); the source gets the channels of the destination."""
    source = with_channels(source, destination.shape[-1])
    pasted = paste(destination.movedim(-1, 1), source.movedim(-1, 1), x, y, mask, is_fitted=is_fitted)
    return pasted.movedim(1, -1)


# (colour, alpha) of the source and of the destination, both multiplied by alpha already -> the same of the result.
# Porter and Duff 1984, and the blend modes of Android's PorterDuff.Mode.
OPERATORS: Final[Mapping[str, Callable[[Tensor, Tensor, Tensor, Tensor], tuple[Tensor, Tensor]]]] = {
    "ADD": lambda s, sa, d, da: ((s + d).clamp(0, 1), (sa + da).clamp(0, 1)),
    "CLEAR": lambda _s, _sa, d, da: (torch.zeros_like(d), torch.zeros_like(da)),
    "DARKEN": lambda s, sa, d, da: (_beside(s, sa, d, da) + torch.minimum(s, d), _union(sa, da)),
    "DST": lambda _s, _sa, d, da: (d, da),
    "DST_ATOP": lambda s, sa, d, da: (sa * d + (1 - da) * s, sa),
    "DST_IN": lambda _s, sa, d, da: (d * sa, sa * da),
    "DST_OUT": lambda _s, sa, d, da: ((1 - sa) * d, (1 - sa) * da),
    "DST_OVER": lambda s, sa, d, da: (d + (1 - da) * s, da + (1 - da) * sa),
    "LIGHTEN": lambda s, sa, d, da: (_beside(s, sa, d, da) + torch.maximum(s, d), _union(sa, da)),
    "MULTIPLY": lambda s, sa, d, da: (s * d, sa * da),
    "OVERLAY": lambda s, sa, d, da: (
        torch.where(2 * d < da, 2 * s * d, sa * da - 2 * (da - s) * (sa - d)),
        _union(sa, da),
    ),
    "SCREEN": lambda s, sa, d, da: (s + d - s * d, _union(sa, da)),
    "SRC": lambda s, sa, _d, _da: (s, sa),
    "SRC_ATOP": lambda s, sa, d, da: (da * s + (1 - sa) * d, da),
    "SRC_IN": lambda s, sa, _d, da: (s * da, sa * da),
    "SRC_OUT": lambda s, sa, _d, da: ((1 - da) * s, (1 - da) * sa),
    "SRC_OVER": lambda s, sa, d, da: (s + (1 - sa) * d, sa + (1 - sa) * da),
    "XOR": lambda s, sa, d, da: (_beside(s, sa, d, da), (1 - da) * sa + (1 - sa) * da),
}

_TRANSPARENT: Final = 1e-5  # an alpha by which nothing is divided


def porter_duff(
    source: Tensor, source_mask: Tensor, destination: Tensor, destination_mask: Tensor, operator: str
) -> tuple[Tensor, Tensor]:
    """Images (B, H, W, C) and masks (B, H, W), 1 where transparent, of two layers -> the same of the result.

    As many as there are of each; all at the size of the destination image. Raises RunError if the images have
    different channels.
    """
    if source.shape[-1] != destination.shape[-1]:
        raise RunError(
            f"the source has {source.shape[-1]} channels, the destination {destination.shape[-1]}",
            hint="take the alpha channel off with SplitImageWithAlpha",
        )
    count = min(len(source), len(source_mask), len(destination), len(destination_mask))
    d = destination[:count].movedim(-1, 1)  # (B, C, H, W)
    s = _fitted(source[:count].movedim(-1, 1), d)
    sa, da = (1 - _fitted(mask[:count].unsqueeze(1), d) for mask in (source_mask, destination_mask))

    color, alpha = OPERATORS[operator](s * sa, sa, d * da, da)
    straight = torch.where(alpha > _TRANSPARENT, color / alpha, 0).clamp(0, 1)
    return straight.movedim(1, -1), 1 - alpha.squeeze(1)


def _beside(s: Tensor, sa: Tensor, d: Tensor, da: Tensor) -> Tensor:
    """What each layer shows where the other one lets it."""
    return (1 - da) * s + (1 - sa) * d


def _union(sa: Tensor, da: Tensor) -> Tensor:
    return sa + da - sa * da


def _fitted(samples: Tensor, like: Tensor) -> Tensor:
    """Samples (B, C, H, W) at the size of others, cropped to their aspect."""
    if samples.shape[-2:] == like.shape[-2:]:
        return samples
    return resample(samples, like.shape[-1], like.shape[-2], "bicubic", "center")


def split_alpha(image: Tensor) -> tuple[Tensor, Tensor]:
    """The colours of an image, and a mask (B, H, W) of its transparency: 0 where it has no alpha channel."""
    alpha = image[..., 3] if image.shape[-1] > 3 else torch.ones_like(image[..., 0])
    return image[..., :3], 1 - alpha


def join_alpha(image: Tensor, mask: Tensor) -> Tensor:
    """An image with 1 - mask as its alpha channel; the mask is stretched over it, the shorter batch repeated."""
    count = max(len(image), len(mask))
    image, mask = to_batch(image, count), to_batch(mask, count)
    stretched = resample(mask.reshape(-1, 1, *mask.shape[-2:]), image.shape[2], image.shape[1], "bilinear")
    return torch.cat([image[..., :3], 1 - stretched.movedim(1, -1)], dim=-1)
