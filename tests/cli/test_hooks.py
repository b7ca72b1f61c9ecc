"""The pre-commit hooks that the repository offers."""

from __future__ import annotations

import json
import re
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

HOOKS = yaml.safe_load((Path(__file__).parents[2] / ".pre-commit-hooks.yaml").read_text("utf-8"))
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
        "<<<<<<< HEAD\n{}",
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


@pytest.mark.parametrize(
    ("path", "is_meant"),
    [
        ("workflows/a.json", True),
        ("workflow/b/c.json", True),
        ("x/templates/a.json", True),
        ("blueprints/a.json", True),
        ("package.json", False),
        ("myworkflows/a.json", False),
        ("workflows/a.png", False),
    ],
)
def test_hooks_look_where_workflows_are(path, is_meant):
    assert all(bool(re.search(hook["files"], path)) == is_meant for hook in OF_FILES)
