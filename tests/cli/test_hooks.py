"""The pre-commit hooks that the repository offers."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.cli.process import wftools
from wftools.document import read_json
from wftools.fmt import formatted
from wftools.lint.examples import picture
from wftools.lint.rule import RULES

HOOKS = yaml.safe_load((Path(__file__).parents[2] / ".pre-commit-hooks.yaml").read_text("utf-8"))
BLANK = next(each.workflow for each in RULES.load("p006_no_embedded_workflow").BAD if isinstance(each.workflow, bytes))
OF_FILES = [hook for hook in HOOKS if hook.get("stages") is None]  # the others are given the message of a commit


@pytest.mark.parametrize("hook", OF_FILES, ids=lambda hook: hook["id"])
def test_a_hook_passes_what_is_in_order_and_what_is_no_workflow(tmp_path, hook):
    (tmp_path / "other.json").write_text("[1]")
    (tmp_path / "tidy.json").write_text(formatted(read_json(json.dumps(picture()), "tidy.json")), "utf-8")
    program, *arguments = shlex.split(hook["entry"])

    result = subprocess.run(
        [sys.executable, "-m", program, *arguments, "other.json", "tidy.json"],
        cwd=tmp_path,
        capture_output=True,
        check=False,
        timeout=60,
    )

    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize(
    "content",
    [
        "<<<<<<< HEAD\n" + json.dumps(picture()),
        json.dumps(picture(n1={"class_type": "A", "inputs": {}, "_meta": {"wftools": {"conflicts": [{"id": "c1"}]}}})),
        json.dumps(picture(n2={"class_type": "SaveImage", "inputs": {"images": ["9", 0], "filename_prefix": ""}})),
    ],
    ids=["conflict markers", "a record of conflicts", "a link from nowhere"],
)
def test_the_check_refuses_open_conflicts_and_broken_graphs(content, tmp_path):
    (hook,) = (hook for hook in HOOKS if hook["id"] == "wftools-check")
    (tmp_path / "a.json").write_text(content)

    result = wftools(*shlex.split(hook["entry"])[1:], "a.json", cwd=tmp_path)

    assert result.returncode == 1, result.stdout + result.stderr


def test_hooks_leave_it_to_the_content_which_files_are_workflows():
    """Half of the workflow files in public repositories lie in folders that no list of names has."""
    assert not [hook["id"] for hook in OF_FILES if "files" in hook]
    assert {hook["id"]: hook["types_or"] for hook in OF_FILES} == {
        "wftools-lint": ["json", "image", "video", "audio"],
        "wftools-fmt": ["json"],
        "wftools-check": ["json"],
    }


@pytest.mark.parametrize("hook", OF_FILES, ids=lambda hook: hook["id"])
def test_hooks_pass_over_all_that_is_no_workflow(tmp_path, hook):
    """Also what is no JSON but called so, what is large, and pictures that hold nothing."""
    others = {
        "tsconfig.json": b'{\n  // comments\n  "nodes_": 1,\n}',
        "package-lock.json": b'{"packages": {' + b'"a": {"version": "1"}, ' * 100_000 + b'"b": {}}}',
        "cut.json": b'{"a": ',
        "utf16.json": '{"a": "ü"}'.encode("utf-16"),
        "empty.json": b"",
        "pointer.png": b"version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 7\n",
        "graph.json": b'{"nodes": [{"id": "a", "group": 1}], "links": [{"source": "a", "target": "a"}]}',
        "blank.png": BLANK,
    }
    for name, data in others.items():
        (tmp_path / name).write_bytes(data)

    result = wftools(*shlex.split(hook["entry"])[1:], *others, cwd=tmp_path)

    assert result.returncode == 0, result.stdout + result.stderr
    assert {name: (tmp_path / name).read_bytes() for name in others} == others


@pytest.mark.parametrize("path", ["example_workflows/a.json", "examples/ui/a.json", "a.json", "x/flow.png"])
def test_the_linter_hook_finds_workflows_wherever_they_are(tmp_path, path):
    (hook,) = (hook for hook in HOOKS if hook["id"] == "wftools-lint")
    (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / path).write_text(json.dumps(picture(n2={"class_type": "SaveImage", "inputs": {"images": ["9", 0]}})))

    result = wftools(*shlex.split(hook["entry"])[1:], path, cwd=tmp_path)

    assert result.returncode == 1
    assert "L204" in result.stdout
