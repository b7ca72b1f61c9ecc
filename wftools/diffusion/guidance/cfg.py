"""Classifier-free guidance."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from wftools.diffusion.conditioning.run import for_run
from wftools.diffusion.guidance import Asked, Question
from wftools.diffusion.guidance.batches import predictions
from wftools.diffusion.guidance.guiding import Guiding, before_all, combined
from wftools.values import Pair

if TYPE_CHECKING:
    from torch import Tensor

    from wftools.values import Conditioning, Sampling


@dataclass(frozen=True, slots=True, eq=False)
class Cfg(Guiding):
    """Classifier-free guidance (Ho and Salimans 2022): away from what `negative` says, towards `positive`."""

    positive: Conditioning
    negative: Conditioning
    scale: float
    sampling: Sampling | None = None

    def during(self, sampling: Sampling) -> Cfg:
        """The guider of one run, on which the network's inputs may depend."""
        sides = for_run(self.model, {"positive": self.positive, "negative": self.negative}, sampling)
        return replace(self, positive=sides["positive"], negative=sides["negative"], sampling=sampling)

    def _guide(self, x: Tensor, sigma: Tensor, *, asks_all: bool = False) -> Pair:
        options = self.model.guidance
        scale = options.scale(self.scale, sigma)
        is_one_sided = math.isclose(scale, 1.0) and not (options.always_both or asks_all)
        branches = (self.positive, None if is_one_sided else self.negative)
        question = Question(self.model, branches, x, sigma, self._run(x))
        cond, uncond = predictions(question)
        asked = before_all(Asked(question, scale, cond, uncond))
        return Pair(combined(asked), asked.cond, asked.uncond)
