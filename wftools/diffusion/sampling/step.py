"""What samplers are made of: a generator of steps, and the loop that runs one.

A sampler starts from x at sigmas[0] and yields a `Step` before every update, so progress, previews and Ctrl-C have one
place, outside. Sigmas descend; the last is 0 where the picture shall be finished.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from contextlib import closing
from dataclasses import dataclass
from typing import Protocol

from torch import Tensor


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """Where a sampler stands."""

    index: int  # from 0
    sigma: Tensor  # ()
    x: Tensor  # the noisy latent
    denoised: Tensor  # what the network makes of it
    total: int | None = None  # steps in all, so far as the sampler knows; None: one from each sigma to the next


class Noise(Protocol):
    """A sampler's own random numbers, for the step from one sigma to the next."""

    def __call__(self, sigma: Tensor, sigma_next: Tensor, like: Tensor | None = None, /) -> Tensor:
        """Numbers of deviation 1, of the latent's shape, or of another one that a sampler has made of it."""
        ...


Steps = Generator[Step, None, Tensor]


# A generator function of (denoise, x, sigmas, noise); its options are keywords with defaults. It yields a step
# before every update of x, and returns the last x.
Sampler = Callable[..., Steps]


def drive(steps: Steps, report: Callable[[Step], None]) -> Tensor:
    """Run a sampler to its end and return the last x. What `report` raises ends the sampler."""
    with closing(steps):
        while True:
            try:
                step = next(steps)
            except StopIteration as end:
                last: Tensor = end.value
                return last
            report(step)


def weighted_sum(weights: Iterable[float | Tensor], tensors: Iterable[Tensor]) -> Tensor:
    """As many weights as tensors, at least one; added in their order."""
    total, *others = (weight * tensor for weight, tensor in zip(weights, tensors, strict=True))
    for other in others:
        total = total + other
    return total
