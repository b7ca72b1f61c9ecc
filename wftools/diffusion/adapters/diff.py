"""Differences of whole weights, and weights that take the place of others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

    from wftools.diffusion.adapters.said import Said
    from wftools.weights.tensorfile import Shape


@dataclass(frozen=True, slots=True, eq=False)
class Difference:
    """weight + strength * difference."""

    difference: Tensor

    def fits(self, shape: Shape) -> bool:
        """Whether the difference has that shape."""
        return tuple(self.difference.shape) == tuple(shape)

    def changed(self, weight: Tensor, strength: float) -> Tensor:
        """The weight with the difference."""
        return weight + strength * self.difference.to(weight)


@dataclass(frozen=True, slots=True, eq=False)
class Instead:
    """Another weight, at any strength."""

    other: Tensor

    def fits(self, shape: Shape) -> bool:
        """Whether the other weight can be expanded to that shape."""
        sizes = zip(reversed(self.other.shape), reversed(shape), strict=False)
        return self.other.ndim <= len(shape) and all(own in (1, wanted) for own, wanted in sizes)

    def changed(self, weight: Tensor, strength: float) -> Tensor:  # noqa: ARG002  as in ComfyUI
        """The other weight, expanded to the shape of this one."""
        return self.other.to(weight).expand(weight.shape)


def read(said: Said) -> Difference | Instead | None:
    """What is said of the weight itself; of several ways the last counts."""
    other = said.get(".set_weight")
    differences = [said.get(".w_norm"), said.get(".diff")]
    found = [difference for difference in differences if difference is not None]
    if other is not None:
        return Instead(other)
    return Difference(found[-1]) if found else None


def read_bias(said: Said) -> Difference | None:
    """What is said of the bias beside the weight."""
    of_norm = said.get(".b_norm") if said.get(".w_norm") is not None else None
    difference = said.get(".diff_b")
    found = of_norm if difference is None else difference
    return None if found is None else Difference(found)
