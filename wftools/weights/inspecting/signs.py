"""How a network is told by the names and shapes of its tensors: a sign is what one kind has, and no other.

A sign that fits too much is worse than none, since what is not known is said to be unknown. So a sign names what its
network alone is built with; where others share all of its names, it says what they must not have, or of which size
something is.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from wftools.weights.networks.shapes import count

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from wftools.weights.tensorfile import Shape

DIFFUSERS: Final = "diffusers"  # a layout: whose names the tensors have, if not those of the network's publication
TRANSFORMERS: Final = "transformers"

ALL: Final = None  # in the place of an axis, of a fact that is how many tensors are numbered


@dataclass(frozen=True, eq=False)
class Names:
    """The tensors below a prefix, by name without it."""

    shapes: Mapping[str, Shape]  # of the whole file
    prefix: str
    metadata: Mapping[str, str]

    def __contains__(self, name: object) -> bool:
        return f"{self.prefix}{name}" in self.shapes

    def shape(self, name: str) -> Shape:
        """The shape of a tensor; that of a number where it is not there."""
        return self.shapes.get(self.prefix + name, ())

    def size(self, name: str, axis: int) -> int:
        """One dimension of a tensor; 0 where there is none."""
        shape = self.shape(name)
        return shape[axis] if -len(shape) <= axis < len(shape) else 0

    def count(self, pattern: str) -> int:
        """How many of a pattern with 0, 1, 2 … in place of {} are there."""
        return count(self.shapes, self.prefix.replace("{", "{{").replace("}", "}}") + pattern)


Fact = tuple[str, str, int | None]  # what it is called, a tensor, and one of its axes; or a pattern, and ALL


def _plain(_names: Names) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Sign:
    """What tells a network: of `needs` and `beside` all are there, of `lacks` none, and `sizes` are as they say."""

    kind: str  # "diffusion model"
    name: str  # "Flux.1"
    needs: tuple[str, ...]
    lacks: tuple[str, ...] = ()
    sizes: Mapping[str, tuple[int | None, ...]] = field(default_factory=dict)  # name -> shape, None for any size
    variant: Callable[[Names], str] = _plain
    facts: tuple[Fact, ...] = ()
    layout: str = ""
    beside: tuple[str, ...] = ()  # what the file has elsewhere, by its whole name

    def fits(self, names: Names) -> bool:
        """Whether the names and shapes are those of the network."""
        return (
            all(name in names for name in self.needs)
            and not any(name in names for name in self.lacks)
            and all(name in names.shapes for name in self.beside)
            and all(_is_like(names.shape(name), wanted) for name, wanted in self.sizes.items())
        )

    @property
    def reason(self) -> str:
        """By what it is told."""
        return ", ".join(
            [*self.needs, *self.beside, *(f"{name} {_spelled(shape)}" for name, shape in self.sizes.items())]
        )


@dataclass(frozen=True, slots=True)
class Component:
    """One network in a file."""

    kind: str
    name: str
    variant: str  # "" where there are none, or nothing tells which one it is
    layout: str  # "" for the names that the network was published with
    prefix: str  # what stands before the names of its tensors
    facts: Mapping[str, int]
    reason: str  # by what it was told


def found_by(signs: Sequence[Sign], names: Names) -> Component | None:
    """The network below a prefix: the first of some signs that fits; None if none does."""
    sign = next((each for each in signs if each.fits(names)), None)
    if sign is None:
        return None
    return Component(
        sign.kind, sign.name, sign.variant(names), sign.layout, names.prefix, facts_of(sign, names), sign.reason
    )


def facts_of(sign: Sign, names: Names) -> dict[str, int]:
    """Sizes that people know a network by; without those that are not there."""
    found = {
        label: names.count(tensor) if axis is ALL else names.size(tensor, axis) for label, tensor, axis in sign.facts
    }
    return {label: value for label, value in found.items() if value}


def has_below(names: Sequence[str], prefix: str) -> bool:
    """Whether one of some sorted names starts with a prefix."""
    at = bisect_left(names, prefix)
    return at < len(names) and names[at].startswith(prefix)


def one_of(sizes: Mapping[Any, str], found: Any) -> str:
    """What a size stands for; "" for one that nobody has published."""
    return sizes.get(found, "")


def _is_like(shape: Shape, wanted: tuple[int | None, ...]) -> bool:
    return len(shape) == len(wanted) and all(each in {None, size} for size, each in zip(shape, wanted, strict=True))


def _spelled(shape: tuple[int | None, ...]) -> str:
    return "(" + ", ".join("…" if size is None else str(size) for size in shape) + ")"
