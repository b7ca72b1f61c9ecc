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
    data_deviation: float = 1.0  # that latents are thought to have

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
        return x / (sigma**2 + self.data_deviation**2) ** 0.5

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

    sign: float = -1.0  # of the noise in it

    def denoised(self, x: Tensor, output: Tensor, sigma: Tensor) -> Tensor:
        """The latent without noise, from the network's output."""
        sigma, deviation = _beside(sigma, x), self.data_deviation
        variance = sigma**2 + deviation**2
        return x * deviation**2 / variance + self.sign * output * sigma * deviation / variance**0.5


@dataclass(frozen=True, slots=True)
class Edm(Velocity):
    """The same where the network predicts -v. Karras et al. 2022, table 1, where latents have this deviation."""

    data_deviation: float = 0.5
    sign: float = 1.0


@dataclass(frozen=True, slots=True)
class Lcm(Eps):
    """The network predicts the noise as a consistency model: at timestep 0 the latent is x itself. Luo et al. 2023."""

    def denoised(self, x: Tensor, output: Tensor, sigma: Tensor) -> Tensor:
        """The latent without noise, from the network's output."""
        timestep = _beside(self.levels.timestep(sigma), x) * 10.0
        variance = timestep**2 + 0.5**2
        return timestep / variance**0.5 * (x - output * _beside(sigma, x)) + 0.5**2 / variance * x


@dataclass(frozen=True, slots=True)
class X0(Eps):
    """The network predicts the latent without noise itself."""

    def denoised(self, x: Tensor, output: Tensor, sigma: Tensor) -> Tensor:  # noqa: ARG002  other kinds need them
        """The network's output."""
        return output


@dataclass(frozen=True, slots=True)
class ImgToImg(X0):
    """The same, from x as it is."""

    def scaled(self, x: Tensor, sigma: Tensor) -> Tensor:  # noqa: ARG002  other kinds need it
        """The network's input: x itself."""
        return x


@dataclass(frozen=True, slots=True)
class CosmosFlow(Eps):
    """A flow in other words: the network sees x / (1 + sigma), and predicts noise - latent. NVIDIA 2025, Cosmos."""

    def scaled(self, x: Tensor, sigma: Tensor) -> Tensor:
        """The network's input: latent and noise with shares that are 1 together."""
        return x * (1.0 - self._share(sigma, x))

    def denoised(self, x: Tensor, output: Tensor, sigma: Tensor) -> Tensor:
        """The latent without noise, from the network's output."""
        share = self._share(sigma, x)
        return x * (1.0 - share) - output * share

    def start(self, latent: Tensor, noise: Tensor, sigma: Tensor) -> Tensor:
        """What sampling starts from, also at the highest level."""
        return self.noised(latent, noise, sigma)

    def _share(self, sigma: Tensor, x: Tensor) -> Tensor:
        return _beside(sigma / (sigma + 1.0), x)


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


@dataclass(frozen=True, slots=True)
class ImgToImgFlow(Flow):
    """A flow from one latent to another: no noise is added, the network predicts the other one, turned around 1/2."""

    def denoised(self, x: Tensor, output: Tensor, sigma: Tensor) -> Tensor:  # noqa: ARG002  other kinds need them
        """The network's output."""
        return output

    def noised(self, latent: Tensor, noise: Tensor, sigma: Tensor) -> Tensor:  # noqa: ARG002  other kinds need them
        """The latent itself."""
        return latent

    def finish(self, x: Tensor, sigma: Tensor) -> Tensor:  # noqa: ARG002  other kinds need it
        """The other latent."""
        return 1.0 - x


def _beside(sigma: Tensor, x: Tensor) -> Tensor:
    """Shaped so that it multiplies each item of a batch."""
    return sigma.reshape(-1, *[1] * (x.ndim - 1))
