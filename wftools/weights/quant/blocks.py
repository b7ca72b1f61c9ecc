"""The block types of GGUF by name, and how many bytes a tensor of any type has. No torch."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wftools.weights.mapped import DTYPES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wftools.weights.tensorfile import Shape


@dataclass(frozen=True, slots=True)
class BlockType:
    """So many elements in so many bytes; `id` is the number that GGUF has for the type."""

    name: str
    id: int
    elements: int
    bytes: int

    @property
    def bits(self) -> float:
        """Bits a weight."""
        return 8 * self.bytes / self.elements


def _named(*types: BlockType) -> dict[str, BlockType]:
    return {each.name: each for each in types}


BLOCKS: Final[Mapping[str, BlockType]] = _named(
    BlockType("Q4_0", 2, 32, 18),
    BlockType("Q4_1", 3, 32, 20),
    BlockType("Q5_0", 6, 32, 22),
    BlockType("Q5_1", 7, 32, 24),
    BlockType("Q8_0", 8, 32, 34),
    BlockType("Q8_1", 9, 32, 40),  # gguf-py's size; in ggml, where it never leaves memory, it has become 36
    BlockType("Q2_K", 10, 256, 84),
    BlockType("Q3_K", 11, 256, 110),
    BlockType("Q4_K", 12, 256, 144),
    BlockType("Q5_K", 13, 256, 176),
    BlockType("Q6_K", 14, 256, 210),
    BlockType("Q8_K", 15, 256, 292),
    BlockType("IQ2_XXS", 16, 256, 66),
    BlockType("IQ2_XS", 17, 256, 74),
    BlockType("IQ3_XXS", 18, 256, 98),
    BlockType("IQ1_S", 19, 256, 50),
    BlockType("IQ4_NL", 20, 32, 18),
    BlockType("IQ3_S", 21, 256, 110),
    BlockType("IQ2_S", 22, 256, 82),
    BlockType("IQ4_XS", 23, 256, 136),
    BlockType("IQ1_M", 29, 256, 56),
    BlockType("TQ1_0", 34, 256, 54),
    BlockType("TQ2_0", 35, 256, 66),
    BlockType("MXFP4", 39, 32, 17),
    BlockType("NVFP4", 40, 64, 36),
    BlockType("Q1_0", 41, 128, 18),
)
"""Every type of ggml's that a file can have; `decoding` says of which it knows the values."""


def stored_bytes(dtype: str, shape: Shape) -> int:
    """The bytes of a tensor, of a plain type or in blocks."""
    elements = math.prod(shape)
    if dtype not in BLOCKS:
        return elements * DTYPES[dtype][0]
    block = BLOCKS[dtype]
    assert elements % block.elements == 0, (dtype, shape)
    return elements // block.elements * block.bytes


def fits(dtype: str, shape: Shape) -> bool:
    """Whether the rows of a tensor are whole blocks; so they are of any plain type."""
    return dtype not in BLOCKS or (bool(shape) and shape[-1] % BLOCKS[dtype].elements == 0)
