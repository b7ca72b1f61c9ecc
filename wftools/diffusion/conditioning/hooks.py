"""Hooks: weights that are others while some conds are asked about, or at some of the time."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Final

import torch

from wftools.diffusion.adapters import adapters_in, changes
from wftools.diffusion.adapters.loading import adapter_tensors
from wftools.diffusion.checkpoint import load_checkpoint
from wftools.errors import RunError
from wftools.values import Hook, Hooks, HookWeights, Keyframe, Keyframes
from wftools.weights.keymaps.adapters import network_names, text_names
from wftools.weights.source import Weight, original

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from torch import Tensor

    from wftools.context import Context
    from wftools.values import Clip, Model, NoiseLevels
    from wftools.weights.source import Source

    Changes = Callable[[float], Mapping[str, Callable[[Source], Source]]]

# How strengths go from 0 to 1 between the first and the last keyframe; the order is ComfyUI's menu.
INTERPOLATIONS: Final[Mapping[str, Callable[[Tensor], Tensor]]] = {
    "linear": lambda t: t,
    "ease_in": lambda t: t**2,
    "ease_out": lambda t: 1 - (1 - t) ** 2,
    "ease_in_out": lambda t: (1 - torch.cos(t * math.pi)) / 2,
}


# What hooks change


@dataclass(frozen=True, slots=True, eq=False)
class AdapterWeights:
    """The changes in an adapter file."""

    tensors: Mapping[str, Tensor]

    def of_model(self, model: Model) -> Changes:
        """Those of a model."""
        return self._of(model.weights(), network_names)

    def of_clip(self, clip: Clip) -> Changes:
        """Those of text encoders."""
        return self._of(clip.weights(), text_names)

    def _of(self, weights: Mapping[str, Weight], names: Callable[[Iterable[str]], Mapping[str, str]]) -> Changes:
        found = adapters_in(self.tensors, names(weights), set())
        return partial(
            changes,
            {name: each for name, each in found.items() if name in weights and each.fits(weights[name].shape)},
        )


@dataclass(frozen=True, slots=True, eq=False)
class CheckpointWeights:
    """The way from a model's own weights to those of a checkpoint."""

    model: Mapping[str, Weight]
    clip: Mapping[str, Weight]

    def of_model(self, model: Model) -> Changes:
        """From those of a model. Raises RunError if they have other shapes."""
        return _towards(self.model, model.weights())

    def of_clip(self, clip: Clip) -> Changes:
        """From those of text encoders. Raises RunError if they have other shapes."""
        return _towards(self.clip, clip.weights())


def _towards(others: Mapping[str, Weight], weights: Mapping[str, Weight]) -> Changes:
    for name, weight in weights.items():
        if name in others and others[name].shape != weight.shape:
            raise RunError(
                f"a hook's checkpoint has the weight {name!r} in the shape {list(others[name].shape)}, "
                f"the model has it in {list(weight.shape)}",
                hint="choose a checkpoint of the model's kind",
            )
    both = {name: (others[name].source, original(weight.source)) for name, weight in weights.items() if name in others}
    return lambda strength: {
        name: partial(Towards, own=own, other=other, strength=strength) for name, (other, own) in both.items()
    }


@dataclass(frozen=True, slots=True, eq=False)
class Towards:
    """A weight that has gone from its own value in the direction of another one's: a `Source`."""

    before: Source
    own: Source  # before all changes
    other: Source
    strength: float

    def weight(self, dtype: torch.dtype, device: torch.device) -> Tensor:
        """The weight, changed anew."""
        weight, own, other = (each.weight(torch.float32, device) for each in (self.before, self.own, self.other))
        return (weight + self.strength * (other - own)).to(dtype)


# Making hooks


def adapter_hooks(
    name: str, context: Context, previous: Hooks | None, *, strength_model: float, strength_clip: float
) -> Hooks:
    """Hooks with one more, which changes weights as an adapter file says; without, if both strengths are 0."""
    if strength_model == strength_clip == 0.0:
        return previous or Hooks()
    weights = AdapterWeights(adapter_tensors(name, context))
    return combined(previous or Hooks(), Hooks((Hook(weights, strength_model, strength_clip),)))


def checkpoint_hooks(
    name: str, context: Context, previous: Hooks | None, *, strength_model: float, strength_clip: float
) -> Hooks:
    """Hooks with one more, which changes weights towards those of a checkpoint."""
    model, clip, _ = load_checkpoint(name, context)
    weights = CheckpointWeights(model.weights(), clip.weights())
    return combined(previous or Hooks(), Hooks((Hook(weights, strength_model, strength_clip),)))


def combined(*groups: Hooks | None) -> Hooks:
    """The hooks of some groups. What is in several of them takes effect once, as it is in the first."""
    each: list[Hook] = []
    known: list[HookWeights] = []
    for hook in (hook for group in groups if group is not None for hook in group.each):
        if not any(hook.weights is weights for weights in known):
            each.append(hook)
            known.append(hook.weights)
    return Hooks(tuple(each))


