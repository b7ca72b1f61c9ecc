"""Guidance away from what a transformer says when some of its blocks are skipped.

As Ahn et al. 2024 (PAG) do it with attention; made for Stable Diffusion 3.5 by Stability AI. Networks without such
blocks have nothing to skip.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from wftools.diffusion.guidance import Asked, Evaluate, Guidance, Question
from wftools.diffusion.guidance.batches import predictions
from wftools.diffusion.patches import Patches

if TYPE_CHECKING:
    from torch import Tensor

    from wftools.values import Model


@dataclass(frozen=True, slots=True)
class Skipping:
    """Which blocks are skipped, and at which sigmas."""

    patches: Patches
    first_sigma: float
    last_sigma: float

    def counts_at(self, sigma: Tensor) -> bool:
        """Whether it is done at a sigma; at both ends of the range it is."""
        return self.last_sigma <= sigma.item() <= self.first_sigma


def skipping(model: Model, double: str, single: str, start_percent: float, end_percent: float) -> Skipping | None:
    """What is to be skipped, by the numbers in two texts; None if there are none in both."""
    blocks = [("double", int(number)) for number in re.findall(r"\d+", double)]
    blocks += [("single", int(number)) for number in re.findall(r"\d+", single)]
    if not blocks:
        return None
    levels = model.parametrisation.levels
    return Skipping(
        Patches(skipped=frozenset(blocks)), levels.at_percent(start_percent), levels.at_percent(end_percent)
    )


def skip_layer_guidance(model: Model, skipping: Skipping | None, scale: float, rescaling_scale: float = 0.0) -> Model:
    """Away from what the positive side's prediction is without these blocks.

    `rescaling_scale`: how far the result gets the deviation of the positive side's prediction, 0: not at all.
    """
    if skipping is None:
        return model
    return model.with_guidance(Guidance(after=(_AwayFromSkipping(skipping, scale, rescaling_scale),)))


@dataclass(frozen=True, slots=True)
class _AwayFromSkipping:
    skipping: Skipping
    scale: float
    rescaling_scale: float

    def __call__(self, denoised: Tensor, asked: Asked) -> Tensor:
        if self.scale <= 0 or not self.skipping.counts_at(asked.sigma):
            return denoised
        question = asked.question
        patches = question.patches.and_then(self.skipping.patches)
        (skipped,) = predictions(replace(question, branches=(asked.positive,), patches=patches))
        denoised = denoised + (asked.cond - skipped) * self.scale
        if self.rescaling_scale != 0:
            factor = asked.cond.std() / denoised.std()
            denoised = denoised * (self.rescaling_scale * factor + (1 - self.rescaling_scale))
        return denoised


def skip_layers_in_negative(model: Model, skipping: Skipping | None) -> Model:
    """The negative side's prediction is that without these blocks, so that plain guidance leads away from it."""
    return model if skipping is None else model.with_guidance(Guidance(around=(_SkipInNegative(skipping),)))


@dataclass(frozen=True, slots=True)
class _SkipInNegative:
    skipping: Skipping

    def __call__(self, question: Question, /, evaluate: Evaluate) -> tuple[Tensor, ...]:
        # Other options ask about one side, other guiders about three.
        sides = question.branches
        if len(sides) != 2 or sides[1] is None or not self.skipping.counts_at(question.sigma):
            return evaluate(question)
        cond, _ = evaluate(replace(question, branches=(sides[0], None)))
        patches = question.patches.and_then(self.skipping.patches)
        _, uncond = evaluate(replace(question, branches=(None, sides[1]), patches=patches))
        return cond, uncond
