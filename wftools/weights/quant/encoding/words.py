"""Eight bytes at a time: what the encoders share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from torch import Tensor


def joined(words: Tensor, bits: int) -> Tensor:
    """(..., n, words) -> (..., words): n bytes of so many bits in one, the first in the lowest bits."""
    whole = words[..., 0, :].clone()
    for place in range(1, words.shape[-2]):
        whole |= words[..., place, :] << bits * place
    return whole


def put(packed: Tensor, words: Tensor) -> None:
    """Words of the blocks as their bytes."""
    packed.copy_(words.reshape(len(packed), -1).view(torch.uint8))


def columns(blocks: Tensor, elements: int) -> Tensor:
    """(elements of a group, groups)."""
    return blocks.reshape(-1, elements).T.contiguous()


def words_of(quants: Tensor) -> Tensor:
    """Of columns: each quant a byte, in the order of the elements, eight of them an int64."""
    return quants.to(torch.int8).T.contiguous().view(torch.int64)
