"""Decoding gives the bits of gguf-py."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from gguf import GGMLQuantizationType, quants

from tests.weights.quant.blocks import odd_blocks
from wftools.weights.quant.blocks import BLOCKS
from wftools.weights.quant.decoding import DECODERS, PIECE, decode


def same_bits(ours: np.ndarray, theirs: np.ndarray) -> bool:
    """Whether all bits are the same; what is no number may be written in any way."""
    return bool(((ours.view(np.int32) == theirs.view(np.int32)) | (np.isnan(ours) & np.isnan(theirs))).all())


@pytest.mark.parametrize("kind", sorted((DECODERS.keys() - {"Q1_0"}) & GGMLQuantizationType.__members__.keys()))
@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # gguf-py, of scales that are no numbers
def test_the_numbers_are_those_of_gguf_py(kind):
    """Any bytes, so scales of all kinds: zero, subnormal, infinite, no number."""
    packed = odd_blocks(kind, 3001)

    numbers = decode(torch.from_numpy(packed), kind)

    assert same_bits(numbers.numpy(), quants.dequantize(packed.reshape(-1), GGMLQuantizationType[kind]).reshape(-1))


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float64])
@pytest.mark.parametrize("kind", sorted(DECODERS))
def test_other_types_are_float32_rounded_once(kind, dtype):
    packed = torch.from_numpy(odd_blocks(kind, 40))

    numbers = decode(packed, kind, dtype)

    torch.testing.assert_close(numbers, decode(packed, kind).to(dtype), rtol=0, atol=0, equal_nan=True)


@pytest.mark.parametrize("kind", sorted(DECODERS))
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_block_does_not_depend_on_those_beside_it(kind):
    """Over the seams of pieces too, at odd places in memory, and with bytes that do not lie in a row."""
    count = PIECE // BLOCKS[kind].elements + 5
    packed = torch.from_numpy(odd_blocks(kind, count))

    numbers = decode(packed, kind).view(count, -1)

    for start, stop in ((0, 1), (1, 4), (count - 7, count), (0, 0)):
        alone = decode(packed[start:stop], kind)
        assert same_bits(alone.numpy(), numbers[start:stop].reshape(-1).numpy())
    apart = torch.stack([packed[:9], packed[:9]], dim=2)[:, :, 0]
    assert same_bits(decode(apart, kind).numpy(), numbers[:9].reshape(-1).numpy())


def test_a_block_of_one_bit_each():
    """As ggml's `dequantize_row_q1_0` has it; gguf-py does not decode it."""
    packed = torch.tensor([[0x00, 0x38, 0b00000101, *[0xFF] * 14, 0x7F]], dtype=torch.uint8)

    numbers = decode(packed, "Q1_0")

    assert numbers.tolist() == [0.5, -0.5, 0.5] + [-0.5] * 5 + [0.5] * 119 + [-0.5]


def test_every_type_that_has_blocks_in_files_is_decoded():
    """Q8_1 and Q8_K are those of ggml's activations."""
    assert DECODERS.keys() == BLOCKS.keys() - {"Q8_1", "Q8_K"}
