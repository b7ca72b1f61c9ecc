"""What a network's output means, and how noise is mixed into a latent: kinds of `values.Parametrisation`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

    from wftools.values import NoiseLevels


@dataclass(frozen=True, slots=True)
class Eps:
    """x = latent + sigma * noise; the network predicts the noise. Ho et al. 2020, as Karras et al. 2022 write it."""

    levels: NoiseLevels

    @property
    def is_flow(self) -> bool:
        """False: noise is added to the latent."""
        return False

    @property
    def noise_scale(self) -> float:
        """Noise has deviation 1."""
        return 1.0

    def alpha(self, sigma: Tensor) -> Tensor:
        """What is left of the latent in x: all of it."""
        return sigma.new_ones(sigma.shape)

    def scaled(self, x: Tensor, sigma: Tensor) -> Tensor:
        """The network's input: x brought to unit variance."""
        sigma = _beside(sigma, x)
        return x / (sigma**2 + 1.0) ** 0.5

    def denoised(self, x: Tensor, output: Tensor, sigma: Tensor) -> Tensor:
        """The latent without noise, from the network's output."""
        return x - output * _beside(sigma, x)

    def noised(self, latent: Tensor, noise: Tensor, sigma: Tensor) -> Tensor:
        """The latent with noise of deviation sigma."""
        return latent + noise * _beside(sigma, latent)

    def start(self, latent: Tensor, noise: Tensor, sigma: Tensor) -> Tensor:
        """What sampling starts from. At the highest level the latent is taken to vary with deviation 1 by itself."""
        highest = self.levels.sigmas[-1].item()
        # Schedules reach the highest sigma only up to rounding.
        if sigma.item() > highest * (1 - 1e-5):
            sigma = (sigma**2 + 1.0) ** 0.5
        return self.noised(latent, noise, sigma)

    def finish(self, x: Tensor, sigma: Tensor) -> Tensor:  # noqa: ARG002  other kinds need it
        """The latent at the end of sampling, which may have stopped at a sigma above 0."""
        return x


@dataclass(frozen=True, slots=True)
class Velocity(Eps):
    """x = latent + sigma * noise; the network predicts v, a mixture of noise and latent. Salimans and Ho 2022."""

    def denoised(self, x: Tensor, output: Tensor, sigma: Tensor) -> Tensor:
        """The latent without noise, from the network's output."""
        sigma = _beside(sigma, x)
        return x / (sigma**2 + 1.0) - output * sigma / (sigma**2 + 1.0) ** 0.5


@dataclass(frozen=True, slots=True)
class Flow:
    """x = (1 - sigma) * latent + sigma * noise; the network predicts noise - latent. Liu et al. 2022."""

    levels: NoiseLevels
    noise_scale: float = 1.0  # the deviation of the noise

    @property
    def is_flow(self) -> bool:
        """True: noise displaces the latent."""
        return True

    def alpha(self, sigma: Tensor) -> Tensor:
        """What is left of the latent in x."""
        return 1.0 - sigma

    def scaled(self, x: Tensor, sigma: Tensor) -> Tensor:  # noqa: ARG002  other kinds need it
        """The network's input: x as it is."""
        return x

    def denoised(self, x: Tensor, output: Tensor, sigma: Tensor) -> Tensor:
        """The latent without noise, from the network's output."""
        return x - output * _beside(sigma, x)

    def noised(self, latent: Tensor, noise: Tensor, sigma: Tensor) -> Tensor:
        """The latent, displaced by its share of noise."""
        sigma = _beside(sigma, latent)
        return noise * self.noise_scale * sigma + latent * (1.0 - sigma)

    def start(self, latent: Tensor, noise: Tensor, sigma: Tensor) -> Tensor:
        """What sampling starts from."""
        return self.noised(latent, noise, sigma)

    def finish(self, x: Tensor, sigma: Tensor) -> Tensor:
        """The latent at the end of sampling, brought to its own scale if noise is left."""
        return x / (1.0 - _beside(sigma, x))


def _beside(sigma: Tensor, x: Tensor) -> Tensor:
    """Shaped so that it multiplies each item of a batch."""
    return sigma.reshape(-1, *[1] * (x.ndim - 1))
