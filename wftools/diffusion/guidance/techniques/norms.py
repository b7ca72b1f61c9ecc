"""Guided predictions that are no longer, or just as long, as unguided ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from wftools.diffusion.guidance import Asked, Guidance

if TYPE_CHECKING:
    from torch import Tensor

    from wftools.values import Model


def cfg_norm(model: Model, strength: float, *, pre_cfg: bool = False) -> Model:
    """In each cell, channels that are as long as those of the unguided prediction.

    Of the latent, where none gets longer, and then times `strength` (Qwen-Image's pipeline, Wu et al. 2025); or with
    `pre_cfg` of what is taken away from x, longer or shorter, `strength` being how much of it there is in the result.
    """
    if pre_cfg:
        return model.with_guidance(Guidance(combine=_NormOfDifference(strength)))
    return model.with_guidance(Guidance(after=(_NormOfLatent(strength),)))


@dataclass(frozen=True, slots=True)
class _NormOfLatent:
    strength: float

    def __call__(self, denoised: Tensor, asked: Asked) -> Tensor:
        wanted = torch.linalg.vector_norm(asked.cond, dim=1, keepdim=True)
        length = torch.linalg.vector_norm(denoised, dim=1, keepdim=True)
        fitted: Tensor = denoised * (wanted / (length + 1e-8)).clamp(0.0, 1.0)
        return fitted * self.strength


@dataclass(frozen=True, slots=True)
class _NormOfDifference:
    strength: float

    def __call__(self, asked: Asked) -> Tensor:
        cond, uncond = asked.x - asked.cond, asked.x - asked.uncond
        guided = uncond + asked.scale * (cond - uncond)
        wanted = torch.linalg.vector_norm(cond, dim=1, keepdim=True)
        length = torch.linalg.vector_norm(guided, dim=1, keepdim=True)
        fitted = guided * torch.where(length > 0, wanted / length.clamp_min(1e-12), 1.0)
        return asked.x - (self.strength * fitted + (1.0 - self.strength) * guided)


def renorm_cfg(model: Model, cfg_trunc: float, renorm_cfg: float) -> Model:
    """No guided latent is longer than `renorm_cfg` times the unguided one (Lumina-Image 2.0, Qin et al. 2025).

    At sigmas from `cfg_trunc` on nothing is guided; a `renorm_cfg` of 0 sets no limit.
    """
    return model.with_guidance(Guidance(combine=_Renorm(cfg_trunc, renorm_cfg)))


@dataclass(frozen=True, slots=True)
class _Renorm:
    cfg_trunc: float
    limit: float

    def __call__(self, asked: Asked) -> Tensor:
        if asked.sigma >= self.cfg_trunc:
            return asked.cond
        guided = asked.uncond + asked.scale * (asked.cond - asked.uncond)
        if self.limit <= 0:
            return guided
        axes = tuple(range(1, guided.ndim))
        longest = torch.linalg.vector_norm(asked.cond, dim=axes, keepdim=True) * self.limit
        length = torch.linalg.vector_norm(guided, dim=axes, keepdim=True)
        return torch.where(length >= longest, guided * (longest / length), guided)
