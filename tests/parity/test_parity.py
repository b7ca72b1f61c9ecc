"""Prompts through the command line, against what ComfyUI computes for them. See tests/data/parity/README.md."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from tests.parity.cases import DATA, SUITES, cases

if TYPE_CHECKING:
    from tests.parity.cases import Case
    from tests.parity.models import Models

AT_ONCE: Final = 64  # cases in one process


def groups() -> list[object]:
    """Cases of a suite that run in one process. Those of the first suite are the default."""
    return [
        pytest.param(group, id=f"{suite}-{group[0].name}", marks=[pytest.mark.slow] if suite != SUITES[0] else [])
        for suite in SUITES
        for start in range(0, len(cases(suite)), AT_ONCE)
        for group in [cases(suite)[start : start + AT_ONCE]]
    ]


@pytest.mark.parametrize("group", groups())
def test_every_output_of_every_node_is_what_comfyui_computes(
    group: tuple[Case, ...], models: Models, tmp_path: Path
) -> None:
    """Tensors within the reference's own spread; texts and numbers to the last digit."""
    captured, prompts = tmp_path / "captured", tmp_path / "prompts"
    prompts.mkdir()
    for case in group:
        models.need(case.text)
        (prompts / f"{case.name}.json").write_text(case.text, "utf-8")
    (tmp_path / "output").mkdir()
    shutil.copy(DATA / "input/a.png", tmp_path / "output/g_prev.png")  # what an earlier run has saved
    command = [sys.executable, "-m", "wftools", "run", *map(str, sorted(prompts.iterdir()))]
    command += ["--capture-dir", str(captured), "--keep-going", "--json", "--quiet"]
    command += ["--models-dir", str(models.folder), "--input-dir", str(DATA / "input")]

    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    told = {Path(each["file"]).stem: each["errors"] for each in json.loads(done.stdout)["workflows"]}
    lines = [f"{name}: {error['message']}" for name, errors in told.items() for error in errors]
    for case in group:
        if not told[case.name]:
            lines += [f"{case.name}: {line}" for line in case.differences(captured / f"{case.name}.safetensors")]
    assert not lines, "\n".join(lines)
