"""Give images the colours of other images."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import torch

from wftools.imaging.checks import check
from wftools.imaging.color import lab_to_rgb, rgb_to_lab

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from torch import Tensor

    Map = Callable[[Tensor], Tensor]  # of the pixels (C, P) of a picture

_LEAST_DEVIATION: Final = 1e-6  # of a channel; what has only one colour is not divided by 0
_BINS: Final = 256


def transfer(
    image: Tensor, reference: Tensor, method: str, *, source: str, index: int = 0, strength: float = 1.0
) -> Tensor:
    """Images (B, H, W, C) with the colours of others, to the share `strength`; more than 1 exaggerates.

    `method` says what is matched: mean and deviation of each channel of L*a*b* ("reinhard_lab"), their mean and
    covariance ("mkl_lab"), or the distribution of each channel of RGB ("histogram").

    `source` says whose colours count as those of the images: each picture's own, to be matched to its picture of the
    reference ("per_frame"), or those of all ("uniform") or of picture `index` ("target_frame"), to be matched to all of
    the reference.
    """
    if not strength:
        return image
    is_lab = method.endswith("_lab")
    for each in (image, reference):
        check(each, f"{method} takes", 3 if is_lab else image.shape[-1])
    frames, references = ([_pixels(picture, is_lab) for picture in each] for each in (image, reference))
    fit = FITS[method]
    if source == "per_frame":
        last = len(references) - 1
        maps = [fit([frame], [references[min(i, last)]]) for i, frame in enumerate(frames)]
    else:
        sources = frames if source == "uniform" else [frames[min(index, len(frames) - 1)]]
        maps = [fit(sources, references)] * len(frames)

    matched = torch.stack([torch.lerp(frame, map_(frame), strength) for frame, map_ in zip(frames, maps, strict=True)])
    result = matched.movedim(1, -1).reshape(image.shape)
    return lab_to_rgb(result) if is_lab else result.clamp(0, 1)


def _pixels(picture: Tensor, is_lab: bool) -> Tensor:
    """(H, W, C) -> (C, P)."""
    colors = rgb_to_lab(picture.float()) if is_lab else picture.float()
    return colors.flatten(0, 1).T.contiguous()


def reinhard(sources: Sequence[Tensor], references: Sequence[Tensor]) -> Map:
    """Mean and deviation of each channel: Reinhard et al. 2001, Color Transfer between Images."""
    mean, deviation = _mean(sources), _deviation(sources)
    wanted_mean, wanted_deviation = _mean(references), _deviation(references)
    return lambda pixels: (pixels - mean) * (wanted_deviation / deviation) + wanted_mean


def monge_kantorovitch(sources: Sequence[Tensor], references: Sequence[Tensor]) -> Map:
    """Mean and covariance, by the linear map that moves colours least: Pitié and Kokaram 2007, section 4.

    For covariances A and B that is A^-1/2 (A^1/2 B A^1/2)^1/2 A^-1/2. With A = V S S V' and M M = S V' B V S it is
    V S^-1 M S^-1 V'.
    """
    mean, wanted_mean = _mean(sources), _mean(references)
    variances, axes = torch.linalg.eigh(_covariance(sources))
    deviations = variances.clamp(min=0).sqrt().clamp(min=_LEAST_DEVIATION)
    scaled = axes * deviations
    inner_variances, inner_axes = torch.linalg.eigh(scaled.T @ _covariance(references) @ scaled)
    root = (inner_axes * inner_variances.clamp(min=0).sqrt()) @ inner_axes.T
    unscaled = axes / deviations
    matrix = unscaled @ root @ unscaled.T
    return lambda pixels: matrix @ (pixels - mean) + wanted_mean


def histogram(sources: Sequence[Tensor], references: Sequence[Tensor]) -> Map:
    """The distribution of each channel, in 256 steps."""
    share, wanted = _distribution(sources), _distribution(references)
    table = torch.searchsorted(wanted, share).clamp(max=_BINS - 1) / (_BINS - 1)
    return lambda pixels: table.gather(1, _bins(pixels))


# How pixels are mapped so that those of some pictures come to be like those of others.
FITS: Final[Mapping[str, Callable[[Sequence[Tensor], Sequence[Tensor]], Map]]] = {
    "reinhard_lab": reinhard,
    "mkl_lab": monge_kantorovitch,
    "histogram": histogram,
}


def _mean(frames: Sequence[Tensor]) -> Tensor:
    """Of all pixels: (C, 1)."""
    return torch.stack([frame.mean(dim=1, keepdim=True) for frame in frames]).mean(dim=0)


def _deviation(frames: Sequence[Tensor]) -> Tensor:
    """Of each channel: (C, 1)."""
    mean = _mean(frames)
    variance = torch.stack([((frame - mean) ** 2).mean(dim=1, keepdim=True) for frame in frames]).mean(dim=0)
    return variance.sqrt().clamp(min=_LEAST_DEVIATION)


def _covariance(frames: Sequence[Tensor]) -> Tensor:
    """Of the channels: (C, C)."""
    mean = _mean(frames)
    return torch.stack([(frame - mean) @ (frame - mean).T / frame.shape[1] for frame in frames]).mean(dim=0)


def _distribution(frames: Sequence[Tensor]) -> Tensor:
    """The share of pixels up to each step: (C, 256)."""
    counts = torch.stack([torch.bincount(row, minlength=_BINS) for row in _bins(torch.cat(list(frames), dim=1))])
    running = counts.float().cumsum(dim=1)
    return running / running[:, -1:]


def _bins(pixels: Tensor) -> Tensor:
    return (pixels * (_BINS - 1)).long().clamp(0, _BINS - 1)
