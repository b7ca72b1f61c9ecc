"""One model in every form of file, each run by the command: its picture stays near that of the unchanged weights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from benchmarks.forms import FORMS, measured
from tests.test_samples import PAINTED, seen
from wftools.mini.judge import wrong

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

# How far a picture may be from that of the unchanged weights, in dB: some less than was measured (see the README).
LEAST: Final[Mapping[str, float]] = {
    "safetensors": float("inf"),
    "ckpt": float("inf"),
    "GGUF, Q8_0": 42,
    "GGUF, Q5_K": 28,
    "GGUF, Q4_0": 22,
    "fp8, scaled": 40,
    "int8": 48,
    "int8, `--integers`": 43,
    "ONNX, in float32": 55,
}


@pytest.mark.slow
def test_the_sample_runs_from_every_form_of_its_model(tmp_path: Path) -> None:
    first, *others = measured(tmp_path)

    assert [first.form, *(each.form for each in others)] == [form.name for form in FORMS] == list(LEAST)
    assert {each.form: each.distance(first) for each in others if each.distance(first) < LEAST[each.form]} == {}
    for each in (first, *others):
        assert not wrong(PAINTED["model_formats"], seen(each.picture)), each.form
    sizes = {each.form: each.size for each in (first, *others)}
    assert sizes["GGUF, Q4_0"] < sizes["GGUF, Q5_K"] < sizes["GGUF, Q8_0"] < sizes["safetensors"]
