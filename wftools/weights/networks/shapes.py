"""Reading numbers off names and shapes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from wftools.errors import InputError
from wftools.weights.tensorfile import Shape

Shapes = Mapping[str, Shape]

# The widest dimension of a published network is a vocabulary (262,144 entries). A tensor without elements may claim
# any width, and a layer of that width would be refused only by the allocator.
MAX_SIZE: Final = 2**20

# The deepest published networks have some 80 layers. A small file may name a million of them, all empty.
MAX_LAYERS: Final = 128


def size(shapes: Shapes, name: str, axis: int, *, dimensions: int) -> int:
    """One dimension of a tensor that must be there. Raises InputError if it is not, or has another form."""
    shape = shapes.get(name)
    if shape is None:
        raise InputError(f"tensor {name!r} is missing")
    if len(shape) != dimensions:
        raise InputError(f"tensor {name!r} has the shape {list(shape)}, expected {dimensions} dimensions")
    if not 1 <= shape[axis] <= MAX_SIZE:
        raise InputError(f"tensor {name!r} has the shape {list(shape)}, expected dimensions from 1 to {MAX_SIZE:,}")
    return shape[axis]


def count(shapes: Shapes, pattern: str, *, start: int = 0, step: int = 1) -> int:
    """How many of `pattern` with 0, 1, 2 … in place of {} are there, up to the first that is not.

    No more are counted than any network has. They may be numbered from another `start`, and in larger steps.
    """
    numbers = (start + step * index for index in range(MAX_LAYERS))
    return next((index for index, number in enumerate(numbers) if pattern.format(number) not in shapes), MAX_LAYERS)
