"""Latents scaled, cut, mixed and put together: what needs no network.

Samples are (B, C, …, H, W); where ComfyUI only knows pictures, videos are taken frame by frame.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING, Final

import torch
from torch import Tensor

from wftools.errors import RunError
from wftools.imaging.batch import to_batch
from wftools.imaging.resample import resample
from wftools.values import Latent

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

CELL: Final = 8  # pixels a latent cell, as the nodes that count in pixels take it for every family
LEAST_SIDE: Final = 64  # pixels of a side that follows from the other
AXES: Final = {"x": -1, "y": -2, "t": -3}


def resized(samples: Tensor, width: int, height: int, method: str, crop: str = "disabled") -> Tensor:
    """Samples with so many cells a side. Videos are scaled frame by frame."""
    if samples.ndim == 4:
        return resample(samples, width, height, method, crop)
    frames = samples.movedim(1, -3).reshape(-1, samples.shape[1], *samples.shape[-2:])  # (B * T, C, H, W)
    scaled = resample(frames, width, height, method, crop)
    return scaled.reshape(len(samples), *samples.shape[2:-2], *scaled.shape[1:]).movedim(-3, 1)


def upscaled(latent: Latent, method: str, width: int, height: int, crop: str) -> Latent:
    """A latent of so many pixels; a side of 0 follows from the other, and with both of 0 nothing happens."""
    if width == height == 0:
        return latent
    columns, rows = latent.samples.shape[-1], latent.samples.shape[-2]
    if width == 0:
        height = max(LEAST_SIDE, height)
        width = max(LEAST_SIDE, round(columns * height / rows))
    elif height == 0:
        width = max(LEAST_SIDE, width)
        height = max(LEAST_SIDE, round(rows * width / columns))
    else:
        width, height = max(LEAST_SIDE, width), max(LEAST_SIDE, height)
    return replace(latent, samples=resized(latent.samples, width // CELL, height // CELL, method, crop))


def upscaled_by(latent: Latent, method: str, factor: float) -> Latent:
    """A latent whose sides are multiplied, rounded half to even."""
    width, height = (round(side * factor) for side in (latent.samples.shape[-1], latent.samples.shape[-2]))
    if not width or not height:
        raise RunError(f"the latent would have no cell left at {factor} of its size", hint="use a larger factor")
    return replace(latent, samples=resized(latent.samples, width, height, method))


def cropped(latent: Latent, width: int, height: int, x: int, y: int) -> Latent:
    """The rectangle of so many pixels from (x, y) on, smaller where it reaches over the edge."""
    rows, columns = latent.samples.shape[-2:]
    left, top = (min(at // CELL, side - CELL) for at, side in ((x, columns), (y, rows)))
    right, bottom = left + width // CELL, top + height // CELL
    part = latent.samples[..., max(top, 0) : bottom, max(left, 0) : right]
    return replace(latent, samples=part)


def composed(below: Latent, above: Latent, x: int, y: int, feather: int) -> Latent:
    """One latent upon another from the pixel (x, y) on; the edges that lie inside fade over `feather` pixels."""
    _check_kin(below.samples, above.samples)
    _check_count(len(above.samples), len(below.samples))
    x, y, feather = x // CELL, y // CELL, feather // CELL
    rows, columns = below.samples.shape[-2:]
    part = above.samples[..., : max(rows - y, 0), : max(columns - x, 0)]
    height, width = part.shape[-2:]
    samples = below.samples.clone()
    under = samples[..., y : y + height, x : x + width]
    if feather:
        sides = (y > 0, y + above.samples.shape[-2] < rows, x > 0, x + above.samples.shape[-1] < columns)
        mask = _faded(height, width, feather, sides).to(part)
        part = part * mask + under * (1.0 - mask)
    samples[..., y : y + height, x : x + width] = part
    return replace(below, samples=samples)


def _faded(height: int, width: int, feather: int, sides: tuple[bool, bool, bool, bool]) -> Tensor:
    """A mask (height, width) of 1 that fades to the top, the bottom, the left and the right, if they are told to."""
    top, bottom, left, right = sides
    rows, columns = torch.ones(height), torch.ones(width)
    ramp = (torch.arange(feather) + 1) / feather
    for side, line, before, after in ((height, rows, top, bottom), (width, columns, left, right)):
        length = min(feather, side)
        if before:
            line[:length] *= ramp[:length]
        if after:
            line[side - length :] *= ramp[:length].flip(0)
    return rows[:, None] * columns


def blended(one: Latent, other: Latent, factor: float) -> Latent:
    """`factor` of one latent and the rest of another at its size."""
    samples = _at_size_of(one.samples, other.samples, "bicubic")
    if len(one.samples) != 1:
        _check_count(len(samples), len(one.samples))
    return replace(one, samples=one.samples * factor + samples * (1 - factor))


def combined(one: Latent, other: Latent, sign: int) -> Latent:
    """The sum of two latents, or with a sign of -1 their difference."""
    return replace(one, samples=one.samples + sign * _like(one.samples, other.samples))


def interpolated(one: Latent, other: Latent, ratio: float) -> Latent:
    """Between two latents: the direction of each cell's channels and their length, each by itself; 1 is the first."""
    first, second = one.samples, _like(one.samples, other.samples)
    lengths = _length(first), _length(second)
    mixed = _direction(first) * ratio + _direction(second) * (1.0 - ratio)
    return replace(one, samples=_direction(mixed) * (lengths[0] * ratio + lengths[1] * (1.0 - ratio)))