def with_keyframes(hooks: Hooks, keyframes: Keyframes) -> Hooks:
    """Hooks that change over time, as one."""
    own = Keyframes(keyframes.frames)
    return Hooks(tuple(replace(hook, keyframes=own) for hook in hooks.each))


def keyframes_with(previous: Keyframes | None, more: Iterable[Keyframe]) -> Keyframes:
    """Keyframes with more, in the order of their times."""
    frames = (*(() if previous is None else previous.frames), *more)
    return Keyframes(tuple(sorted(frames, key=lambda frame: frame.start_percent)))


def keyframes_between(strengths: Sequence[float], start_percent: float, end_percent: float) -> list[Keyframe]:
    """Keyframes of these strengths at equal distances; the first one stays for a step at least."""
    percents = torch.linspace(start_percent, end_percent, len(strengths)).tolist()
    return [
        Keyframe(percent, strength, guarantee_steps=int(index == 0))
        for index, (percent, strength) in enumerate(zip(percents, strengths, strict=True))
    ]


def interpolated(start: float, end: float, count: int, interpolation: str) -> list[float]:
    """So many strengths from one to another, in float32 as ComfyUI has them."""
    strengths: list[float] = (
        (end - start) * INTERPOLATIONS[interpolation](torch.linspace(0, 1, count)) + start
        if interpolation != "linear"
        else torch.linspace(start, end, count)
    ).tolist()
    return strengths


# Hooks in a run


class Timing:
    """Which of some keyframes counts, in one run, sigma after sigma."""

    def __init__(self, keyframes: Keyframes, levels: NoiseLevels, first_sigma: float) -> None:
        """`first_sigma`: the largest of the run; what begins before it, or with it, need not stay."""
        self._frames = keyframes.frames
        self._starts = torch.tensor([levels.at_percent(frame.start_percent) for frame in self._frames]).tolist()
        self._guaranteed = [
            0 if start > first_sigma else frame.guarantee_steps
            for start, frame in zip(self._starts, self._frames, strict=True)
        ]
        self._current = 0
        self._used = 0  # for how many sigmas the current one has counted
        self._sigma: float | None = None  # the last one

    def strength_at(self, sigma: float) -> float:
        """What the strengths of hooks are multiplied by. Sigmas are asked in the order of the run."""
        if not self._frames:
            return 1.0
        if sigma != self._sigma:
            self._sigma = sigma
            self._go_on(sigma)
            self._used += 1
        return self._frames[self._current].strength

    def _go_on(self, sigma: float) -> None:
        if self._used < self._guaranteed[self._current]:
            return
        for index in range(self._current + 1, len(self._frames)):
            if self._starts[index] < sigma:
                return
            self._current, self._used = index, 0
            if self._guaranteed[index] > 0:
                return


class GroupInRun:
    """The hooks of some conds in one run: which model they are asked of."""

    def __init__(self, hooks: Hooks, timings: Sequence[Timing]) -> None:
        """`timings`: of each hook's keyframes, shared by all hooks of the same."""
        self._hooks = hooks.each
        self._timings = timings
        self._changes: dict[Model, list[Changes]] = {}
        self._last: dict[Model, tuple[list[float], Model]] = {}  # the strengths, and the handle that has them

    def model_at(self, model: Model, sigma: float) -> Model:
        """The model with its weights as the hooks say at a sigma; the same handle as long as they say the same."""
        strengths = [
            hook.strength_model * timing.strength_at(sigma)
            for hook, timing in zip(self._hooks, self._timings, strict=True)
        ]
        last = self._last.get(model)
        if last is not None and last[0] == strengths:
            return last[1]
        if model not in self._changes:
            self._changes[model] = [hook.weights.of_model(model) for hook in self._hooks]
        hooked = model
        for changes_at, strength in zip(self._changes[model], strengths, strict=True):
            hooked = hooked.with_weights(changes_at(strength))
        self._last[model] = strengths, hooked
        return hooked


class HooksOfRun:
    """The hooks of all conds in one run: what is the same in several of them is one."""

    def __init__(self, levels: NoiseLevels, first_sigma: float) -> None:
        """`first_sigma`: the largest of the run."""
        self._levels = levels
        self._first_sigma = first_sigma
        self._timings: dict[Keyframes, Timing] = {}
        self._groups: dict[Hooks, GroupInRun] = {}

    def of(self, hooks: Hooks) -> GroupInRun:
        """The hooks of a cond."""
        if hooks not in self._groups:
            self._groups[hooks] = GroupInRun(hooks, [self._timing(hook.keyframes) for hook in hooks.each])
        return self._groups[hooks]

    def _timing(self, keyframes: Keyframes) -> Timing:
        if keyframes not in self._timings:
            self._timings[keyframes] = Timing(keyframes, self._levels, self._first_sigma)
        return self._timings[keyframes]
