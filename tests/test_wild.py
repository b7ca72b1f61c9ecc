"""Faults that were found on files of the wild, kept in tests/data/wild: each command gives what is right."""

from __future__ import annotations

import json
import re
import shutil
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

from tests.cli.process import inside
from tests.conftest import DATA

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator
    from pathlib import Path

    from _pytest.mark.structures import ParameterSet

WILD = DATA / "wild"


def _runs() -> Iterator[ParameterSet]:
    for file in sorted(WILD.rglob("expected.json")):
        for number, run in enumerate(json.loads(file.read_text("utf-8"))["runs"]):
            marks = [pytest.mark.slow] if run["args"][0] == "run" else []
            yield pytest.param(file.parent, run, id=f"{file.parent.relative_to(WILD).as_posix()}-{number}", marks=marks)


@pytest.mark.parametrize(("case", "run"), [*_runs()])
def test_files_of_the_wild_come_out_right(tmp_path, case, run):
    folder = tmp_path / "case"
    shutil.copytree(case, folder, ignore=shutil.ignore_patterns("expected.json"))
    before = {name: (folder / name).read_bytes() for name in run.get("unchanged", ())}

    done = inside(*run["args"], cwd=folder)

    assert not list(_faults(run, done, folder))
    assert {name: (folder / name).read_bytes() for name in before} == before


def _faults(want: dict[str, Any], done: subprocess.CompletedProcess[str], folder: Path) -> Iterator[str]:
    """What of all that is wanted is not so."""
    each = [list(_faults(one, done, folder)) for one in want.get("any", ())]
    if each and all(each):
        yield " and ".join(one[0] for one in each)
    statuses = want.get("exit", done.returncode)
    if done.returncode not in (statuses if isinstance(statuses, list) else [statuses]):
        yield f"exit status {done.returncode}: {done.stderr}"
    if "Traceback" in done.stderr or "wftools failed" in done.stderr:
        yield done.stderr
    for pattern in want.get("stderr", ()):
        if not re.search(pattern, done.stderr, re.IGNORECASE | re.DOTALL):
            yield f"{pattern!r} is not in {done.stderr!r}"
    if "lint" in want:
        yield from _lint_faults(want["lint"], json.loads(done.stdout)["findings"])
    if "prompt" in want or "strict" in want or "prompt_has" in want:
        yield from _prompt_faults(want, done.stdout)
    written = [path for path in (folder / "out").rglob("*") if path.is_file()]
    if len(written) != want.get("writes", len(written)):
        yield f"wrote {written}"


def _lint_faults(want: dict[str, Any], findings: list[dict[str, Any]]) -> Iterator[str]:
    found = [(each["code"], each["severity"]) for each in findings]
    told = [f"{each['message']} {each['hint'] or ''}" for each in findings]
    if want.get("no_error"):
        yield from (f"{code} is an error" for code, severity in found if severity == "error")
    yield from (f"{code} is reported" for code in want.get("absent", ()) if code in dict(found))
    yield from (f"no {one} in {found}" for one in want.get("present", ()) if tuple(one) not in found)
    for pattern in want.get("says", ()):
        if not any(re.search(pattern, text, re.IGNORECASE) for text in told):
            yield f"{pattern!r} is not in {told}"


def _prompt_faults(want: dict[str, Any], text: str) -> Iterator[str]:
    try:
        prompt = json.loads(text, parse_constant=_refuse)
    except ValueError as error:
        yield str(error)
        return
    bare = {path: {key: node[key] for key in ("class_type", "inputs")} for path, node in prompt.items()}
    if bare != want.get("prompt", bare):
        yield f"the prompt is {bare}"
    for path, inputs in want.get("prompt_has", {}).items():
        given = bare[path]["inputs"]
        yield from (f"{path}.{name} is {given.get(name)}" for name in inputs if given.get(name) != inputs[name])


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")
