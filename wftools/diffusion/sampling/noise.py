"""Random numbers of a seed. The order of draws is part of the result.

All are drawn on the CPU in float32, so that a seed gives the same picture on every device.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wftools.diffusion.sampling.step import Noise

SEEDS = 2**64


def generator(seed: int) -> torch.Generator:
    """Seeded as ComfyUI seeds torch's global generator; samplers that draw from that one go on with this."""
    return torch.Generator().manual_seed(seed % SEEDS)


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


def stepwise_noise(latent: Tensor, seed: int) -> Noise:
    """What stochastic samplers add: a draw a step, from a generator of its own with the seed that follows."""
    source = generator(seed + 1)

    def noise(_sigma: Tensor, _sigma_next: Tensor) -> Tensor:
        return torch.randn(latent.shape, generator=source).to(latent)

    return noise
