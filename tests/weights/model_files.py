"""Model files for tests: of any size on paper, with a hole in the place of the numbers, so that they cost no disk."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from wftools.weights.mapped import DTYPES
from wftools.weights.writers.safetensors import header

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from wftools.weights.tensorfile import Shape


def write_hollow(
    path: Path, shapes: Mapping[str, Shape], dtype: str = "F16", metadata: Mapping[str, str] | None = None
) -> Path:
    """A safetensors file whose tensors are all zeros that no disk has."""
    return write_hollow_types(path, {name: (dtype, tuple(shape)) for name, shape in shapes.items()}, metadata)


def write_hollow_types(
    path: Path, tensors: Mapping[str, tuple[str, Shape]], metadata: Mapping[str, str] | None = None
) -> Path:
    """The same, with a type for each tensor."""
    head = header(tensors, metadata or {})
    size = sum(math.prod(shape) * DTYPES[dtype][0] for dtype, shape in tensors.values())
    with path.open("wb") as file:
        file.write(head)
        file.truncate(len(head) + size)
    return path
