"""DPM-Solver (Lu et al. 2022): exponential integrators for the predicted noise, in -ln(sigma)."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import torch
from torch import Tensor

from wftools.diffusion.sampling.ancestral import down_and_up
from wftools.diffusion.sampling.step import Noise, Step, Steps
from wftools.errors import RunError

if TYPE_CHECKING:
    from wftools.values import Denoise

NEARLY_THERE: Final = 1e-5  # how much of the way, in -ln(sigma), need not be gone


def dpm_fast(denoise: Denoise, x: Tensor, sigmas: Tensor, noise: Noise) -> Steps:  # noqa: ARG001
    """DPM-Solver-fast: as many calls as there are steps, in even steps of three calls each and a shorter last one.

    Of the sigmas only the first and the last above 0 count; the latent keeps the noise of the latter.
    """
    if len(sigmas) < 2:
        return x
    full, rest = divmod(len(sigmas) - 1, 3)
    orders = [3] * full + [rest] if rest else [3] * (full - 1) + [2, 1]
    start, end = _ends(sigmas)
    times = torch.linspace(start.item(), end.item(), len(orders) + 1, dtype=sigmas.dtype, device=sigmas.device)
    for index, (order, (time, time_next)) in enumerate(zip(orders, pairwise(times), strict=True)):
        single_steps = _SingleSteps(denoise, x, time, denoise(x, (-time).exp()))
        yield Step(index, (-time).exp(), x, single_steps.denoised, total=len(orders))
        x = single_steps.to(time_next, order)
    return x


def dpm_adaptive(
    denoise: Denoise,
    x: Tensor,
    sigmas: Tensor,
    noise: Noise,
    *,
    order: int = 3,
    rtol: float = 0.05,
    atol: float = 0.0078,
    h_init: float = 0.05,
    pcoeff: float = 0.0,
    icoeff: float = 1.0,
    dcoeff: float = 0.0,
    accept_safety: float = 0.81,
    eta: float = 0.0,
    s_noise: float = 1.0,
) -> Steps:
    """DPM-Solver-12 and -23: steps as wide as two orders agree on within rtol and atol.

    Of the sigmas only the first and the last above 0 count; the latent keeps the noise of the latter. Raises RunError
    where no width is small enough, or where sigmas ascend and eta asks for noise.
    """
    if len(sigmas) < 2:
        return x
    time, end = _ends(sigmas)
    is_forward = bool(end > time)
    if eta and not is_forward:
        raise RunError("dpm_adaptive adds noise, which ascending sigmas leave no room for", hint="set eta to 0")
    width = _Width(h_init if is_forward else -h_init, (pcoeff, icoeff, dcoeff), 1.5 if eta else order, accept_safety)
    x_low_before = x
    index = 0
    while abs(end - time) > NEARLY_THERE:
        single_steps = _SingleSteps(denoise, x, time, denoise(x, (-time).exp()))
        yield Step(index, (-time).exp(), x, single_steps.denoised, total=index + 1)
        accepted = False
        while not accepted:
            time_next = (torch.minimum if is_forward else torch.maximum)(end, time + width.h)
            if time_next.isnan() or time_next == time:
                raise RunError(
                    "dpm_adaptive finds no step that is accurate enough",
                    hint="raise rtol, atol or h_init, or see whether the model gives numbers at all",
                )
            target, up = _ancestral(time, time_next, end, eta)
            x_low = single_steps.to(target, order - 1, r1=1 / 3 if order == 3 else 1 / 2)
            x_high = single_steps.to(target, order)
            scale = (rtol * torch.maximum(x_low.abs(), x_low_before.abs())).clamp(min=atol)
            error = torch.linalg.vector_norm((x_low - x_high) / scale) / x.numel() ** 0.5
            accepted = width.accepts(error.item())
        x = x_high + up * s_noise * noise((-time).exp(), (-time_next).exp()) if eta else x_high
        x_low_before = x_low
        time = time_next
        index += 1
    return x


def _ends(sigmas: Tensor) -> tuple[Tensor, Tensor]:
    """The first time, and that of the last sigma above 0. Raises RunError if there are none."""
    start, end = sigmas[0], sigmas[-2] if sigmas[-1] == 0 else sigmas[-1]
    if not (start > 0 and end > 0):
        raise RunError(f"this sampler goes from {start.item():g} to {end.item():g}, and takes sigmas above 0 only")
    return -start.log(), -end.log()


def _ancestral(time: Tensor, time_next: Tensor, end: Tensor, eta: float) -> tuple[Tensor, Tensor | float]:
    """The time to step to, which is at most the end, and the deviation of the noise that leads back to time_next."""
    if not eta:
        return time_next, 0.0
    down, _ = down_and_up((-time).exp(), (-time_next).exp(), eta)
    target = torch.minimum(end, -down.log())
    return target, ((-time_next).exp() ** 2 - (-target).exp() ** 2) ** 0.5


@dataclass
class _Width:
    """How wide steps are: Söderlind's controller (2003) of the error, with proportional, integral and other parts."""

    h: float
    coefficients: tuple[float, float, float]  # proportional, integral, derivative
    order: float
    accept_safety: float
    _before: tuple[float, float] | None = None  # the inverse errors of the last two steps, the last one first

    def accepts(self, error: float) -> bool:
        """Whether a step with that error may stand; the next one, or next try, is as wide as the error tells."""
        inverse = 1 / (error + 1e-8)
        last, last_but_one = self._before = self._before or (inverse, inverse)
        proportional, integral, derivative = (each / self.order for each in self.coefficients)
        wanted = (
            inverse ** (proportional + integral + derivative)
            * last ** -(proportional + 2 * derivative)
            * last_but_one**derivative
        )
        factor = 1 + math.atan(wanted - 1)
        self.h *= factor
        if factor < self.accept_safety:
            return False
        self._before = inverse, last
        return True


@dataclass
class _SingleSteps:
    """Steps from one place; they share their calls of the model."""

    denoise: Denoise
    x: Tensor
    time: Tensor
    denoised: Tensor
    _middles: dict[float, Tensor] = field(default_factory=dict)

    def to(self, target: Tensor, order: int, r1: float | None = None) -> Tensor:
        """The latent at another time, by the solver of first, second or third order; r1: where it asks the model."""
        eps = self._eps(self.x, self.time, self.denoised)
        if order == 1:
            return self._moved(target, eps)
        h = target - self.time
        r1 = r1 or 1 / order
        middle = self.time + r1 * h
        change_1 = self._eps_at(middle, self._moved(middle, eps)) - eps
        sigma = (-target).exp()
        if order == 2:
            return self._moved(target, eps) - sigma / (2 * r1) * h.expm1() * change_1
        r2 = 2 / 3
        late = self.time + r2 * h
        bend = (-late).exp() * (r2 / r1) * ((r2 * h).expm1() / (r2 * h) - 1)
        change_2 = self._eps_at(late, self._moved(late, eps) - bend * change_1) - eps
        return self._moved(target, eps) - sigma / r2 * (h.expm1() / h - 1) * change_2

    def _moved(self, target: Tensor, eps: Tensor) -> Tensor:
        return self.x - (-target).exp() * (target - self.time).expm1() * eps

    def _eps_at(self, time: Tensor, x: Tensor) -> Tensor:
        """The noise at a place on the way, which another order may have asked for."""
        key = time.item()
        if key not in self._middles:
            self._middles[key] = self._eps(x, time, self.denoise(x, (-time).exp()))
        return self._middles[key]

    @staticmethod
    def _eps(x: Tensor, time: Tensor, denoised: Tensor) -> Tensor:
        return (x - denoised) / (-time).exp()
