"""What samplers are made of: a generator of steps, and the loop that runs one.

A sampler starts from x at sigmas[0] and yields a `Step` before every update, so progress, previews and Ctrl-C have one
place, outside. Sigmas descend; the last is 0 where the picture shall be finished.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from torch import Tensor

if TYPE_CHECKING:
    from wftools.values import Denoise


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """Where a sampler stands."""

    index: int  # from 0
    sigma: Tensor  # ()
    x: Tensor  # the noisy latent
    denoised: Tensor  # what the network makes of it
    total: int | None = None  # steps in all, so far as the sampler knows; None: one from each sigma to the next


# A sampler's own random numbers, for the step from one sigma to the next: of x's shape, deviation 1.
Noise = Callable[[Tensor, Tensor], Tensor]

Steps = Generator[Step, None, Tensor]


class Sampler(Protocol):
    """A generator function; its options are keywords with the field's defaults."""

    def __call__(self, denoise: Denoise, x: Tensor, sigmas: Tensor, noise: Noise, **options: float | str) -> Steps:
        """Yield a step before every update of x, return the last x."""
        ...


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
