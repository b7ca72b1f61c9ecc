"""Models merged weight by weight. What both have is summed when a layer asks for it; nothing is copied."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar

import torch

from wftools.errors import counted, listed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from torch import Tensor

    from wftools.values import Clip, Model
    from wftools.weights.source import Source

Handle = TypeVar("Handle", "Model", "Clip")

# How much of the first and of the second: by the name of a weight.
Shares = tuple[float, float]

_SHOWN: Final = 3

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class Sum:
    """Two weights, each times a number, added in float32: a `Source`. Without a second one it is the first's share."""

    before: Source  # the first one
    second: Source | None
    shares: Shares

    def weight(self, dtype: torch.dtype, device: torch.device) -> Tensor:
        """The sum, made anew."""
        of_first, of_second = self.shares
        total = self.before.weight(torch.float32, device)
        if of_first != 1.0:
            total = total * of_first
        if self.second is not None and of_second != 0.0:
            total = total + self.second.weight(torch.float32, device) * of_second
        return total.to(dtype)


def merged(first: Handle, second: Handle, shares: Callable[[str], Shares]) -> Handle:
    """The first model or text encoders, with sums of both in place of the weights that the second has, too.

    A weight of another shape in the second is left out with a warning; the first's is multiplied with its share all the
    same, as in ComfyUI.
    """
    own, others = first.weights(), second.weights()
    changes: dict[str, Callable[[Source], Source]] = {}
    misfits = []
    for name, other in others.items():
        if name not in own:
            continue
        fits = own[name].shape == other.shape
        if not fits:
            misfits.append(name)
        changes[name] = partial(Sum, second=other.source if fits else None, shares=shares(name))
    if misfits:
        log.warning(
            "%s of another shape in the second model, left out, as in ComfyUI: %s",
            counted(len(misfits), "weight"),
            listed(misfits, _SHOWN),
        )
    return first.with_weights(changes) if changes else first


def mixed(first: Handle, second: Handle, ratio: float) -> Handle:
    """`ratio` of the first and the rest of the second."""
    return merged(first, second, lambda _name: (ratio, 1.0 - ratio))


def added(first: Handle, second: Handle) -> Handle:
    """The sum of both."""
    return merged(first, second, lambda _name: (1.0, 1.0))


def subtracted(first: Handle, second: Handle, multiplier: float) -> Handle:
    """The difference of both, times a number."""
    return merged(first, second, lambda _name: (multiplier, -multiplier))


def mixed_by_blocks(first: Model, second: Model, ratios: Mapping[str, float]) -> Model:
    """A ratio for each beginning of a weight's name, of which the longest counts; the first one for all others."""
    default = next(iter(ratios.values()))

    def shares(name: str) -> Shares:
        starts = [start for start in ratios if name.startswith(start)]
        ratio = ratios[max(starts, key=len)] if starts else default
        return ratio, 1.0 - ratio

    return merged(first, second, shares)
