"""Classifier-free guidance."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import torch

from wftools.diffusion.guidance import Asked
from wftools.diffusion.guidance.batches import predictions
from wftools.values import Pair, Sampling

if TYPE_CHECKING:
    from torch import Tensor

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
        is_one_sided = math.isclose(self.scale, 1.0) and not self.model.guidance.always_both
        return self._guided(self._asked(x, sigma, is_one_sided=is_one_sided))

    def pair(self, x: Tensor, sigma: Tensor) -> Pair:
        """The latent without noise, and both sides of it, whatever the scale is."""
        asked = self._asked(x, sigma, is_one_sided=False)
        return Pair(self._guided(asked), asked.cond, asked.uncond)

    def during(self, sampling: Sampling) -> Cfg:
        """The guider of one run, on which the network's inputs may depend."""
        return replace(self, sampling=sampling)

    def _asked(self, x: Tensor, sigma: Tensor, *, is_one_sided: bool) -> Asked:
        branches = [self.positive] if is_one_sided else [self.positive, self.negative]
        sampling = self.sampling or Sampling(torch.zeros_like(x), torch.zeros_like(x))
        cond, *others = predictions(self.model, branches, x, sigma, sampling)
        uncond = others[0] if others else torch.zeros_like(cond)
        return Asked(self.model, self.positive, self.negative, self.scale, x, sigma, cond, uncond)

    def _guided(self, asked: Asked) -> Tensor:
        options = self.model.guidance
        if options.combine is None:
            denoised = asked.uncond + (asked.cond - asked.uncond) * self.scale
        else:
            denoised = options.combine(asked)
        for after in options.after:
            denoised = after(denoised, asked)
        return denoised
