"""Runs the workflow files of one call, one after another, and reports each when it is done."""

from __future__ import annotations

from collections import deque
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Final

from wftools.catalog.lookup import runnable
from wftools.catalog.nodes import NodeTypes
from wftools.context import never
from wftools.engines import ENGINES, Engine
from wftools.errors import RunError, WftoolsError, explained, foreseen
from wftools.runtime.calls import execute
from wftools.runtime.job import Job, Options, prepare
from wftools.runtime.plan.left_out import left_out
from wftools.runtime.reuse.cache import NOTHING, Cache, Foreseen, foresee
from wftools.runtime.telling.capture import Capture
from wftools.runtime.telling.problem import Problem
from wftools.runtime.telling.progress import Progress, silent
from wftools.runtime.telling.record import Record
from wftools.runtime.telling.report import ErrorReport, RunReport, Status, WorkflowReport

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from wftools.catalog.declare import Declared
    from wftools.catalog.given import ObjectInfo
    from wftools.catalog.lookup import Catalogue
    from wftools.document import Document
    from wftools.runtime.job import AnyWorkflow, Prepared
    from wftools.runtime.telling.watch import Watcher

# How far is looked ahead for results that will be used again: so many workflows, of texts of so many characters.
# A result that only a workflow further off will use is made again; no more documents than these are kept.
AHEAD: Final = 32
AHEAD_CHARACTERS: Final = 2**24


@dataclass(frozen=True)
class Session:
    """One call: its options, the nodes it runs, and how it is watched. Several may run at once, in threads."""

    options: Options = field(default_factory=Options)
    nodes: Mapping[str, Declared] = field(default_factory=NodeTypes)
    known: tuple[ObjectInfo, ...] = ()  # what is said of nodes that are not run: the others run all the same
    progress: Progress = silent
    cancelled: Callable[[], bool] = never  # asked between nodes, and by nodes between steps
    engine: Engine = field(default_factory=lambda: ENGINES.load("here"))
    workers: int = 1

    def run(self, workflows: Iterable[AnyWorkflow]) -> RunReport:
        """Run workflows in order, and report. A failure is in the report; KeyboardInterrupt is raised."""
        return RunReport(workflows=list(self.each(workflows)))

    def each(self, workflows: Iterable[AnyWorkflow]) -> Iterator[WorkflowReport]:
        """Run workflows in order, and report each when it is done.

        Workflows are read some way ahead, so that it is known which results will be used again. What is wrong with one
        is reported when it is its turn. An interrupted one is reported before KeyboardInterrupt is raised.
        """
        jobs = self._jobs(workflows)
        begun: deque[str] = deque()

        def handed_out() -> Iterator[Job]:
            for job in jobs:
                begun.append(job.name)
                yield job

        work = partial(run_jobs, nodes=self.nodes, known=self.known, progress=self.progress, cancelled=self.cancelled)
        with closing(self.engine.each(work, handed_out(), workers=self.workers)) as reports:
            for report in reports:
                begun.popleft()
                yield report
                if report.errors and not self.options.keep_going and report.status != "interrupted":
                    break
        for name in (*begun, *(job.name for job in jobs)):
            yield WorkflowReport(file=name, status="skipped")

    def _jobs(self, workflows: Iterable[AnyWorkflow]) -> Iterator[Job]:
        numbers: dict[str, int] = {}
        for workflow in workflows:
            job = Job(workflow, self.options)
            if self.options.capture is None:
                yield job
            else:
                yield replace(job, capture=_capture_path(self.options.capture, job.name, numbers))


def run_jobs(
    jobs: Iterable[Job],
    nodes: Mapping[str, Declared] | None = None,
    *,
    known: tuple[ObjectInfo, ...] = (),
    progress: Progress = silent,
    cancelled: Callable[[], bool] = never,
) -> Iterator[WorkflowReport]:
    """Run jobs in this process, in order, and report each when it is done; node types are looked up in `nodes`.

    Whatever happens to a job is in its report, but for KeyboardInterrupt, which is raised after it.
    """
    catalogue = runnable(nodes if nodes is not None else NodeTypes(), known)
    coming = iter(jobs)
    window: deque[_Turn] = deque()
    cache = Cache()
    while True:
        while len(window) < AHEAD and sum(turn.characters for turn in window) < AHEAD_CHARACTERS:
            job = next(coming, None)
            if job is None:
                break
            try:
                window.append(_Turn(job, catalogue, progress, cancelled))
            except KeyboardInterrupt:  # the one whose turn it would be was not begun
                yield WorkflowReport(file=(window[0].job if window else job).name, status="interrupted")
                raise
        if not window:
            return
        cache.expect(foresee((turn.foreseen for turn in window), cache.kept()))
        report = window.popleft().run(cache)
        cache.next_workflow()
        yield report
        if report.status == "interrupted":
            raise KeyboardInterrupt


