"""GGUF files for tests, written by gguf-py: tensors as they are, in blocks of its own, or in blocks that are drawn."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import gguf
import numpy as np
import torch
from gguf.quants import dequantize, quantize

from wftools.weights.quant.blocks import BLOCKS

if TYPE_CHECKING:
    from pathlib import Path

    from torch import Tensor

ENCODED: Final = ("Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0")  # what gguf-py can make of numbers

LARGEST: Final = 0.1  # of numbers that are drawn

ROW: Final = 256  # elements that tensors are stored in whose own rows are no whole blocks


class Gguf:
    """A file in the making, and what its tensors are when they are decoded."""

    def __init__(self, path: Path, architecture: str = "sd1") -> None:
        self.path = path
        self.decoded: dict[str, Tensor] = {}
        self._writer = gguf.GGUFWriter(path, architecture)

    def add(self, name: str, tensor: Tensor) -> None:
        """A tensor of float32 or float16 as it is."""
        self.decoded[name] = tensor
        self._writer.add_tensor(name, np.ascontiguousarray(tensor.numpy()))

    def add_blocks(self, name: str, tensor: Tensor, kind: str) -> None:
        """A tensor in blocks: of its own numbers where gguf-py can make them, else of numbers that are drawn.

        As it is, if it has no whole blocks; under another shape, as ComfyUI-GGUF stores it, if its rows have none.
        """
        elements = BLOCKS[kind].elements
        if tensor.ndim < 2 or tensor.numel() % elements:
            self.add(name, tensor)
            return
        shape = tuple(tensor.shape)
        if shape[-1] % elements:
            self._writer.add_array(f"comfy.gguf.orig_shape.{name}", list(shape))
            row = ROW if tensor.numel() % ROW == 0 else elements
            tensor = tensor.reshape(-1, row)
        type_ = gguf.GGMLQuantizationType[kind]
        packed = quantize(tensor.numpy(), type_) if kind in ENCODED else drawn_blocks(kind, tensor.shape)
        self._writer.add_tensor(name, packed, raw_dtype=type_)
        self.decoded[name] = torch.from_numpy(dequantize(packed, type_).copy()).reshape(shape)

    def add_zeros(self, name: str, shape: tuple[int, ...], kind: str) -> None:
        """A tensor in blocks of any type whose bytes are zeros."""
        block = BLOCKS[kind]
        packed = np.zeros((*shape[:-1], shape[-1] // block.elements * block.bytes), np.uint8)
        self._writer.add_tensor(name, packed, raw_dtype=gguf.GGMLQuantizationType[kind])

    def write(self) -> None:
        """Write the file."""
        self._writer.write_header_to_file()
        self._writer.write_kv_data_to_file()
        self._writer.write_tensors_to_file()
        self._writer.close()


def drawn_blocks(kind: str, shape: tuple[int, ...]) -> np.ndarray:
    """Blocks of any bytes whose numbers are small, uint8 (…, bytes); those that came out larger are zeros."""
    block, type_ = BLOCKS[kind], gguf.GGMLQuantizationType[kind]
    rng = np.random.default_rng(math.prod(shape))
    blocks = rng.integers(0, 256, (math.prod(shape) // block.elements, block.bytes), dtype=np.uint8)
    with np.errstate(all="ignore"):
        is_small = (np.abs(dequantize(blocks, type_)) < LARGEST).all(1)
    blocks[~is_small] = 0
    return blocks.reshape(*shape[:-1], -1)
