"""Perp-Neg. Armandpour et al. 2023, "Re-imagine the Negative Prompt Algorithm".

What the negative side says counts only as far as it is perpendicular to what the positive side says, both seen from a
third side, which says nothing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import torch

from wftools.diffusion.conditioning.run import for_run
from wftools.diffusion.guidance import Asked, Guidance, Question
from wftools.diffusion.guidance.batches import predictions
from wftools.diffusion.guidance.guiding import Guiding, after_all, before_all
from wftools.values import Pair

if TYPE_CHECKING:
    from torch import Tensor

    from wftools.values import Conditioning, Model, Sampling


def perp_neg(model: Model, empty: Conditioning, neg_scale: float) -> Model:
    """In place of plain guidance; the third side is asked in a call of its own."""
    return model.with_guidance(Guidance(combine=_Perpendicular(empty, neg_scale)))


@dataclass(frozen=True, slots=True, eq=False)
class _Perpendicular:
    empty: Conditioning
    neg_scale: float

    def __call__(self, asked: Asked) -> Tensor:
        question, memory = asked.question, asked.question.sampling.memory
        if self not in memory:
            memory[self] = for_run(asked.model, {"negative": self.empty}, question.sampling)["negative"]
        (nothing,) = predictions(replace(question, branches=(memory[self],)))
        return _combined(asked.cond, asked.uncond, nothing, self.neg_scale, asked.scale)


def _combined(positive: Tensor, negative: Tensor, nothing: Tensor, neg_scale: float, scale: float) -> Tensor:
    towards, away = positive - nothing, negative - nothing
    # One product for the whole batch, as ComfyUI has it.
    perpendicular = away - ((away * towards).sum() / torch.linalg.vector_norm(towards) ** 2) * towards
    guided: Tensor = nothing + scale * (towards - perpendicular * neg_scale)
    return guided


@dataclass(frozen=True, slots=True, eq=False)
class PerpNegGuider(Guiding):
    """The guider: all three sides in one call."""

    positive: Conditioning
    negative: Conditioning
    empty: Conditioning
    scale: float
    neg_scale: float
    sampling: Sampling | None = None

    def during(self, sampling: Sampling) -> PerpNegGuider:
        """The guider of one run, on which the network's inputs may depend."""
        empty = tuple(cond.with_extras(prompt_type="negative") for cond in self.empty)
        sides = {"positive": self.positive, "empty_negative_prompt": empty, "negative": self.negative}
        sides = for_run(self.model, sides, sampling)
        return replace(
            self,
            positive=sides["positive"],
            negative=sides["negative"],
            empty=sides["empty_negative_prompt"],
            sampling=sampling,
        )

    def _guide(self, x: Tensor, sigma: Tensor, *, asks_all: bool = False) -> Pair:
        options = self.model.guidance
        scale = options.scale(self.scale, sigma)
        needs_all = options.always_both or asks_all
        needs_negative = needs_all or not math.isclose(self.neg_scale, 0.0)
        needs_empty = needs_negative or not math.isclose(scale, 1.0)
        branches = (self.positive, self.negative if needs_negative else None, self.empty if needs_empty else None)
        question = Question(self.model, branches, x, sigma, self._run(x))
        positive, negative, nothing = predictions(question)
        asked = before_all(Asked(question, scale, positive, negative))
        denoised = _combined(asked.cond, asked.uncond, nothing, self.neg_scale, scale)
        return Pair(after_all(denoised, asked), asked.cond, asked.uncond)
