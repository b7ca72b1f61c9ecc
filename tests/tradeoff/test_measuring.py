"""What each type would cost, measured in memory."""

from __future__ import annotations

import math

import pytest
import torch
from safetensors.torch import save_file

from wftools.errors import InputError
from wftools.folders import Folders
from wftools.tradeoff import measuring
from wftools.tradeoff.files import tradeoff_of
from wftools.tradeoff.measuring import measured, types
from wftools.weights.quantising.files import quantising
from wftools.weights.quantising.rules import Rules

# dB of numbers that are normally distributed, within 0.5: from ggml's own encoders on 1280 x 2560 of them.
SNR = {
    "f16": 73.7,
    "bf16": 55.6,
    "fp8_e4m3fn": 31.6,
    "fp8_e5m2": 25.5,
    "q8_0": 45.4,
    "q6_k": 35.0,
    "q5_k": 28.8,
    "q5_1": 28.4,
    "q5_0": 27.4,
    "q4_k": 22.9,
    "q4_1": 22.1,
    "q4_0": 21.3,
    "q3_k": 16.4,
    "q2_k": 10.6,
}


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    generator = torch.Generator().manual_seed(0)
    tensors = {f"{index}.weight": torch.randn((128, 512), generator=generator) for index in range(2)}
    path = tmp_path_factory.mktemp("measured") / "model.safetensors"
    save_file({**tensors, "norm.bias": torch.ones(1000)}, path)
    return path


def test_each_type_loses_what_it_loses(source):
    found = {point.type: point.snr for point in measured(source, list(SNR))}

    assert found == pytest.approx(SNR, abs=0.5)


@pytest.mark.parametrize("kind", ["q8_0", "q5_k_m"])
def test_what_is_measured_is_what_a_file_would_be(source, kind, tmp_path):
    (point,) = measured(source, [kind])

    report = quantising(source, tmp_path / "out.gguf", Rules(kind)).carried_out()
    assert point.bytes == report.bytes_after
    assert point.bits == pytest.approx(report.bits_after)
    assert point.snr == pytest.approx(report.error.snr, abs=1e-6)


def test_of_a_large_file_a_sample_says_the_same(source, monkeypatch):
    whole = {point.type: point for point in measured(source, ["q8_0", "q4_k", "q2_k"])}
    monkeypatch.setattr(measuring, "SAMPLED_FROM", 1000)
    monkeypatch.setattr(measuring, "SAMPLE", 2**15)

    made = tradeoff_of(source, ["q8_0", "q4_k", "q2_k"], folders=Folders())

    assert made.is_sampled
    assert {point.type: point.snr for point in made.points} == pytest.approx(
        {name: point.snr for name, point in whole.items()}, abs=0.1
    )
    assert {point.bytes for point in made.points} == {point.bytes for point in whole.values()}


def test_without_a_choice_all_that_make_a_file_smaller_are_measured_the_largest_first(source):
    told: list[str] = []

    made = tradeoff_of(source, folders=Folders(), told=told.append)

    assert tuple(told) == types()
    assert {point.type for point in made.points} == set(types()) - {"f32"}
    assert [point.bytes for point in made.points] == sorted((point.bytes for point in made.points), reverse=True)
    assert (made.dtype, made.bytes, made.weights) == ("F32", 4 * 132_072, 132_072)


def test_a_file_that_cannot_be_of_some_type_is_measured_in_the_others(tmp_path):
    """Without a matrix no layer has a scale."""
    save_file({"a.weight": torch.randn(8, 8, 3, 3)}, tmp_path / "convolution.safetensors")

    made = tradeoff_of(tmp_path / "convolution.safetensors", folders=Folders())

    assert {"f16", "fp8_e4m3fn"} <= {point.type for point in made.points}
    with pytest.raises(InputError, match="no layer can have a scale"):
        tradeoff_of(tmp_path / "convolution.safetensors", ["int8_row"], folders=Folders())


def test_a_type_that_changes_nothing_has_no_error(source):
    (point,) = measured(source, ["f32"])

    assert math.isinf(point.snr)
    assert point.error == 0


@pytest.mark.parametrize("wanted", [["q9"], ["q8_0", ""]])
def test_a_type_that_there_is_not_is_an_error(source, wanted):
    with pytest.raises(InputError, match="is no type"):
        list(measured(source, wanted))


def test_a_file_that_is_quantised_already_is_an_error(source, tmp_path):
    task = quantising(source, tmp_path / "out.gguf", Rules("q8_0"))
    task.carried_out()

    with pytest.raises(InputError, match="is quantised already"):
        list(measured(task.out, ["q4_0"]))
