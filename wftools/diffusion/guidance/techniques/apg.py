"""Adaptive projected guidance.

Sadat et al. 2024, "Eliminating Oversaturation and Artifacts of High Guidance Scales in Diffusion Models".
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from wftools.diffusion.guidance import Asked, Guidance

if TYPE_CHECKING:
    from torch import Tensor

    from wftools.values import Model

OF_AN_ITEM: Final = (-1, -2, -3)  # the axes that lengths are measured over


def apg(model: Model, eta: float, norm_threshold: float, momentum: float) -> Model:
    """Guidance of which what is parallel to the positive side's prediction is scaled by itself.

    `eta`: how much is left of that. `norm_threshold`: how long guidance
    may be; 0: as long as it is. `momentum`: of a running sum over the steps; a negative one pushes back.
    """
    return model.with_guidance(Guidance(before=(_Apg(eta, norm_threshold, momentum),)))


@dataclass(frozen=True, slots=True, eq=False)
class _Apg:
    eta: float
    norm_threshold: float
    momentum: float

    def __call__(self, asked: Asked) -> Asked:
        guidance = asked.cond - asked.uncond
        if self.momentum != 0:
            guidance = self._running(asked, guidance)
        if self.norm_threshold > 0:
            length = guidance.norm(p=2, dim=OF_AN_ITEM, keepdim=True)
            guidance = guidance * (self.norm_threshold / length).clamp(max=1.0)
        along = asked.cond / asked.cond.norm(p=2, dim=OF_AN_ITEM, keepdim=True).clamp_min(1e-12)
        parallel = (guidance * along).sum(dim=OF_AN_ITEM, keepdim=True) * along
        guidance = (guidance - parallel) + self.eta * parallel
        # Plain guidance, which follows, makes uncond + scale * guidance + (cond - uncond) of it.
        return replace(asked, cond=(asked.uncond + guidance) + (asked.cond - asked.uncond) / asked.scale)

    def _running(self, asked: Asked, guidance: Tensor) -> Tensor:
        """The running sum, begun anew where noise rises."""
        memory = asked.question.sampling.memory
        sigma, total = memory.get(self, (asked.sigma, None))
        total = guidance if total is None or asked.sigma > sigma else self.momentum * total + guidance
        memory[self] = (asked.sigma, total)
        return total