def _length(samples: Tensor) -> Tensor:
    length: Tensor = torch.linalg.vector_norm(samples, dim=1, keepdim=True)
    return length


def _direction(samples: Tensor) -> Tensor:
    """Cells of length 1; of length 0 where there is none."""
    return torch.nan_to_num(samples / _length(samples))


def joined(one: Latent, other: Latent, along: str) -> Latent:
    """Two latents side by side along an axis, the other one first if that is called "-x", "-y" or "-t"."""
    second = to_batch(other.samples, len(one.samples))
    pair = (second, one.samples) if along.startswith("-") else (one.samples, second)
    axis = AXES[along.removeprefix("-")]
    across = [[side for at, side in enumerate(each.shape) if at != each.ndim + axis] for each in pair]
    if across[0] != across[1] or one.samples.ndim != second.ndim:
        raise RunError(f"latents of {list(pair[0].shape)} and {list(pair[1].shape)} cannot be joined along {along[-1]}")
    return replace(one, samples=torch.cat(pair, dim=axis))


def cut(latent: Latent, along: str, index: int, amount: int) -> Latent:
    """So many cells along an axis from `index` on, which counts from the end if it is negative; at least one."""
    axis = AXES[along]
    side = latent.samples.shape[axis]
    first = min(index, side - 1) if index >= 0 else side + max(index, -side)
    return replace(latent, samples=latent.samples.narrow(axis, first, min(amount, side - first)))


