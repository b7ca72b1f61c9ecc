"""wftools model diff: what people and programs are told of two model files."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
import torch
from jsonschema import Draft202012Validator
from safetensors.torch import save_file

from tests.cli.process import inside
from tests.conftest import DATA
from wftools.schemas import schema

if TYPE_CHECKING:
    from pathlib import Path

diff = partial(inside, "model", "diff")

MATRIX = torch.randn(64, 256, generator=torch.Generator().manual_seed(0))
HOSTILE = DATA / "weights/hostile"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    plain = {"blocks.0.weight": MATRIX, "blocks.1.weight": 2 * MATRIX, "bias": MATRIX[0].clone()}
    save_file(plain, tmp_path / "a.safetensors", {"title": "a"})
    save_file({**plain, "blocks.1.weight": 2 * MATRIX + 0.01}, tmp_path / "b.safetensors", {"title": "b\x1b[31m"})
    return tmp_path


def report(*arguments: str, cwd: Path, status: int) -> dict[str, Any]:
    """What is told to programs, which is as the schema says."""
    result = diff(*arguments, "--output-format", "json", cwd=cwd)
    assert result.returncode == status, result.stderr
    tree: dict[str, Any] = json.loads(result.stdout)
    Draft202012Validator(schema("report-model-diff")).validate(tree)
    return tree


def test_equal_files_end_with_zero(folder: Path) -> None:
    found = report("a.safetensors", "a.safetensors", cwd=folder, status=0)

    assert found["equal"]
    assert (found["in_both"], found["identical"], found["differing"], found["blocks"]) == (3, 3, [], [])
    assert "equal: 3 tensors" in diff("a.safetensors", "a.safetensors", cwd=folder).stdout


def test_what_differs_is_told_by_tensor_and_block(folder: Path) -> None:
    found = report("a.safetensors", "b.safetensors", cwd=folder, status=1)

    assert [each["name"] for each in found["differing"]] == ["blocks.1.weight"]
    assert found["differing"][0]["distance"]["largest"] == pytest.approx(0.01, rel=1e-3)
    assert [(each["name"], each["differing"]) for each in found["blocks"]] == [("blocks.1", 1)]
    assert found["metadata"] == [{"key": "title", "first": "a", "second": "b\x1b[31m"}]


def test_people_are_told_the_same_in_lines(folder: Path) -> None:
    result = diff("a.safetensors", "b.safetensors", cwd=folder)

    assert result.returncode == 1
    assert "in both      3 tensors, 2 of them identical" in result.stdout
    assert "\x1b" not in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 100


@pytest.mark.parametrize(("limit", "status"), [("40", 0), ("60", 1), ("-1", 0)])
def test_a_limit_says_what_is_near_enough(folder: Path, limit: str, status: int) -> None:
    assert diff("a.safetensors", "b.safetensors", "--fail-under-snr", limit, cwd=folder).returncode == status


def test_top_says_how_much_is_listed(folder: Path) -> None:
    all_lines = diff("a.safetensors", "b.safetensors", cwd=folder).stdout
    few = diff("a.safetensors", "b.safetensors", "--top", "0", cwd=folder).stdout

    assert "block, worst of 1" in all_lines
    assert "block, worst" not in few


@pytest.mark.parametrize("types", ["q8_0", "q5_k"])
def test_the_error_of_a_quantised_file_is_the_one_that_was_reported_when_it_was_made(folder: Path, types: str) -> None:
    made = inside(
        "model", "quantize", "a.safetensors", "q.gguf", "--type", types, "--report", "q.json", "-q", cwd=folder
    )
    assert made.returncode == 0, made.stderr
    reported = {each["name"]: each["error"] for each in json.loads((folder / "q.json").read_text("utf-8"))["tensors"]}

    found = report("a.safetensors", "q.gguf", cwd=folder, status=1)

    measured = {each["other"]: each["distance"] for each in found["differing"]}
    assert measured
    for name, error in reported.items():
        if error is not None:
            for key in ("mse", "largest", "cosine", "snr"):
                assert measured[name][key] == pytest.approx(error[key], rel=1e-6), (name, key)


def test_a_file_that_cannot_be_read_ends_with_two(folder: Path) -> None:
    result = diff("a.safetensors", "missing.safetensors", cwd=folder)

    assert (result.returncode, result.stdout) == (2, "")
    assert "missing.safetensors: cannot be read" in result.stderr


@pytest.mark.parametrize(
    "name", ["ok_5d_f32.gguf", "gg_nan_scale.gguf", "ok_scalar_empty.safetensors", "st_nonfinite.safetensors"]
)
def test_strange_files_are_equal_to_themselves(tmp_path: Path, name: str) -> None:
    assert diff(str(HOSTILE / name), str(HOSTILE / name), cwd=tmp_path).returncode == 0
