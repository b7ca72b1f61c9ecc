"""Safetensors files: `weights.formats.safetensors` says what is in them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from wftools.weights.formats.safetensors import SUFFIXES, header, in_order
from wftools.weights.mapped import DTYPES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import BinaryIO

    from wftools.values import Json
    from wftools.weights.tensorfile import Shape
    from wftools.weights.writers import Outgoing

__all__ = ["SUFFIXES", "holds", "write"]


def holds(dtype: str, shape: Shape) -> bool:  # noqa: ARG001
    """Whether a tensor is of a plain type."""
    return dtype in DTYPES


def write(stream: BinaryIO, tensors: Sequence[Outgoing], metadata: Mapping[str, Json]) -> None:
    """Write a whole file, wider types first."""
    import torch

    described = {each.name: (each.dtype, each.shape) for each in tensors}
    texts = {key: value if isinstance(value, str) else json.dumps(value) for key, value in metadata.items()}
    stream.write(header(described, texts))
    by_name = {each.name: each for each in tensors}
    for name in in_order(described):
        stream.writelines(piece.reshape(-1).view(torch.uint8).numpy().data for piece in by_name[name].data())
