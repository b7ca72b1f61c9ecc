"""Random numbers of a seed. The order of draws is part of the result.

All are drawn on the CPU in float32, so that a seed gives the same picture on every device.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import torch
from torch import Tensor

from wftools.diffusion.sampling import NoiseKind
from wftools.errors import RunError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wftools.diffusion.sampling.step import Noise
    from wftools.values import Latent

SEED_COUNT: Final = 2**64  # how many there are


def generator(seed: int) -> torch.Generator:
    """Seeded as ComfyUI seeds torch's global generator; samplers that draw from that one go on with this."""
    return torch.Generator().manual_seed(seed % SEED_COUNT)


def initial_noise(latent: Tensor, source: torch.Generator, batch_index: Sequence[int] | None = None) -> Tensor:
    """The noise that sampling starts from, of the latent's shape.

    One draw for the whole batch; with `batch_index` one draw for each number up to the highest, of which those that
    are named are taken, so that one sample of a batch can be made again. The two differ for some shapes.
    """
    if batch_index is None:
        return torch.randn(latent.shape, generator=source)
    wanted = set(batch_index)
    drawn = {}
    for index in range(max(wanted) + 1):
        noise = torch.randn((1, *latent.shape[1:]), generator=source)
        if index in wanted:
            drawn[index] = noise
    return torch.cat([drawn[index] for index in batch_index])


@dataclass(frozen=True, slots=True)
class InitialNoise:
    """NOISE: what a latent is noised with at the start, and the seed of all random numbers of the run."""

    seed: int
    is_empty: bool = False  # zeros

    def draw(self, latent: Latent, source: torch.Generator) -> Tensor:
        """Noise of a latent's shape, in the latent's own type, from a generator of the seed."""
        if self.is_empty:
            return torch.zeros_like(latent.samples, device="cpu")
        return initial_noise(latent.samples, source, latent.batch_index).to(latent.samples.dtype)


def noise_of(
    kind: NoiseKind, latent: Tensor, sigmas: Tensor, seed: int, source: torch.Generator | None = None
) -> Noise:
    """What a sampler adds on its way along the sigmas; `source`: what the initial noise was drawn from."""
    match kind:
        case NoiseKind.NONE:
            return no_noise
        case NoiseKind.NORMAL:
            return stepwise_noise(latent, seed)
        case NoiseKind.FOLLOWING:
            return _draws(latent, source or generator(seed))
        case NoiseKind.BROWNIAN:
            return brownian_noise(latent, sigmas, seed)


def no_noise(_sigma: Tensor, _sigma_next: Tensor, _like: Tensor | None = None) -> Tensor:
    """A deterministic sampler asks for no noise."""
    raise AssertionError("a sampler draws noise of which its entry on the menu does not speak")


def stepwise_noise(latent: Tensor, seed: int) -> Noise:
    """A draw at every call, from a generator of its own with the seed that follows."""
    return _draws(latent, generator(seed + 1))


def _draws(latent: Tensor, source: torch.Generator) -> Noise:
    def noise(_sigma: Tensor, _sigma_next: Tensor, like: Tensor | None = None) -> Tensor:
        return torch.randn(latent.shape if like is None else like.shape, generator=source).to(latent)

    return noise


def brownian_noise(latent: Tensor, sigmas: Tensor, seed: int) -> Noise:
    """The increments of one Brownian path over sigma, from the smallest to the largest; each of deviation 1.

    The path follows from the seed alone: however it is cut into steps, it is the same one. Raises RunError where no
    sigma is above 0.
    """
    import torchsde

    if len(sigmas) < 2:
        return no_noise
    if not (sigmas > 0).any():
        raise RunError("the noise of this sampler is for sigmas above 0, of which there is none")
    # The tree rounds times to millionths and warns of those beyond its ends.
    start, end = (round(time.item(), 6) for time in (sigmas[sigmas > 0].min(), sigmas.max()))
    tree = torchsde.BrownianTree(start, torch.zeros(latent.shape), end, entropy=seed)

    def noise(sigma: Tensor, sigma_next: Tensor, _like: Tensor | None = None) -> Tensor:
        low, high = (min(max(time, start), end) for time in sorted((sigma.item(), sigma_next.item())))
        increment: Tensor = tree(low, high)
        sign = 1 if sigma < sigma_next else -1
        return (sign * increment).to(latent) / (sigma - sigma_next).abs().sqrt()

    return noise
