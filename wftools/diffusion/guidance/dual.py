"""Classifier-free guidance with a second scale, a second model, or a scale that is another one on a part of the way."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import torch

from wftools.diffusion.conditioning.run import for_run
from wftools.diffusion.guidance import Asked, Question
from wftools.diffusion.guidance.batches import predictions
from wftools.diffusion.guidance.guiding import Guiding, combined
from wftools.values import Pair

if TYPE_CHECKING:
    from torch import Tensor

    from wftools.values import Conditioning, Model, Sampling


@dataclass(frozen=True, slots=True, eq=False)
class DualCfg(Guiding):
    """Three sides and two scales (Brooks et al. 2023, "InstructPix2Pix"): from negative to middle, then to positive.

    Nested, the first scale is that from middle to positive, and the second one from negative to the result. What the
    model has before the sides are combined is left out, as in ComfyUI.
    """

    positive: Conditioning
    middle: Conditioning
    negative: Conditioning
    scale: float  # between positive and middle
    outer_scale: float  # between that, or the middle, and negative
    is_nested: bool = False
    sampling: Sampling | None = None

    def during(self, sampling: Sampling) -> DualCfg:
        """The guider of one run, on which the network's inputs may depend."""
        # The middle is a negative side to families that tell the two apart.
        middle = tuple(replace(cond, extras={**cond.extras, "prompt_type": "negative"}) for cond in self.middle)
        sides = for_run(self.model, {"positive": self.positive, "middle": middle, "negative": self.negative}, sampling)
        return replace(
            self,
            positive=sides["positive"],
            middle=sides["middle"],
            negative=sides["negative"],
            sampling=sampling,
        )

    def _guide(self, x: Tensor, sigma: Tensor, *, asks_all: bool = False) -> Pair:
        skips_negative = (
            not self.is_nested
            and math.isclose(self.outer_scale, 1.0)
            and not (asks_all or self.model.guidance.always_both)
        )
        negative = None if skips_negative else self.negative
        middle = None if skips_negative and math.isclose(self.scale, 1.0) else self.middle
        question = Question(self.model, (negative, middle, self.positive), x, sigma, self._run(x))
        at_negative, at_middle, at_positive = predictions(question)
        if self.is_nested:
            inner = replace(question, branches=(self.positive, middle))
            denoised = combined(Asked(inner, self.scale, at_positive, at_middle))
            return Pair(at_negative + self.outer_scale * (denoised - at_negative), at_positive, at_middle)
        outer = replace(question, branches=(middle, negative))
        denoised = combined(Asked(outer, self.outer_scale, at_middle, at_negative))
        return Pair(denoised + (at_positive - at_middle) * self.scale, at_middle, at_negative)


@dataclass(frozen=True, slots=True, eq=False)
class DualModelCfg(Guiding):
    """Classifier-free guidance away from what another model says of `negative`.

    The patches and options of the first model hold for both. A guider with a scale of 1 does not ask the other one,
    whatever options make of the scale.
    """

    negative_model: Model
    positive: Conditioning
    negative: Conditioning
    scale: float
    sampling: Sampling | None = None

    def during(self, sampling: Sampling) -> DualModelCfg:
        """The guider of one run, on which the networks' inputs may depend."""
        return replace(
            self,
            positive=for_run(self.model, {"positive": self.positive}, sampling)["positive"],
            negative=for_run(self.negative_model, {"negative": self.negative}, sampling)["negative"],
            sampling=sampling,
        )

    def _guide(self, x: Tensor, sigma: Tensor, *, asks_all: bool = False) -> Pair:
        options = self.model.guidance
        scale = options.scale(self.scale, sigma)
        sampling = self._run(x)
        question = Question(self.model, (self.positive,), x, sigma, sampling)
        (cond,) = predictions(question)
        is_one_sided = math.isclose(self.scale, 1.0) or (math.isclose(scale, 1.0) and not options.always_both)
        if is_one_sided and not asks_all:
            return Pair(cond, cond, torch.zeros_like(cond))
        other = self.negative_model.with_options_of(self.model)
        (uncond,) = predictions(Question(other, (self.negative,), x, sigma, sampling))
        both = replace(question, branches=(self.positive, self.negative))
        return Pair(combined(Asked(both, scale, cond, uncond)), cond, uncond)


@dataclass(frozen=True, slots=True)
class ScaleBetween:
    """A scale of guidance from one sigma down to another, the first one included: a kind of `guidance.ScaleAt`."""

    scale: float
    first: float
    last: float

    def __call__(self, sigma: Tensor) -> float | None:
        """The scale there."""
        return self.scale if self.last < sigma.item() <= self.first else None
