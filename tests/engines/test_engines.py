"""wftools.engines: jobs mapped in order, wherever they run."""

from __future__ import annotations

import os
import pickle
from typing import TYPE_CHECKING, Any

import pytest

from tests.runtime.plug import document
from wftools.context import Placement
from wftools.engines import ENGINES
from wftools.errors import WftoolsError
from wftools.folders import Folders
from wftools.runtime import Job, Options, Session, run_jobs, setting

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

PICTURE = {
    "1": {"class_type": "EmptyImage", "inputs": {"width": 8, "height": 8, "batch_size": 1, "color": 0xFF8000}},
    "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "x"}},
}


def doubled(numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Each number twice, and who did it."""
    return ((2 * number, os.getpid()) for number in numbers)


def ended(numbers: Iterable[int]) -> Iterator[int]:
    """End the process, as the system does when memory is short."""
    os._exit(1)
    yield from numbers  # type: ignore[unreachable]


def failing(numbers: Iterable[int]) -> Iterator[int]:
    """Work with a fault of its own."""
    yield from (number + "" for number in numbers)  # type: ignore[operator]


@pytest.mark.parametrize("name", ENGINES.names())
def test_a_fault_of_the_work_stays_what_it_is(name: str) -> None:
    with pytest.raises(TypeError, match="unsupported operand"):
        list(ENGINES.load(name).each(failing, range(3)))


@pytest.mark.parametrize("name", ENGINES.names())
def test_an_engine_gives_results_in_the_order_of_the_jobs(name: str) -> None:
    """Every engine, of any number of jobs."""
    engine = ENGINES.load(name)

    assert [result for result, _ in engine.each(doubled, range(7), workers=2, batch=2)] == [0, 2, 4, 6, 8, 10, 12]
    assert list(engine.each(doubled, [], workers=2)) == []


@pytest.mark.parametrize("name", ENGINES.names())
def test_an_engine_takes_jobs_as_it_needs_them(name: str) -> None:
    """A sweep of any length is never all in memory."""
    taken = []
    jobs = (taken.append(number) or number for number in range(10_000))  # type: ignore[func-returns-value,redundant-expr]
    results = ENGINES.load(name).each(doubled, jobs, workers=2, batch=3)

    next(results)
    results.close()

    assert len(taken) < 20


def test_processes_are_others() -> None:
    assert os.getpid() not in {who for _, who in ENGINES.load("processes").each(doubled, range(3), workers=2)}
    assert {who for _, who in ENGINES.load("here").each(doubled, range(3), workers=2)} == {os.getpid()}


def test_a_process_that_ends_is_an_error() -> None:
    with pytest.raises(WftoolsError, match="has ended before it was done"):
        list(ENGINES.load("processes").each(ended, range(3)))


def test_a_job_that_cannot_travel_is_an_error() -> None:
    with pytest.raises(WftoolsError, match="cannot be sent"):
        list(ENGINES.load("processes").each(doubled, [lambda: 1]))  # type: ignore[arg-type]


def job(folder: Path, workflow: Any, *settings: str) -> Job:
    folders = Folders(folder / "models", folder / "input", folder / "output", folder / "temp")
    return Job(workflow, Options(folders, Placement(), tuple(map(setting, settings))))


def test_a_job_in_another_process_gives_the_same_report_and_picture(tmp_path: Path) -> None:
    """It is planned there, with the nodes that are found there by their names."""
    here, there = tmp_path / "here", tmp_path / "there"
    workflow = document(PICTURE, "picture.json")

    (ours,) = ENGINES.load("here").each(run_jobs, [job(here, workflow, "1.width=9")])
    (theirs,) = ENGINES.load("processes").each(run_jobs, [job(there, workflow, "1.width=9")])

    assert theirs.status == "ran"
    assert (there / "output/x_00001_.png").read_bytes() == (here / "output/x_00001_.png").read_bytes()
    assert comparable(theirs.model_dump(), there) == comparable(ours.model_dump(), here)


def comparable(report: Any, folder: Path) -> Any:
    """A report without what differs from run to run: times, and the folder."""
    if isinstance(report, dict):
        return {name: comparable(value, folder) for name, value in report.items() if name != "seconds"}
    if isinstance(report, list):
        return [comparable(value, folder) for value in report]
    return report.replace(str(folder), "") if isinstance(report, str) else report


def test_processes_that_write_into_one_folder_lose_no_picture(tmp_path: Path) -> None:
    """Four at once, of one prefix: each picture that is told is there, under a number of its own."""
    work = [job(tmp_path, document(PICTURE, f"{index}.json"), "1.batch_size=3") for index in range(8)]

    reports = list(ENGINES.load("processes").each(run_jobs, work, workers=4))

    told = [file.path for report in reports for file in report.files]
    assert len(set(told)) == 24
    assert sorted(told) == sorted(str(path) for path in (tmp_path / "output").iterdir())


def test_a_session_uses_an_engine(tmp_path: Path) -> None:
    """What fails there stops the call here; the rest is skipped."""
    bad = document({"1": {"class_type": "Nowhere", "inputs": {}}}, "bad.json")
    session = Session(job(tmp_path, bad).options, engine=ENGINES.load("processes"))

    reports = session.run([document(PICTURE, "good.json"), bad, document(PICTURE, "late.json")]).workflows

    assert [(report.file, report.status) for report in reports] == [
        ("good.json", "ran"),
        ("bad.json", "failed"),
        ("late.json", "skipped"),
    ]


def test_a_job_is_pickled_and_back(tmp_path: Path) -> None:
    """With its document, deep as it may be."""
    deep: Any = []
    for _ in range(100):
        deep = [deep]
    odd = document({**PICTURE, "3": {"class_type": "X", "inputs": {"value": deep}}}, "deep.json")
    one = job(tmp_path, odd, "1.width=9")

    other = pickle.loads(pickle.dumps(one))

    assert (other.name, other.options) == (one.name, one.options)
    assert other.workflow.tree == one.workflow.tree
