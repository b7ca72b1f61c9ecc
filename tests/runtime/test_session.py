"""Several workflows in one call, and what a call leaves behind."""

from __future__ import annotations

import json
import sys
import weakref
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.runtime.plug import LOG, NODES, document, prompt, run_all
from wftools.catalog.declare import Declared
from wftools.graph.model import Node, NodePath
from wftools.runtime import Options, RunReport, Session, WorkflowReport, job
from wftools.runtime.calls.invoke import blamed
from wftools.runtime.plan.call import resolve
from wftools.runtime.session import AHEAD

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wftools.document import Document
    from wftools.graph import WorkflowGraph

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


def test_sessions_run_in_threads_and_leave_the_streams_alone() -> None:
    """What the process prints meanwhile goes where it went before."""
    stdout = sys.stdout
    seen: list[object] = []

    def seen_streams() -> bool:
        seen.append(sys.stdout)
        return False

    def watch(number: int) -> str:
        tree = prompt(n1=("Number", {"value": number}), n2=("Show", {"value": ["1", 0]}))
        return Session(nodes=NODES, cancelled=seen_streams).run([document(tree)]).workflows[0].status

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(watch, range(8))) == {"ran"}

    assert set(map(id, seen)) == {id(stdout)}


def test_a_long_sweep_keeps_few_documents() -> None:
    """No more than the look-ahead: what comes is read when it is near, what is done is let go."""
    alive: weakref.WeakValueDictionary[int, Document] = weakref.WeakValueDictionary()
    most = 0

    def workflows() -> Iterator[Document]:
        nonlocal most
        for number in range(3 * AHEAD):
            made = document(prompt(n1=("Number", {"value": number}), n2=("Show", {"value": ["1", 0]})))
            alive[number] = made
            yield made
            del made
            most = max(most, len(alive))

    reports = list(Session(nodes=NODES).each(workflows()))

    assert [report.status for report in reports] == ["ran"] * (3 * AHEAD)
    assert most <= AHEAD + 2


def test_what_nobody_foresaw_is_the_error_of_one_workflow(monkeypatch: pytest.MonkeyPatch) -> None:
    """The others run, and the message says whose fault it is."""
    real = job.plan  # type: ignore[attr-defined]

    def plan(graph: WorkflowGraph, *rest: Any) -> Any:
        if graph.document.source.name == "odd":
            raise ZeroDivisionError("in the planner")
        if graph.document.source.name == "deep":
            raise RecursionError
        return real(graph, *rest)

    monkeypatch.setattr(job, "plan", plan)
    session = Session(Options(keep_going=True), NODES)
    odd, deep, good = session.run([document(GOOD, "odd"), document(GOOD, "deep"), document(GOOD, "good")]).workflows

    assert [report.status for report in (odd, deep, good)] == ["failed", "failed", "ran"]
    assert (odd.errors[0].file, odd.errors[0].traceback is None) == ("odd", False)
    assert "fault of wftools" in str(odd.errors[0].hint)
    assert (deep.errors[0].file, deep.errors[0].message) == ("deep", "nested too deeply, or too long a chain of nodes")


def test_what_a_failing_node_has_written_is_told() -> None:
    """Two pictures of three, on a disk that is full then."""
    report = run_all(prompt(n1=("SaveAndFail", {}), n2=("Show", {"value": ["1", 0]})))[0]

    assert (report.status, report.nodes[0].state) == ("failed", "failed")
    assert [file.path for file in report.files] == ["first.png"]


@pytest.mark.parametrize("quitter", ["Quit", "QuitLater"])
def test_a_node_does_not_end_the_process(quitter: str) -> None:
    """What it raises for that is an error of its workflow, like others."""
    reports = run_all(prompt(n1=(quitter, {}), n2=("Show", {"value": ["1", 0]})), GOOD, keep_going=True)

    assert [report.status for report in reports] == ["failed", "ran"]
    assert reports[0].errors[0].node == f"1 ({quitter})"


class _Interrupted(dict[str, Declared]):
    """Node types that are asked for at the moment of Ctrl-C."""

    def __getitem__(self, node_type: str) -> Declared:
        if node_type == "Fail":
            raise KeyboardInterrupt
        return super().__getitem__(node_type)


@pytest.mark.parametrize("trees", [[BAD, GOOD], [GOOD, BAD]])
def test_an_interrupt_while_workflows_are_read_is_in_the_report(trees: list[dict[str, Any]]) -> None:
    """With the one whose turn it would be, although another was read ahead."""
    reports: list[WorkflowReport] = []

    with pytest.raises(KeyboardInterrupt):
        reports.extend(Session(nodes=_Interrupted(NODES)).each(document(tree, "a") for tree in trees))

    # `extend` keeps what came before the exception.
    assert [report.status for report in reports] == ["interrupted"]


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (MemoryError(), "needs more memory than there is"),
        (
            RuntimeError(
                "[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried to allocate 5368709120 bytes."
            ),
            "needs more memory than there is: it asked for 5.0 GB at once",
        ),
    ],
)
def test_a_node_that_asks_for_too_much_memory_says_so_in_words(error: Exception, said: str) -> None:
    call = resolve(Node(NodePath("1"), "Show", {}, ""), NODES["Show"], lambda _: None)[0]

    assert blamed(error, call).message == said
    assert "smaller" in str(blamed(error, call).hint)


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
    session = Session(Options(capture=tmp_path), NODES, cancelled=lambda: "step 2" in LOG)
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
