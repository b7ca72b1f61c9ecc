"""Encoding gives the bytes of gguf-py, and of ggml's reference."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from gguf import GGMLQuantizationType, quants

from tests.weights.quant import golden
from tests.weights.quant.blocks import numbers
from wftools.weights.quant.blocks import BLOCKS
from wftools.weights.quant.decoding import decode
from wftools.weights.quant.encoding import ENCODERS, PIECE, encode

NUMBERS = numbers(8, 256 * 40)
OF_GGML = json.loads(golden.FILE.read_text())
OF_GGUF_PY = sorted(ENCODERS.keys() - golden.KINDS)


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("kind", OF_GGUF_PY)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # gguf-py, of scales beyond float16
def test_the_bytes_are_those_of_gguf_py(kind, name):
    packed = encode(torch.from_numpy(NUMBERS[name]), kind)

    theirs = quants.quantize(NUMBERS[name], GGMLQuantizationType[kind])
    np.testing.assert_array_equal(packed.numpy(), theirs.reshape(-1, BLOCKS[kind].bytes))


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("kind", golden.KINDS)
def test_the_bytes_are_those_of_ggml(kind, name):
    """Those of its reference, built without fused multiplication and addition."""
    given = [torch.from_numpy(numbers(seed, golden.COUNT)[name]) for seed in golden.SEEDS]

    digests = [golden.digest(encode(values, kind).numpy()) for values in given]

    assert digests == OF_GGML["sha256"][kind][name]


@pytest.mark.parametrize("name", golden.WHOLE)
@pytest.mark.parametrize("kind", golden.KINDS)
def test_a_whole_block_of_ggml(kind, name):
    """Its bytes, where one can see which differ."""
    values = torch.frombuffer(bytearray.fromhex(OF_GGML["values"][name]), dtype=torch.float32)

    packed = encode(values, kind)

    assert packed.numpy().tobytes().hex() == OF_GGML["blocks"][name][kind]


@pytest.mark.parametrize("kind", sorted(ENCODERS))
def test_a_block_does_not_depend_on_those_beside_it(kind):
    """Over the seams of pieces too."""
    size = BLOCKS[kind].elements
    values = torch.from_numpy(np.resize(NUMBERS["long tails"], PIECE + 5 * size))

    packed = encode(values, kind)

    count = len(packed)
    for start, stop in ((0, 1), (1, 4), (count - 7, count), (0, 0)):
        assert torch.equal(encode(values[start * size : stop * size], kind), packed[start:stop])


@pytest.mark.parametrize("kind", ["Q4_1", "Q5_1"])
def test_the_first_of_several_zeros_gives_the_least_value_its_sign(kind):
    """As in ggml's reference; what numpy's minimum gives depends on the processor."""
    values = torch.zeros(3, 32)
    values[0, 1:] = -0.0
    values[1, :1] = -0.0
    values[2, 1::2] = -0.0
    values[2, 0] = 1.0

    packed = encode(values.view(-1), kind)

    assert packed.view(torch.int16)[:, :2].tolist() == [[0, 0], [0, -0x8000], [packed.view(torch.int16)[2, 0], -0x8000]]


@pytest.mark.parametrize("kind", sorted(ENCODERS))
@pytest.mark.parametrize("odd", [float("nan"), float("inf"), -float("inf")])
def test_what_is_no_number_spoils_its_own_block_and_no_other(kind, odd):
    size = BLOCKS[kind].elements
    values = torch.from_numpy(NUMBERS["bell"]).clone()
    plain = encode(values, kind)
    values[3 * size + 5] = odd

    packed = encode(values, kind)

    assert (packed != plain).any(dim=1).nonzero().tolist() == [[3]]
    assert not decode(packed[3:4], kind).isfinite().all()
