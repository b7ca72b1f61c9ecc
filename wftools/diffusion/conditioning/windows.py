"""Context windows: a latent that is longer than a network was trained for is seen in pieces, which are fused.

Each evaluation of the conditionings is one for every window, so that guidance, which comes after, and the sampler see
one prediction. FreeNoise (Qiu et al. 2023) makes the noise of later windows of that of earlier ones.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import torch

from wftools.diffusion.conditioning.run import RunCond, alone
from wftools.diffusion.conditioning.window_schedules import WINDOW_SCHEDULES, Spacing
from wftools.diffusion.guidance import Guidance
from wftools.errors import RunError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from torch import Tensor

    from wftools.diffusion.guidance import Evaluate, Question
    from wftools.values import Conditioning, Model

RELATIVE: Final = "relative"
LEAST_SHARE: Final = 1e-2  # of the middle of a window that its edges have, with the relative fusing
TINY: Final = 1e-37  # where ramps begin, so that what only they cover is not divided by zero

# An input of networks for videos: how many of the batch's latents are the frames of one.
FRAMES: Final = "frames"


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """Some indices along one axis of a latent."""

    indices: list[int]
    axis: int
    count: int  # of the whole latent along that axis
    axes: int  # of the latent, (B, C, …)
    anchor: int | None  # the index before them, which the network sees, too

    def of(self, whole: Tensor, axis: int, retained: Sequence[int] = ()) -> Tensor:
        """What a tensor has there along an axis; at the retained positions what the whole one has at them."""
        seen = self.indices if self.anchor is None else [self.anchor, *self.indices]
        part = whole[(slice(None),) * axis + (seen,)]
        if retained:
            if not all(-len(seen) <= position < len(seen) for position in retained):
                raise RunError(f"the positions {list(retained)} cannot be retained in a window of {len(seen)}")
            at = (slice(None),) * axis + (list(retained),)
            part[at] = whole[at]
        return part

    def without_anchor(self, answer: Tensor) -> Tensor:
        """The network's answer to what it saw, at the indices."""
        return answer if self.anchor is None else answer.narrow(self.axis, 1, len(self.indices))

    def sees(self, cond: RunCond, retained: Sequence[int]) -> RunCond:
        """The cond with what it says of the whole latent cut to the window."""
        tensors = {
            name: self._cut(tensor, self.axis, retained) if self.axis == 0 or tensor.ndim == self.axes else tensor
            for name, tensor in cond.inputs.tensors.items()
        }
        shared = cond.inputs.shared
        if FRAMES in shared:
            shared = {**shared, FRAMES: len(self.indices)}
        mask = None if cond.mask is None else self._cut(cond.mask, max(0, self.axis - 1), ())  # has no channels
        return replace(cond, mask=mask, inputs=replace(cond.inputs, tensors=tensors, shared=shared))

    def _cut(self, tensor: Tensor, axis: int, retained: Sequence[int]) -> Tensor:
        goes_along = axis < tensor.ndim and tensor.shape[axis] == self.count
        return self.of(tensor, axis, retained) if goes_along else tensor


