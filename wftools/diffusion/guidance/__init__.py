"""Guidance: what a sampler is told for a noisy latent, made of what the network says of it.

A guider (`values.Guider`) asks the network (`batches.predictions`) and combines its answers. How it combines them, and
what comes after, are options of the model, since nodes such as RescaleCFG change the model.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from torch import Tensor

    from wftools.values import Conditioning, Model


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """What the network was asked in one call of a guider, and what it answered."""

    model: Model
    positive: Conditioning
    negative: Conditioning
    scale: float
    x: Tensor  # the noisy latent, (B, C, …)
    sigma: Tensor  # ()
    cond: Tensor  # the latent without noise, as the positive side sees it
    uncond: Tensor  # and as the negative side does; zeros where that was not asked


class Combine(Protocol):
    """One latent of the two sides' predictions."""

    def __call__(self, asked: Asked, /) -> Tensor:
        """The latent without noise."""
        ...


class After(Protocol):
    """A change of what the sides' predictions were combined to."""

    def __call__(self, denoised: Tensor, asked: Asked, /) -> Tensor:
        """The changed latent without noise."""
        ...


@dataclass(frozen=True, slots=True)
class Guidance:
    """A model's options for guiders."""

    combine: Combine | None = None  # in place of the guider's own formula
    after: tuple[After, ...] = ()  # in the order in which they were added
    always_both: bool = False  # ask the negative side even where the scale makes it count for nothing
