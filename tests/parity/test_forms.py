"""A run of the editor's file is the run of its prompt."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Final

import pytest
import torch
from safetensors.torch import load_file

from tests.parity.cases import DATA, cases, values_in

if TYPE_CHECKING:
    from pathlib import Path

    from tests.parity.models import Models

EVERY: Final = 9  # of the cases: one in so many


@pytest.mark.slow
def test_a_prompt_and_the_workflow_that_is_made_of_it_give_the_same(models: Models, tmp_path: Path) -> None:
    """To the last bit, in every output of every node."""
    chosen = [case for case in cases("breadth")[::EVERY] if case.tensors or case.values]
    for case in chosen:
        models.need(case.text)
        (tmp_path / f"{case.name}.json").write_text(case.text, "utf-8")
    names = [f"{case.name}.json" for case in chosen]
    (tmp_path / "ui").mkdir()
    _wftools(tmp_path, "convert", *names, "--to", "ui", "-o", "ui", notes=f"{len(names)} written\n")
    folders = ["--models-dir", str(models.folder), "--input-dir", str(DATA / "input")]
    for form, files in (("api", names), ("flow", [f"ui/{name}" for name in names])):
        _wftools(tmp_path, "run", *files, "--capture-dir", form, *folders)

    for case in chosen:
        prompt, flow = (tmp_path / form / f"{case.name}.safetensors" for form in ("api", "flow"))
        one, two = load_file(prompt), load_file(flow)
        assert one.keys() == two.keys(), case.name
        assert all(torch.equal(tensor, two[key]) for key, tensor in one.items()), case.name
        assert values_in(prompt) == values_in(flow), case.name


def _wftools(folder: Path, *arguments: str, notes: str = "") -> None:
    command = [sys.executable, "-m", "wftools", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, notes), done.stderr
