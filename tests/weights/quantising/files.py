"""Files of which only names and shapes are known."""

from __future__ import annotations

import gzip
import json
import math
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from wftools.weights.tensorfile import TensorFile, TensorInfo

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from torch import Tensor

SHAPES = Path(__file__).parents[2] / "data/weights/shapes.json.gz"


@cache
def published() -> dict[str, dict[str, list[int]]]:
    """The tensors of published networks: "unet sd1" -> name -> shape."""
    found: dict[str, dict[str, list[int]]] = json.loads(gzip.decompress(SHAPES.read_bytes()))
    return found


def file_of(
    shapes: Mapping[str, Sequence[int]], dtype: str = "F16", prefix: str = "", metadata: Mapping[str, str] | None = None
) -> TensorFile:
    """A file with tensors of one type, which nobody reads."""

    def read(name: str) -> Tensor:
        raise AssertionError(name)

    tensors = {
        prefix + name: TensorInfo(dtype, tuple(shape), 0, 2 * math.prod(shape)) for name, shape in shapes.items()
    }
    return TensorFile(Path("x.safetensors"), "safetensors", tensors, metadata or {}, read)
