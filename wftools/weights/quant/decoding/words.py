"""Eight bytes at a time: what the decoders share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from torch import Tensor


def each(byte: int) -> int:
    """An int64 that has this in each of its bytes."""
    return int.from_bytes(bytes([byte] * 8), "little", signed=True)


def half(packed: Tensor, at: int) -> Tensor:
    """The float16 at a byte of each block, float32 (blocks, 1)."""
    return packed.view(torch.float16)[:, at // 2 : at // 2 + 1].float()


def looked_up(table: Tensor, numbers: Tensor) -> Tensor:
    """The entries with these numbers, in their shape: `table[numbers]` in a third of the time."""
    return table.index_select(0, numbers.reshape(-1).int()).view(numbers.shape)


def spread(packed: Tensor, to: int) -> Tensor:
    """Each bit as a byte that has it at the place `to`: (blocks, bytes) -> int64 (blocks, bytes), lowest bit first."""
    table = torch.arange(256, device=packed.device)[:, None] >> torch.arange(8, device=packed.device)
    words = ((table & 1) << to).to(torch.uint8).view(torch.int64).view(-1)
    return looked_up(words, packed)


def pairs(packed: Tensor, values: tuple[int, ...]) -> tuple[Tensor, Tensor]:
    """Of sixteen values those of the low halves of bytes, and those of the high ones, float32 (blocks, bytes) each."""
    numbers = torch.arange(256)
    both = torch.tensor(values, dtype=torch.int8)[torch.stack([numbers % 16, numbers // 16], dim=1)]
    found = looked_up(both.view(torch.int16).view(-1).to(packed.device), packed).view(torch.int8)
    return found[:, ::2].float(), found[:, 1::2].float()
