"""Classifier-free guidance."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import torch

from wftools.diffusion.conditioning.run import for_run
from wftools.diffusion.guidance import Asked, Question
from wftools.diffusion.guidance.batches import predictions
from wftools.values import Pair, Sampling

if TYPE_CHECKING:
    from torch import Tensor

    from wftools.diffusion.guidance import Guide
    from wftools.values import Conditioning, Model, Parametrisation


@dataclass(frozen=True, slots=True, eq=False)
class Cfg:
    """Classifier-free guidance (Ho and Salimans 2022): away from what `negative` says, towards `positive`."""

    model: Model
    positive: Conditioning
    negative: Conditioning
    scale: float
    sampling: Sampling | None = None  # the run; None outside of one

    @property
    def parametrisation(self) -> Parametrisation:
        """How the model mixes noise into a latent."""
        return self.model.parametrisation

    def __call__(self, x: Tensor, sigma: Tensor) -> Tensor:
        """The latent without noise, from x (B, C, …) with noise of deviation sigma ()."""
        return guided(self.model, self._guide, x, sigma, self.sampling).denoised

    def pair(self, x: Tensor, sigma: Tensor) -> Pair:
        """The latent without noise, and both sides of it, whatever the scale is."""
        return guided(self.model, partial(self._guide, always_both=True), x, sigma, self.sampling)

    def during(self, sampling: Sampling) -> Cfg:
        """The guider of one run, on which the network's inputs may depend."""
        sides = for_run(self.model, {"positive": self.positive, "negative": self.negative}, sampling)
        return replace(self, positive=sides["positive"], negative=sides["negative"], sampling=sampling)

    def _guide(self, x: Tensor, sigma: Tensor, *, always_both: bool = False) -> Pair:
        options = self.model.guidance
        scale = options.scale(self.scale, sigma)
        is_one_sided = math.isclose(scale, 1.0) and not (options.always_both or always_both)
        branches = (self.positive, None if is_one_sided else self.negative)
        sampling = self.sampling or no_run(x)
        question = Question(self.model, branches, x, sigma, sampling)
        cond, uncond = predictions(question)
        asked = before_all(Asked(question, scale, cond, uncond))
        return Pair(combined(asked), asked.cond, asked.uncond)


def before_all(asked: Asked) -> Asked:
    """The two sides' predictions with what comes before they are combined."""
    for before in asked.model.guidance.before:
        asked = before(asked)
    return asked


def combined(asked: Asked) -> Tensor:
    """The two sides' predictions as one, by the model's own formula if it has one, and with what comes after."""
    combine = asked.model.guidance.combine
    denoised = asked.uncond + (asked.cond - asked.uncond) * asked.scale if combine is None else combine(asked)
    return after_all(denoised, asked)


def after_all(denoised: Tensor, asked: Asked) -> Tensor:
    """A combined prediction with what comes after."""
    for after in asked.model.guidance.after:
        denoised = after(denoised, asked)
    return denoised


def guided(model: Model, guide: Guide, x: Tensor, sigma: Tensor, sampling: Sampling | None = None) -> Pair:
    """A guider's answer in a run, with all that the model has around guiders."""
    for around in reversed(model.guidance.around_guider):
        guide = partial(around, model=model, sampling=sampling or no_run(x), guide=guide)
    return guide(x, sigma)


def no_run(x: Tensor) -> Sampling:
    """What stands for the run outside of one: nothing is remembered."""
    return Sampling(torch.zeros_like(x), torch.zeros_like(x))
