"""wftools show, as a process."""

from __future__ import annotations

import json
import shutil
from functools import partial
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from tests.cli.process import wftools
from tests.overview.flows import prompt
from wftools.schemas import schema

SAMPLES = Path(__file__).parents[2] / "sample_workflows"

show = partial(wftools, "show")


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "a.json").write_text(json.dumps(prompt({})))
    (tmp_path / "b.json").write_text(json.dumps(prompt({"sampler": {"seed": 8, "sampler_name": "euler"}})))
    (tmp_path / "package.json").write_text('{"name": "x"}')
    return tmp_path


def test_a_file_is_told_to_people(folder):
    result = show("a.json", cwd=folder)

    assert (result.returncode, result.stderr) == (0, "")
    lines = [line.split(maxsplit=1) for line in result.stdout.splitlines()[1:]]
    assert dict(lines) == {
        "output": "save (SaveImage) · 512x768",
        "checkpoint": "sd/base.safetensors",
        "positive": "a fox",
        "negative": "blurry",
        "sampling": "dpmpp_2m, karras, 20 steps, cfg 7, seed 5",
        "nodes": "7: 2 CLIPTextEncode, CheckpointLoaderSimple, EmptyLatentImage, KSampler, SaveImage, VAEDecode",
    }


def test_json_is_as_the_schema_says(folder):
    shutil.copytree(SAMPLES, folder / "samples")

    result = show(".", "missing.json", "--format", "json", cwd=folder)

    report = json.loads(result.stdout)
    Draft202012Validator(schema("report-show")).validate(report)
    assert len(report["files"]) == 2 + len(list(SAMPLES.glob("*.json")))
    assert [fault["file"] for fault in report["faults"]] == ["missing.json"]


def test_one_bad_file_does_not_hide_the_others(folder):
    (folder / "aa.json").write_text('{"nodes": [')

    result = show(".", cwd=folder)

    assert result.returncode == 2
    assert "aa.json" in result.stderr
    assert result.stdout.count("output ") == 2


@pytest.mark.parametrize(
    ("expression", "names"),
    [
        ("sampler=euler", ["b.json"]),
        ("sampler!=euler", ["a.json"]),
        ("model~BASE and steps>=20 and (seed=5 or seed=8)", ["a.json", "b.json"]),
        ("prompt~'a fox' and not seed>5", ["a.json"]),
        ("lora", []),
    ],
)
def test_files_are_picked(folder, expression, names):
    result = show(".", "--where", expression, "-l", cwd=folder)

    assert result.stdout.splitlines() == names
    assert result.returncode == (0 if names else 1)


def test_a_bad_expression_is_told_with_its_column(folder):
    result = show("--where", "seed=5 and stps>3", cwd=folder)

    assert result.returncode == 2
    assert "column 12: there is no field 'stps'" in result.stderr
    assert "'steps'" in result.stderr


def test_the_paragraph_of_other_tools(folder):
    result = show("a.json", "--format", "parameters", cwd=folder)

    assert result.stdout.splitlines() == [
        "a fox",
        "Negative prompt: blurry",
        "Steps: 20, Sampler: DPM++ 2M Karras, Schedule type: Karras, CFG scale: 7, Seed: 5, Size: 512x768, "
        "Model: base, Version: ComfyUI",
    ]


def test_standard_input_is_read(folder):
    result = show("-", cwd=folder, stdin=(folder / "a.json").read_text())

    assert result.stdout.startswith("<stdin>")
    assert "a fox" in result.stdout