def cut_to_batch(latent: Latent, along: str, size: int) -> Latent:
    """The slices of a latent along an axis as a batch; what is left over is left out."""
    samples = latent.samples
    axis = samples.ndim + AXES[along]
    if axis < 2:  # pictures have no time
        return latent
    size = min(size, samples.shape[axis])
    slices = samples.movedim(axis, 1)
    slices = slices[:, : slices.shape[1] // size * size]
    return replace(latent, samples=slices.reshape(-1, size, *slices.shape[2:]).movedim(1, axis))


def batched(first: Latent, *others: Latent) -> Latent:
    """The samples of some latents as one batch, all at the size of the first, each with the noise it had."""
    more = [_at_size_of(first.samples, other.samples, "bilinear") for other in others]
    indices = tuple(index for latent in (first, *others) for index in _indices(latent))
    return replace(first, samples=torch.cat([first.samples, *more]), batch_index=indices)


def rebatched(latents: Iterable[Latent], size: int) -> list[Latent]:
    """The samples of all latents, in order, in batches of `size`, or less where the next ones have another shape.

    Samples keep their masks and the noise that they would have had if they all had been one batch.
    """
    counted: list[Latent] = []
    for latent in latents:
        start = sum(len(each.samples) for each in counted)
        indices = tuple(range(start, start + len(latent.samples)))
        counted.append(replace(latent, batch_index=latent.batch_index or indices))
    batches = []
    for _, group in groupby(counted, key=lambda latent: latent.samples.shape[1:]):
        alike = list(group)
        samples = torch.cat([latent.samples for latent in alike])
        indices = tuple(index for latent in alike for index in latent.batch_index or ())
        mask = _joined_masks(alike)
        for start in range(0, len(samples), size):
            part = slice(start, start + size)
            own = None if mask is None or (mask[part] == 1).all() else mask[part]
            batches.append(Latent(samples[part], own, indices[part]))
    return batches


def _joined_masks(latents: Sequence[Latent]) -> Tensor | None:
    """The masks of latents of one size as one batch (B, 1, H, W), 1 where a latent has none; None if none has one."""
    masks = [latent.noise_mask for latent in latents]
    given = next((mask for mask in masks if mask is not None), None)
    if given is None:
        return None
    height, width = given.shape[-2:]
    joined_ = []
    for latent, mask in zip(latents, masks, strict=True):
        own = torch.ones(1, 1, height, width) if mask is None else mask.reshape(-1, 1, *mask.shape[-2:])
        joined_.append(to_batch(resample(own, width, height, "bilinear"), len(latent.samples)))
    return torch.cat(joined_)


def _indices(latent: Latent) -> tuple[int, ...]:
    return tuple(range(len(latent.samples))) if latent.batch_index is None else latent.batch_index


def taken(latent: Latent, index: int, length: int) -> Latent:
    """Samples `index` onwards, counted from the end if it is negative; each keeps its mask and its noise."""
    count = len(latent.samples)
    first = max(0, min(index + count if index < 0 else index, count - 1))
    last = min(count, first + length)
    mask = latent.noise_mask
    if mask is not None and len(mask) > 1:
        mask = to_batch(mask, max(len(mask), count))[first:last]
    return replace(
        latent, samples=latent.samples[first:last], noise_mask=mask, batch_index=_indices(latent)[first:last]
    )


def repeated(latent: Latent, amount: int) -> Latent:
    """The whole batch several times over. What has noise of its own gets another one in each repetition."""
    mask, indices = latent.noise_mask, latent.batch_index
    if mask is not None and len(mask) > 1:
        mask = to_batch(mask, max(len(mask), len(latent.samples)))
        mask = mask.repeat(amount, *[1] * (mask.ndim - 1))
    if indices:
        offset = max(indices) - min(indices) + 1
        indices = tuple(index + offset * repetition for repetition in range(amount) for index in indices)
    samples = latent.samples.repeat(amount, *[1] * (latent.samples.ndim - 1))
    return replace(latent, samples=samples, noise_mask=mask, batch_index=indices)


def seeded_alike(latent: Latent) -> Latent:
    """A batch whose samples all get the noise of the first."""
    return replace(latent, batch_index=(_indices(latent)[0],) * len(latent.samples))


def frames_replaced(below: Latent, above: Latent, index: int) -> Latent:
    """A video with another one's frames from `index` on; unchanged where they do not fit in."""
    frames, more = below.samples.shape[2], above.samples.shape[2]
    first = index + frames if index < 0 else index
    if first < 0 or first + more > frames:
        return below
    samples = below.samples.clone()
    samples[:, :, first : first + more] = above.samples
    return replace(above, samples=samples)


def _like(one: Tensor, other: Tensor) -> Tensor:
    """Samples at the size of others, as many of them."""
    return to_batch(_at_size_of(one, other, "bilinear"), len(one))


def _at_size_of(one: Tensor, other: Tensor, method: str) -> Tensor:
    """Samples at the size of others; the middle of another aspect ratio. Raises RunError for another kind of latent."""
    if other.shape[1:] != one.shape[1:]:
        other = resized(other, one.shape[-1], one.shape[-2], method, "center")
    _check_kin(one, other)
    return other


def _check_kin(one: Tensor, other: Tensor) -> None:
    """Raise RunError for latents of two families."""
    if one.ndim != other.ndim or one.shape[1:-2] != other.shape[1:-2]:
        raise RunError(
            f"latents of {list(one.shape)} and {list(other.shape)} do not go together", hint="they are of two families"
        )


def _check_count(count: int, others: int) -> None:
    """Raise RunError for a batch of latents that do not go one upon each of the others."""
    if count not in {1, others}:
        raise RunError(f"{count} latents do not go upon {others}", hint="give one, or as many")
