"""RescaleCFG: guided predictions that vary as much as unguided ones, so that high scales do not burn pictures out.

Lin et al. 2023, "Common Diffusion Noise Schedules and Sample Steps are Flawed", section 3.4.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wftools.diffusion.guidance import Asked, Guidance

if TYPE_CHECKING:
    from torch import Tensor

    from wftools.values import Model

NEARLY_NOTHING: Final = 1e-8  # deviations of a flow's predictions are taken to be this at least


def rescale_cfg(model: Model, multiplier: float) -> Model:
    """With `multiplier` of the rescaled prediction in the result, the rest as it was.

    What the model predicts when this is called decides what is rescaled: the velocity, or the latent itself for a flow.
    """
    kind = _RescaleLatent if model.parametrisation.is_flow else _RescaleVelocity
    return model.with_guidance(Guidance(combine=kind(multiplier)))


@dataclass(frozen=True, slots=True)
class _RescaleVelocity:
    multiplier: float

    def __call__(self, asked: Asked) -> Tensor:
        x, sigma = asked.x, asked.sigma
        spread = sigma**2 + 1.0

        def velocity(denoised: Tensor) -> Tensor:
            return (x / spread - denoised) * spread**0.5 / sigma

        cond, uncond = velocity(asked.cond), velocity(asked.uncond)
        guided = uncond + asked.scale * (cond - uncond)
        fitted = guided * (cond.std((1, 2, 3), keepdim=True) / guided.std((1, 2, 3), keepdim=True))
        mixed = self.multiplier * fitted + (1.0 - self.multiplier) * guided
        return x / spread - mixed * sigma / spread**0.5


@dataclass(frozen=True, slots=True)
class _RescaleLatent:
    multiplier: float

    def __call__(self, asked: Asked) -> Tensor:
        axes = tuple(range(1, asked.cond.ndim))
        guided = asked.uncond + asked.scale * (asked.cond - asked.uncond)
        spread = guided.std(axes, keepdim=True).clamp(min=NEARLY_NOTHING)
        fitted = guided * (asked.cond.std(axes, keepdim=True) / spread)
        return self.multiplier * fitted + (1.0 - self.multiplier) * guided