class _Turn:
    """One job of several, from the time it is read until it is its turn and it has run."""

    def __init__(self, job: Job, catalogue: Catalogue, progress: Progress, cancelled: Callable[[], bool]) -> None:
        self.job = job
        self._catalogue = catalogue
        self._progress = progress
        self._cancelled = cancelled
        self._document: Document | None = None
        self._prepared: Prepared | None = None
        self._error: WftoolsError | None = None
        self.foreseen: Foreseen = NOTHING  # its plan and keys, if it may use results of others and they its own
        try:
            with foreseen(job.name):
                self._document = job.read()
                prepared = self._prepare(self._document)
                if job.capture is None and not job.options.dry_run:
                    self.foreseen = prepared.plan, prepared.keys()
                self._prepared = prepared
        except WftoolsError as error:
            self._error = error.with_traceback(None)

    @property
    def characters(self) -> int:
        """How long its text is."""
        return len(self._document.source.text or "") if self._document is not None else 0

    def run(self, cache: Cache) -> WorkflowReport:
        """Run the job, or only plan it; whatever happens is in the report."""
        start = perf_counter()
        name, capture = self.job.name, self.job.capture
        try:
            with foreseen(name):
                report = self._report(cache)
        except WftoolsError as error:
            report = WorkflowReport(file=name, status="failed", errors=[ErrorReport.of(Problem.of(error, name))])
        report.seconds = perf_counter() - start
        report.capture = str(capture) if capture is not None and capture.exists() else None
        return report

    def _report(self, cache: Cache) -> WorkflowReport:
        if self._document is None:
            raise self._error or RunError("was not read")
        prepared = self._prepared
        if prepared is None or prepared.plan.problems:  # what it lacked may be there by now
            prepared = self._prepare(self._document)
        record = Record(prepared.plan, self.job.options.folders)
        problems = prepared.plan.problems
        if self.job.options.dry_run:
            folders = self.job.options.folders
            record.leave_out(left_out(prepared.view, prepared.plan.calls, self._catalogue, folders))
        status: Status
        if not prepared.plan.outputs:
            status = "failed"
        elif self.job.options.dry_run:
            status = "planned"
        else:
            try:
                problems += tuple(map(prepared.located, self._execute(prepared, record, cache)))
                status = "partly" if problems else "ran"
            except KeyboardInterrupt:
                status = "interrupted"
            except Exception as error:  # a node's, or one that nobody foresaw: what was written before is told
                failure = explained(error)
                if failure is not error:
                    failure.__cause__ = error
                problems += (prepared.located(Problem.of(failure)),)
                status = "failed"
        return record.report(self.job.name, status, problems)

    def _execute(self, prepared: Prepared, record: Record, cache: Cache) -> tuple[Problem, ...]:
        capture = self.job.capture
        keys = prepared.keys() if capture is None else {}
        with ExitStack() as stack:
            watchers: list[Watcher] = [record]
            if capture is not None:
                watchers.append(stack.enter_context(Capture(capture)))
            shown = stack.enter_context(self._progress(prepared.plan))
            if shown is not None:
                watchers.append(shown)
            nodes = self._catalogue.declared
            return execute(prepared.plan, nodes, prepared.surroundings, cache=cache, keys=keys, watchers=watchers)

    def _prepare(self, document: Document) -> Prepared:
        return prepare(self.job, document, self._catalogue, self._cancelled)


def _capture_path(folder: Path, name: str, numbers: dict[str, int]) -> Path:
    """A file for a workflow, named as the workflow. Of several with one name, the second has -2 at its end.

    `numbers` has the last number of each name that is taken, and is brought up to date.
    """
    stem = unique = Path(name.strip("<>")).stem
    number = numbers.get(stem.casefold(), 1)
    while unique.casefold() in numbers:  # some file systems do not tell A from a
        number += 1
        unique = f"{stem}-{number}"
    numbers.setdefault(unique.casefold(), 1)
    numbers[stem.casefold()] = number
    return folder / f"{unique}.safetensors"
