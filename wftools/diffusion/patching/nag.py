"""Chen et al. 2025, "Normalized Attention Guidance: Universal Negative Guidance for Diffusion Models"."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import torch

from wftools.diffusion.guidance import Guidance
from wftools.diffusion.patches import At, Given, Patches

if TYPE_CHECKING:
    from torch import Tensor

    from wftools.values import Model

POSITIVE: Final = 0  # which branch of a guider each side is
NEGATIVE: Final = 1
SHORTEST: Final = 1e-6  # lengths are taken to be this at least


def normalized_attention_guidance(model: Model, scale: float, alpha: float, tau: float) -> Model:
    """What the positive side's self attention gives moves away from what that of the negative side gives.

    `tau`: how many times its length it may get; `alpha`: how much of the result there is beside the positive side's
    own. Calls in which not both sides are asked are as they were.
    """
    patched = model.with_patches(Patches(around_self=(_Nag(scale, alpha, tau),)))
    return patched.with_guidance(Guidance(always_both=True))


@dataclass(frozen=True, slots=True)
class _Nag:
    scale: float
    alpha: float
    tau: float

    def __call__(self, given: Given, at: At) -> Given:
        branches = at.call.branches
        if POSITIVE not in branches or NEGATIVE not in branches:
            return given
        positive, negative = branches.index(POSITIVE), branches.index(NEGATIVE)

        def guided(h: Tensor) -> Tensor:
            parts = list(h.chunk(len(branches)))
            parts[positive] = self._guided(parts[positive], parts[negative])
            return torch.cat(parts)

        return replace(given, then=guided)

    def _guided(self, positive: Tensor, negative: Tensor) -> Tensor:
        guided = positive * self.scale - negative * (self.scale - 1.0)
        growth = _length(guided) / _length(positive)
        guided = guided * (growth.clamp(max=self.tau) / growth)
        return guided * self.alpha + positive * (1.0 - self.alpha)


def _length(tokens: Tensor) -> Tensor:
    length: Tensor = torch.linalg.vector_norm(tokens, ord=1, dim=-1, keepdim=True)
    return length.clamp_min(SHORTEST)