@dataclass(frozen=True, slots=True, eq=False)
class ContextWindows:
    """Evaluates conditionings window by window: a `guidance.Around`."""

    spacing: Spacing
    schedule: str
    fusing: str
    axis: int  # of latents (B, C, …)
    retained_in_latents: tuple[int, ...] = ()  # positions at which every window shows the beginning of the whole
    retained_in_inputs: tuple[int, ...] = ()
    splits_conds: bool = False  # of several conds each window is asked about with one
    has_anchor: bool = True  # the network sees the index before each window, too

    def __call__(self, question: Question, /, evaluate: Evaluate) -> tuple[Tensor, ...]:
        """The answer for the whole latent; one that is no longer than a window is evaluated as it is."""
        x = question.x
        if self.axis >= x.ndim:
            raise RunError(f"context windows go along axis {self.axis}, the latent has the axes 0 to {x.ndim - 1}")
        count = x.shape[self.axis]
        if count <= self.spacing.length:
            return evaluate(question)
        self._check(x)
        fused = _Relative(x, self.axis) if self.fusing == RELATIVE else _Weighted(x, self.axis, self._weights)
        for indices in WINDOW_SCHEDULES[self.schedule](count, self.spacing, self._step(question)):
            window = self._window(indices, x)
            branches = tuple(self._seen(question, conds, window) for conds in question.branches)
            part = window.of(x, self.axis, self.retained_in_latents)
            answers = evaluate(replace(question, x=part, branches=branches))
            fused.add(window, [window.without_anchor(answer) for answer in answers])
        return fused.whole()

    def _check(self, x: Tensor) -> None:
        if self.axis == 1:
            raise RunError("context windows cannot go along the channels of a latent (dim 1)")
        if self.axis != 0 and len(x) > 1:
            raise RunError(
                f"context windows along axis {self.axis} take one latent at a time, this is a batch of {len(x)}"
            )
        if self.schedule != "batched" and self.spacing.overlap >= self.spacing.length:
            raise RunError(
                f"context windows of {self.spacing.length} cannot overlap by {self.spacing.overlap}",
                hint="make context_overlap less than context_length",
            )

    def _step(self, question: Question) -> int:
        """The step that a call belongs to; calls between two steps belong to the one before."""
        sampling = question.sampling
        if sampling.sigmas is None:
            return 0
        same = torch.isclose(sampling.sigmas, question.sigma.to(sampling.sigmas), rtol=1e-4).nonzero()
        if len(same):
            sampling.memory[self] = int(same[0])
        step: int = sampling.memory.get(self, 0)
        return step

    def _window(self, indices: list[int], x: Tensor) -> Window:
        count = x.shape[self.axis]
        if max(indices) >= count:
            raise RunError(
                f"a context window has the indices {indices}, the latent has {count}",
                hint="choose a smaller context_stride, or another context_schedule",
            )
        before = indices[0] - 1
        return Window(indices, self.axis, count, x.ndim, before if self.has_anchor and 0 <= before < count else None)

    def _seen(self, question: Question, conds: Conditioning | None, window: Window) -> Conditioning | None:
        """A conditioning as it is for a window."""
        if conds is None:
            return None
        if self.splits_conds and len(conds) > 1:
            middle = (min(window.indices) + max(window.indices)) / (2 * window.count)
            conds = (conds[int(middle * len(conds))],)
        ready = (
            cond if isinstance(cond, RunCond) else alone(question.model, cond, question.sampling) for cond in conds
        )
        return tuple(window.sees(cond, self.retained_in_inputs) for cond in ready)

    def _weights(self, window: Window) -> Tensor:
        return FUSINGS[self.fusing](window, self.spacing.overlap)


# Fusing


class _Weighted:
    """The weighted mean of what windows say of each index."""

    def __init__(self, x: Tensor, axis: int, weights: Callable[[Window], Tensor]) -> None:
        self._x, self._axis, self._weights = x, axis, weights
        self._sums: list[Tensor] = []
        self._total = x.new_zeros(x.shape[axis])

    def add(self, window: Window, answers: Sequence[Tensor]) -> None:
        weights = self._weights(window).to(self._x)
        self._sums = self._sums or [torch.zeros_like(self._x) for _ in answers]
        self._total[window.indices] += weights
        for total, answer in zip(self._sums, answers, strict=True):
            total[(slice(None),) * self._axis + (window.indices,)] += answer * self._along(weights)

    def whole(self) -> tuple[Tensor, ...]:
        return tuple(total / self._along(self._total) for total in self._sums)

    def _along(self, values: Tensor) -> Tensor:
        return values.reshape(-1, *[1] * (self._x.ndim - self._axis - 1))


