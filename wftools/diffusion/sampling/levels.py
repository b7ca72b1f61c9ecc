"""Noise levels: how a family counts the way from a clean latent to pure noise.

Each class is a kind of `values.NoiseLevels`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import torch
from torch import Tensor

ABOVE_ALL: Final = 999_999_999.9  # the sigma of "from the very start", above every sigma of every table


@dataclass(frozen=True)
class DiscreteLevels:
    """The 1000 levels that Stable Diffusion was trained with (Ho et al. 2020, betas as Rombach et al. 2022).

    With `zero_terminal_snr` the last level is (almost) pure noise: Lin et al. 2023, algorithm 1.
    """

    zero_terminal_snr: bool = False
    beta_start: float = 0.00085
    beta_end: float = 0.012
    steps: int = 1000

    @cached_property
    def _exact_sigmas(self) -> Tensor:
        betas = torch.linspace(self.beta_start**0.5, self.beta_end**0.5, self.steps, dtype=torch.float64) ** 2
        alphas_bar = torch.cumprod(1.0 - betas, dim=0)
        if self.zero_terminal_snr:
            alphas_bar = _rescaled(alphas_bar)
        return ((1.0 - alphas_bar) / alphas_bar) ** 0.5

    @cached_property
    def sigmas(self) -> Tensor:
        """Every sigma of the table, ascending, float32."""
        return self._exact_sigmas.float()

    @cached_property
    def _log_sigmas(self) -> Tensor:
        return self._exact_sigmas.log().float()

    def timestep(self, sigma: Tensor) -> Tensor:
        """The index of the nearest entry, by the logarithm."""
        distances = sigma.log() - self._log_sigmas.to(sigma.device).view(-1, *[1] * sigma.ndim)
        return distances.abs().argmin(dim=0)

    def sigma(self, timestep: Tensor) -> Tensor:
        """Linear interpolation of the logarithm."""
        position = timestep.float().clamp(0, len(self._log_sigmas) - 1)
        low, high = position.floor().long(), position.ceil().long()
        share = position.frac()
        return ((1 - share) * self._log_sigmas[low] + share * self._log_sigmas[high]).exp()

    def at_percent(self, percent: float) -> float:
        """The sigma at which that share (0..1) of the way from noise to picture is done."""
        if percent <= 0:
            return ABOVE_ALL
        return 0.0 if percent >= 1 else self.sigma(torch.tensor((1.0 - percent) * (self.steps - 1))).item()


@dataclass(frozen=True)
class DistilledLevels(DiscreteLevels):
    """Those of its levels that a consistency model was distilled for, evenly to the last one. Luo et al. 2023."""

    distilled_steps: int = 50

    @property
    def _stride(self) -> int:
        return self.steps // self.distilled_steps

    @cached_property
    def sigmas(self) -> Tensor:
        """Every sigma of the table, ascending, float32."""
        first = self.steps - 1 - (self.distilled_steps - 1) * self._stride
        return self._exact_sigmas.float()[first :: self._stride].clone()

    @cached_property
    def _log_sigmas(self) -> Tensor:
        return self.sigmas.log()

    def timestep(self, sigma: Tensor) -> Tensor:
        """The timestep of the nearest entry, by the logarithm."""
        return super().timestep(sigma) * self._stride + (self._stride - 1)

    def sigma(self, timestep: Tensor) -> Tensor:
        """Linear interpolation of the logarithm."""
        return super().sigma((timestep.float() - (self._stride - 1)) / self._stride)


# Lin et al. set the last alpha_bar to 0, which has no sigma; published models use the value of this one.
_LAST_ALPHA_BAR: Final = 4.8973451890853435e-08


def _rescaled(alphas_bar: Tensor) -> Tensor:
    """Shift and stretch sqrt(alpha_bar) so that the last is 0 and the first as it was."""
    roots = alphas_bar.sqrt()
    first, last = roots[0].clone(), roots[-1].clone()
    rescaled = ((roots - last) * (first / (first - last))) ** 2
    rescaled[-1] = _LAST_ALPHA_BAR
    return rescaled


@dataclass(frozen=True)
class _LogSpacedLevels:
    """Continuous levels, with a table of 1000 that are evenly spaced by the logarithm."""

    sigma_min: float = 0.002
    sigma_max: float = 120.0
    steps: int = 1000

    @cached_property
    def sigmas(self) -> Tensor:
        """Every sigma of the table, ascending, float32."""
        return torch.linspace(math.log(self.sigma_min), math.log(self.sigma_max), self.steps).exp()

    def at_percent(self, percent: float) -> float:
        """The sigma at which that share (0..1) of the way from noise to picture is done, by the logarithm."""
        if percent <= 0:
            return ABOVE_ALL
        low, high = math.log(self.sigmas[0]), math.log(self.sigmas[-1])
        return 0.0 if percent >= 1 else math.exp((high - low) * (1.0 - percent) + low)


@dataclass(frozen=True)
class EdmLevels(_LogSpacedLevels):
    """The levels of Karras et al. 2022: c_noise = ln(sigma) / 4."""

    def timestep(self, sigma: Tensor) -> Tensor:
        """What the network is told for a sigma."""
        return 0.25 * sigma.log()

    def sigma(self, timestep: Tensor) -> Tensor:
        """The way back."""
        return (timestep / 0.25).exp()


@dataclass(frozen=True)
class ContinuousVLevels(_LogSpacedLevels):
    """Levels by the angle of Salimans and Ho 2022: sigma = tan(t * pi / 2)."""

    def timestep(self, sigma: Tensor) -> Tensor:
        """What the network is told for a sigma."""
        return sigma.atan() / math.pi * 2

    def sigma(self, timestep: Tensor) -> Tensor:
        """The way back."""
        return (timestep * math.pi / 2).tan()


@dataclass(frozen=True)
class CosmosLevels(_LogSpacedLevels):
    """Levels by the share of noise, sigma / (1 + sigma). NVIDIA 2025, Cosmos."""

    def timestep(self, sigma: Tensor) -> Tensor:
        """What the network is told for a sigma."""
        return sigma / (sigma + 1)

    def sigma(self, timestep: Tensor) -> Tensor:
        """The way back, as far as the table goes."""
        highest = self.sigmas[-1]
        return torch.where(timestep >= highest / (highest + 1), highest, timestep / (1 - timestep))


@dataclass(frozen=True)
class CascadeLevels:
    """A cosine schedule (Nichol and Dhariwal 2021) with a shift towards noise: Pernias et al. 2023, Stable Cascade."""

    shift: float = 1.0
    steps: int = 10_000

    @cached_property
    def sigmas(self) -> Tensor:
        """Every sigma of the table, ascending, float32."""
        return self.sigma((torch.arange(1, self.steps + 1, dtype=torch.float64) / self.steps).float())

    def timestep(self, sigma: Tensor) -> Tensor:
        """The time, 0..1, at which there is so much noise without a shift."""
        alpha_bar = (1 / (sigma**2 + 1)).clamp(0, 1.0)
        angle = (alpha_bar * _cosine_alpha_bar(torch.zeros(()))).sqrt().acos()
        return angle / (math.pi / 2) * (1 + COSINE_OFFSET) - COSINE_OFFSET

    def sigma(self, timestep: Tensor) -> Tensor:
        """The shifted sigma of a time, 0..1."""
        alpha_bar = _cosine_alpha_bar(timestep) / _cosine_alpha_bar(torch.zeros(()))
        if self.shift != 1.0:
            log_snr = (alpha_bar / (1 - alpha_bar)).log() + 2 * torch.log(1.0 / torch.tensor(self.shift))
            alpha_bar = log_snr.sigmoid()
        alpha_bar = alpha_bar.clamp(0.0001, 0.9999)
        return ((1 - alpha_bar) / alpha_bar) ** 0.5

    def at_percent(self, percent: float) -> float:
        """The sigma at which that share (0..1) of the way from noise to picture is done."""
        if percent <= 0:
            return ABOVE_ALL
        return 0.0 if percent >= 1 else self.sigma(torch.tensor(1.0 - percent)).item()


COSINE_OFFSET: Final = 8e-3


def _cosine_alpha_bar(time: Tensor) -> Tensor:
    return torch.cos((time + COSINE_OFFSET) / (1 + COSINE_OFFSET) * math.pi * 0.5) ** 2


@dataclass(frozen=True)
class FlowLevels:
    """Levels of rectified flow with a shift towards noise (Esser et al. 2024): sigma is the share of noise, 0..1."""

    shift: float = 1.0
    multiplier: float = 1000.0  # the network is told sigma times this
    steps: int = 1000

    @cached_property
    def sigmas(self) -> Tensor:
        """Every sigma of the table, ascending, float32."""
        return self.sigma(torch.arange(1, self.steps + 1) / self.steps * self.multiplier)

    def timestep(self, sigma: Tensor) -> Tensor:
        """What the network is told for a sigma."""
        return sigma * self.multiplier

    def sigma(self, timestep: Tensor) -> Tensor:
        """The shifted sigma of an unshifted timestep; not the inverse of `timestep` unless the shift is 1."""
        return self._shifted(timestep / self.multiplier)

    def at_percent(self, percent: float) -> float:
        """The sigma at which that share (0..1) of the way from noise to picture is done."""
        if percent <= 0:
            return 1.0
        return 0.0 if percent >= 1 else self._shifted(torch.tensor(1.0 - percent, dtype=torch.float64)).item()

    def _shifted(self, t: Tensor) -> Tensor:
        return self.shift * t / (1 + (self.shift - 1) * t)


@dataclass(frozen=True)
class FluxLevels(FlowLevels):
    """Rectified flow as Flux counts it: the shift is exp(mu), the network is told sigma itself, the table is finer."""

    shift: float = 1.15
    multiplier: float = 1.0
    steps: int = 10_000

    def _shifted(self, t: Tensor) -> Tensor:
        return math.exp(self.shift) / (math.exp(self.shift) + (1 / t - 1))


def flux_levels(base_shift: float, max_shift: float, width: int, height: int) -> FluxLevels:
    """Those for a size of picture: the shift is linear in the number of its tokens, of 16 pixels along each side."""
    slope = (max_shift - base_shift) / (4096 - 256)
    return FluxLevels(width * height / 16**2 * slope + base_shift - slope * 256)
