"""How far decoding is from what was encoded, for any numbers; and what nothing else changes."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from gguf import GGMLQuantizationType, quants
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tests.weights.quant.blocks import numbers, odd_blocks
from tests.weights.quant.test_decoding import same_bits
from wftools.weights.quant.blocks import BLOCKS
from wftools.weights.quant.decoding import DECODERS, decode
from wftools.weights.quant.encoding import ENCODERS, encode

MANY = 10**5  # blocks

# float16 has scales up to 65504; and below its least ones a block is zero
_elements = (
    st.floats(-4096, 4096, width=32) | st.floats(-1, 1, width=32) | st.sampled_from([0.0, -0.0, 2.0**-66, -0.125])
)


def _blocks_of(kind: str) -> st.SearchStrategy[np.ndarray]:
    return arrays(np.float32, BLOCKS[kind].elements, elements=_elements)


def _steps(kind: str, block: torch.Tensor) -> torch.Tensor:
    """How far two neighbouring quants are apart before their distance is rounded to float16."""
    if kind in {"Q4_1", "Q5_1"}:
        return (block.max() - block.min()) / (15 if kind == "Q4_1" else 31)
    return block.abs().max() / {"Q8_0": 127, "Q4_0": 8, "Q5_0": 16}[kind]


@pytest.mark.parametrize("kind", ["Q8_0", "Q4_0", "Q5_0", "Q4_1", "Q5_1"])
@given(data=st.data())
def test_each_number_is_off_by_half_a_step_or_less(kind, data):
    """By one step in Q4_0 and Q5_0, where the end opposite the outermost value has one quant less."""
    block = torch.from_numpy(data.draw(_blocks_of(kind)))

    off = (decode(encode(block, kind), kind) - block).abs()

    step = _steps(kind, block)
    rounding = block.abs().max() * 2.0**-9 + 2.0**-18  # of scales to float16, and of its subnormal ones
    assert (off <= step * (1 if kind in {"Q4_0", "Q5_0"} else 0.5) + rounding).all()


@pytest.mark.parametrize(
    ("kind", "decibels"),  # measured
    [
        ("TQ1_0", 2.2),
        ("Q2_K", 10.8),
        ("Q3_K", 16.7),
        ("MXFP4", 19.2),
        ("Q4_K", 23.2),
        ("Q5_K", 29.1),
        ("Q6_K", 35.4),
        ("Q8_0", 45.9),
    ],
)
def test_what_is_encoded_is_decoded_to_much_the_same(kind, decibels):
    values = torch.from_numpy(numbers(13, 2**14)["bell"])

    off = decode(encode(values, kind), kind) - values

    assert 10 * math.log10(values.square().mean() / off.square().mean()) == pytest.approx(decibels, abs=0.1)


@pytest.mark.parametrize("kind", ["Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0"])
@given(data=st.data())
def test_what_has_few_enough_values_comes_back_as_it_was(kind, data):
    """Small whole numbers times a power of two, one of them the outermost that the type has."""
    low, high = {"Q4_0": (-8, 7), "Q5_0": (-16, 15), "Q4_1": (0, 15), "Q5_1": (0, 31), "Q8_0": (-127, 127)}[kind]
    chosen = data.draw(st.lists(st.integers(low, high), min_size=30, max_size=30))
    scale = 2.0 ** data.draw(st.integers(-8, 8))
    block = torch.tensor([*chosen, low, high if low == 0 else 0], dtype=torch.float32) * scale

    assert torch.equal(decode(encode(block, kind), kind), block)


@pytest.mark.parametrize("kind", sorted(ENCODERS))
def test_the_number_of_threads_changes_nothing(kind):
    values = torch.from_numpy(numbers(11, 2**16 + 256 * 9)["long tails"])  # torch shares 2**15 and more among threads
    threads = torch.get_num_threads()
    made = []
    try:
        for count in (1, 2):
            torch.set_num_threads(count)
            packed = encode(values, kind)
            made.append((packed, decode(packed, kind)))
    finally:
        torch.set_num_threads(threads)

    assert all(torch.equal(packed, made[0][0]) and torch.equal(values, made[0][1]) for packed, values in made[1:])


@pytest.mark.parametrize("kind", sorted((DECODERS.keys() - {"Q1_0"}) & GGMLQuantizationType.__members__.keys()))
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.slow
def test_very_many_blocks_are_decoded_as_by_gguf_py(kind):
    packed = odd_blocks(kind, MANY)

    for start in range(0, MANY, MANY // 10):
        some = packed[start : start + MANY // 10]
        theirs = quants.dequantize(some.reshape(100, -1), GGMLQuantizationType[kind])
        assert same_bits(decode(torch.from_numpy(some), kind).numpy(), theirs.reshape(-1))


@pytest.mark.parametrize("kind", ["Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "TQ1_0", "TQ2_0", "MXFP4"])
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.slow
def test_very_many_blocks_are_encoded_as_by_gguf_py(kind):
    size = BLOCKS[kind].elements
    made = numbers(12, size * MANY // 20)

    for name in ("bell", "halves", "spikes", "long tails", "all magnitudes", "sparse"):
        values = made[name]
        theirs = quants.quantize(values.reshape(100, -1), GGMLQuantizationType[kind]).reshape(-1, BLOCKS[kind].bytes)
        assert np.array_equal(encode(torch.from_numpy(values), kind).numpy(), theirs), name
