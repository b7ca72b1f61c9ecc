"""Text encoders with hooks: a prompt is encoded as the hooks change the encoders, once for each stretch of time."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from torch import Tensor

    from wftools.diffusion.ops import Bypass
    from wftools.values import Clip, Cond, Conditioning, Hooks, Keyframe, Keyframes, TextOptions, Tokens
    from wftools.weights.source import Source, Weight


@dataclass(frozen=True, slots=True, eq=False)
class HookedClip:
    """Text encoders with hooks: a kind of `values.Clip`."""

    clip: Clip
    hooks: Hooks  # of the encoders
    is_scheduled: bool  # whether their keyframes count, too
    of_conds: Hooks | None  # which the conditionings are given, for the model

    def tokenised(self, texts: str | Mapping[str, str], pictures: Sequence[Tensor] = ()) -> Tokens:
        """A prompt as tokens."""
        return self.clip.tokenised(texts, pictures)

    def encode(self, tokens: Tokens, options: TextOptions | None = None) -> Conditioning:
        """The conditioning of some tokens; with a schedule, one after another of as many as it has stretches."""
        if not self.is_scheduled:
            strengths = [1.0] * len(self.hooks.each)
            return self._with_hooks(self._at(strengths).encode(tokens, options))
        return self._with_hooks(
            replace(cond, clip_start_percent=start, clip_end_percent=end)
            for start, end, strengths in stretches(self.hooks)
            for cond in self._at(strengths).encode(tokens, options)
        )

    def with_device(self, device: str | None) -> HookedClip:
        """A handle that computes on another device; None: on that which it was loaded for."""
        return replace(self, clip=self.clip.with_device(device))

    @property
    def options(self) -> TextOptions:
        """How the encoders are read."""
        return self.clip.options

    def with_options(self, options: TextOptions) -> HookedClip:
        """A handle that reads the encoders so."""
        return replace(self, clip=self.clip.with_options(options))

    def weights(self) -> Mapping[str, Weight]:
        """All weights by encoder and name, as they are before the hooks."""
        return self.clip.weights()

    def with_weights(self, changes: Mapping[str, Callable[[Source], Source]]) -> HookedClip:
        """A handle that shares all weights but these; the hooks come after them."""
        return replace(self, clip=self.clip.with_weights(changes))

    def with_bypasses(self, bypasses: Mapping[str, Bypass]) -> HookedClip:
        """A handle with these ways around layers, in place of all that it has."""
        return replace(self, clip=self.clip.with_bypasses(bypasses))

    def _at(self, strengths: Sequence[float]) -> Clip:
        clip = self.clip
        for hook, strength in zip(self.hooks.each, strengths, strict=True):
            clip = clip.with_weights(hook.weights.of_clip(self.clip)(hook.strength_clip * strength))
        return clip

    def _with_hooks(self, conditioning: Iterable[Cond]) -> Conditioning:
        if self.of_conds is None:
            return tuple(conditioning)
        return tuple(replace(cond, hooks=self.of_conds) for cond in conditioning)


def hooked(clip: Clip, hooks: Hooks | None, *, is_scheduled: bool, of_conds: bool) -> Clip:
    """Text encoders with hooks, in the place of those that they had; `of_conds`: conditionings get them, too."""
    if hooks is None:
        return clip
    if isinstance(clip, HookedClip):
        return HookedClip(clip.clip, hooks, is_scheduled, hooks if of_conds else clip.of_conds)
    return HookedClip(clip, hooks, is_scheduled, hooks if of_conds else None)


def stretches(hooks: Hooks) -> list[tuple[float, float, list[float]]]:
    """The time in stretches in which no strength changes: from, to, and the strength of each hook's keyframes.

    A hook of which no keyframe counts in a stretch has its full strength there.
    """
    schedules = [_schedule(hook.keyframes) for hook in hooks.each]
    borders = sorted(
        {0.0} | {border for schedule in schedules for start, end, _ in schedule for border in (start, end)}
    )
    return [
        (start, end, [_strength(schedule, start, end) for schedule in schedules]) for start, end in pairwise(borders)
    ]


def _strength(schedule: Sequence[tuple[float, float, float]], start: float, end: float) -> float:
    return next((strength for begin, until, strength in schedule if begin < end and until > start), 1.0)


def _schedule(keyframes: Keyframes) -> list[tuple[float, float, float]]:
    """From when to when each strength counts; a keyframe whose strength is the one before it is none."""
    if not keyframes.frames:
        return [(0.0, 1.0, 1.0)]
    schedule: list[tuple[float, float, float]] = []
    last: Keyframe = keyframes.frames[0]
    for frame in keyframes.frames:
        if frame.start_percent == last.start_percent:
            last = frame
        elif not math.isclose(frame.strength, last.strength):
            schedule.append((last.start_percent, frame.start_percent, last.strength))
            last = frame
    if not math.isclose(last.start_percent, 1.0):
        schedule.append((last.start_percent, 1.0, last.strength))
    return schedule
