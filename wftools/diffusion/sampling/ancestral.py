"""Ancestral steps: below the next sigma, then noise up to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from torch import Tensor

    from wftools.values import Parametrisation


class AncestralStep(NamedTuple):
    """A step in two parts: x is taken down to a sigma; then x times `keep` plus noise times `up` is at the next one."""

    down: Tensor
    keep: Tensor | float
    up: Tensor


def ancestral_step(parametrisation: Parametrisation, sigma: Tensor, sigma_next: Tensor, eta: float) -> AncestralStep:
    """The parts of the step from one sigma to the next: eta 0 adds no noise, 1 keeps the variance of the process.

    In a flow the latent fades as noise comes in, so the share of it that the lower sigma has is brought to that of the
    next one; the noise then makes up the deviation.
    """
    if not parametrisation.is_flow:
        down, up = down_and_up(sigma, sigma_next, eta)
        return AncestralStep(down, 1.0, up)
    down = sigma_next * (1.0 + (sigma_next / sigma - 1.0) * eta)
    keep = parametrisation.alpha(sigma_next) / parametrisation.alpha(down)
    up = (sigma_next**2 - down**2 * keep**2).clamp(min=0.0) ** 0.5
    return AncestralStep(down, keep, up * parametrisation.noise_scale)


def down_and_up(sigma: Tensor, sigma_next: Tensor, eta: float) -> tuple[Tensor, Tensor]:
    """The sigma to step down to, and the deviation of the noise that leads up to sigma_next again, where noise adds up.

    The posterior variance of Ho et al. 2020, scaled by eta: down**2 + up**2 = sigma_next**2. Where sigmas ascend there
    is no such noise; the step then leads to 0, as ComfyUI has it.
    """
    if not eta:
        return sigma_next, sigma_next.new_zeros(())
    up = eta * (sigma_next**2 * (sigma**2 - sigma_next**2) / sigma**2) ** 0.5
    up = up.where(up < sigma_next, sigma_next)  # the latter where up is not a number
    return (sigma_next**2 - up**2) ** 0.5, up
