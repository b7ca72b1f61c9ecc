"""What guiders share: the run that they are in, and what a model has around them, before and after."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import torch

from wftools.values import Sampling

if TYPE_CHECKING:
    from torch import Tensor

    from wftools.diffusion.guidance import Asked, Guide
    from wftools.values import Model, Pair, Parametrisation


@dataclass(frozen=True, slots=True, eq=False)
class Guiding(ABC):
    """A guider without what it makes of a noisy latent: a kind of `values.Guider`, but for `during`."""

    model: Model

    @property
    @abstractmethod
    def sampling(self) -> Sampling | None:
        """The run; None outside of one."""

    @abstractmethod
    def _guide(self, x: Tensor, sigma: Tensor, *, asks_all: bool = False) -> Pair:
        """What it makes of a noisy latent. With `asks_all` no side is left out, even if it counts for nothing."""

    @property
    def parametrisation(self) -> Parametrisation:
        """How the model mixes noise into a latent."""
        return self.model.parametrisation

    def __call__(self, x: Tensor, sigma: Tensor) -> Tensor:
        """The latent without noise, from x (B, C, …) with noise of deviation sigma ()."""
        return self._surrounded(self._guide, x, sigma).denoised

    def pair(self, x: Tensor, sigma: Tensor) -> Pair:
        """The latent without noise, and both sides of it, whatever the scale is."""
        return self._surrounded(partial(self._guide, asks_all=True), x, sigma)

    def _run(self, x: Tensor) -> Sampling:
        """The run; outside of one, what stands for it in a single call for x: nothing is remembered there."""
        return self.sampling or Sampling(torch.zeros_like(x), torch.zeros_like(x))

    def _surrounded(self, guide: Guide, x: Tensor, sigma: Tensor) -> Pair:
        """What it makes of a noisy latent, with all that the model has around guiders."""
        for around in reversed(self.model.guidance.around_guider):
            guide = partial(around, model=self.model, sampling=self._run(x), guide=guide)
        return guide(x, sigma)


def before_all(asked: Asked) -> Asked:
    """The two sides' predictions with what the model has before they are combined."""
    for before in asked.model.guidance.before:
        asked = before(asked)
    return asked


def combined(asked: Asked) -> Tensor:
    """The two sides' predictions as one, by the model's own formula if it has one, and with what comes after."""
    combine = asked.model.guidance.combine
    denoised = asked.uncond + (asked.cond - asked.uncond) * asked.scale if combine is None else combine(asked)
    return after_all(denoised, asked)


def after_all(denoised: Tensor, asked: Asked) -> Tensor:
    """A combined prediction with what the model has after it."""
    for after in asked.model.guidance.after:
        denoised = after(denoised, asked)
    return denoised