class _Relative:
    """A running mean: what a window says of an index counts by how near it is to the window's middle."""

    def __init__(self, x: Tensor, axis: int) -> None:
        self._x, self._axis = x, axis
        self._means: list[Tensor] = []
        self._totals = [0.0] * x.shape[axis]

    def add(self, window: Window, answers: Sequence[Tensor]) -> None:
        self._means = self._means or [torch.zeros_like(self._x) for _ in answers]
        first, last = window.indices[0], window.indices[-1]
        for position, index in enumerate(window.indices):
            nearness = 1 - abs(index - (first + last) / 2) / ((last - first + LEAST_SHARE) / 2)
            share = max(LEAST_SHARE, nearness)
            before = self._totals[index]
            self._totals[index] = before + share
            for mean, answer in zip(self._means, answers, strict=True):
                here = mean.select(self._axis, index)
                there = answer.select(self._axis, position)
                here.copy_(here * (before / (before + share)) + there * (share / (before + share)))

    def whole(self) -> tuple[Tensor, ...]:
        return tuple(self._means)


def flat(window: Window, _overlap: int) -> Tensor:
    """All the same."""
    return torch.ones(len(window.indices))


def pyramid(window: Window, _overlap: int) -> Tensor:
    """1, 2 … up to the middle and down again."""
    length = len(window.indices)
    upwards = torch.arange(1.0, length + 1)
    return torch.minimum(upwards, upwards.flip(0))


def overlap_linear(window: Window, overlap: int) -> Tensor:
    """Ramps where other windows are expected, 1 between them. Raises RunError for a window shorter than a ramp."""
    weights = flat(window, overlap)
    if overlap > len(weights):
        raise RunError(
            f"a context window of {len(weights)} is shorter than the overlap of {overlap}",
            hint="choose another fuse_method than overlap-linear, or a smaller context_overlap",
        )
    if overlap and min(window.indices) > 0:
        weights[:overlap] = torch.linspace(TINY, 1, overlap)
    if overlap and max(window.indices) < window.count - 1:
        weights[-overlap:] = torch.linspace(1, TINY, overlap)
    return weights


FUSINGS: Final[Mapping[str, Callable[[Window, int], Tensor]]] = {
    "pyramid": pyramid,
    "flat": flat,
    "overlap-linear": overlap_linear,
}


# FreeNoise


@dataclass(frozen=True, slots=True)
class FreeNoise:
    """Noise whose later parts along an axis are earlier ones in another order: a `guidance.NoiseChange`."""

    axis: int
    length: int  # of a window
    overlap: int

    def __call__(self, noise: Tensor, seed: int, /) -> Tensor:
        """The noise with the first window's as it is."""
        if self.axis >= noise.ndim:
            return noise
        count, delta = noise.shape[self.axis], self.length - self.overlap
        if count > self.length and delta <= 0:
            raise RunError(f"context windows of {self.length} cannot overlap by {self.overlap}")
        source = torch.Generator().manual_seed(seed)
        noise = noise.clone()
        along = noise.movedim(self.axis, 0)  # a view
        for start in range(0, count - self.length, delta):
            place = start + self.length
            block = min(delta, count - place)
            along[place : place + block] = along[torch.randperm(block, generator=source) + start]
        return noise


# Nodes


def with_windows(
    model: Model,
    *,
    spacing: Spacing,
    schedule: str,
    fusing: str,
    axis: int,
    has_free_noise: bool,
    retained_in_inputs: str = "",
    retained_in_latents: str = "",
    splits_conds: bool = False,
    has_anchor: bool = True,
) -> Model:
    """A model that is asked window by window, in place of the windows that it had. Positions are written `0, 4`.

    Raises RunError for positions that are no numbers.
    """
    windows = ContextWindows(
        spacing,
        schedule,
        fusing,
        axis,
        retained_in_latents=positions(retained_in_latents, "latent_retain_index_list"),
        retained_in_inputs=positions(retained_in_inputs, "cond_retain_index_list"),
        splits_conds=splits_conds,
        has_anchor=has_anchor,
    )
    noise = FreeNoise(axis, spacing.length, spacing.overlap) if has_free_noise else same_noise
    return model.with_guidance(Guidance(windows=windows, noise=noise))


def same_noise(noise: Tensor, _seed: int, /) -> Tensor:
    """The noise as it is."""
    return noise


def positions(text: str, name: str) -> tuple[int, ...]:
    """Numbers with commas between them."""
    try:
        return tuple(int(each) for each in text.split(",")) if text else ()
    except ValueError as error:
        raise RunError(f"{name} is {text!r}, expected whole numbers with commas between them") from error
