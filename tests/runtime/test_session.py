"""Several workflows in one call, and what a call leaves behind."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

from tests.runtime.plug import LOG, NODES, document, prompt, run_all
from wftools.runtime import Options, RunReport, Session

GOOD = prompt(n1=("Number", {"value": 1}), n2=("Show", {"value": ["1", 0]}))
BAD = prompt(n1=("Fail", {"message": "no"}), n2=("Show", {"value": ["1", 0]}))
PARTLY = {**GOOD, "3": {"class_type": "Show", "inputs": {"value": ["9", 0]}}}


@pytest.mark.parametrize(
    ("trees", "keep_going", "statuses", "exit_status"),
    [
        ([GOOD, GOOD], False, ["ran", "ran"], 0),
        ([BAD, GOOD, GOOD], False, ["failed", "skipped", "skipped"], 2),
        ([GOOD, BAD, GOOD], False, ["ran", "failed", "skipped"], 2),
        ([BAD, GOOD], True, ["failed", "ran"], 2),
        ([PARTLY, GOOD], False, ["partly", "skipped"], 2),
        ([PARTLY, GOOD], True, ["partly", "ran"], 2),
        ([], False, [], 0),
    ],
)
def test_a_failure_stops_the_call_unless_it_is_to_go_on(
    trees: list[dict[str, object]], keep_going: bool, statuses: list[str], exit_status: int
) -> None:
    """In the order of the files; the exit status says that not everything ran."""
    reports = run_all(*trees, keep_going=keep_going)

    assert [report.status for report in reports] == statuses
    assert RunReport(workflows=reports).exit_status == exit_status


def test_workflows_run_when_they_are_asked_for() -> None:
    """A report is there before the next workflow starts."""
    reports = Session(nodes=NODES).each([document(GOOD, "a"), document(GOOD, "b")])

    first = next(reports)

    assert (first.file, LOG.count("Show 1")) == ("a", 1)


def test_what_nodes_print_does_not_mix_with_results(monkeypatch: pytest.MonkeyPatch) -> None:
    """It goes to stderr; stdout is for what wftools has to say."""
    stdout, stderr = io.StringIO(), io.StringIO()
    monkeypatch.setattr(sys, "stdout", stdout)
    monkeypatch.setattr(sys, "stderr", stderr)
    Session(nodes=NODES).run([document(prompt(n1=("Chatty", {})))])

    assert (stdout.getvalue(), stderr.getvalue()) == ("", "hello\n")


def test_the_report_is_json_and_back() -> None:
    """Every part of it."""
    report = RunReport(workflows=run_all(GOOD, BAD, GOOD))

    tree = json.loads(report.model_dump_json())

    assert tree["exit_status"] == 2
    assert tree["workflows"][0]["texts"] == [{"text": "1", "node": "2 (Show)"}]
    del tree["exit_status"]
    assert RunReport.model_validate(tree) == report


def test_files_of_one_name_get_captures_of_their_own(tmp_path: Path) -> None:
    """Whatever folders they are in, and whether or not the file system tells A from a."""
    names = ["flow.json", "other/flow.json", "Flow.png", "flow-2.json"]
    session = Session(Options(capture=tmp_path), NODES)

    reports = session.run(document(GOOD, name) for name in names).workflows

    assert [Path(report.capture or "").name for report in reports] == [
        "flow.safetensors",
        "flow-2.safetensors",
        "Flow-3.safetensors",
        "flow-2-2.safetensors",
    ]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(Path(r.capture or "").name for r in reports)


def test_an_interrupted_workflow_leaves_no_capture(tmp_path: Path) -> None:
    """Half of it would look like all of it."""
    session = Session(Options(capture=tmp_path, cancelled=lambda: "step 2" in LOG), NODES)
    tree = prompt(n1=("Number", {"value": 1}), n2=("Show", {"value": ["1", 0]}), n3=("Cancelled", {"steps": 9}))

    assert next(session.each([document(tree)])).status == "interrupted"
    assert list(tmp_path.iterdir()) == []


def test_a_capture_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    """Said before anything runs."""
    (tmp_path / "file").touch()

    report = run_all(GOOD, capture=tmp_path / "file")[0]

    assert report.status == "failed"
    assert report.errors[0].message.startswith("cannot write ")
    assert LOG == []
