"""Runs the workflow files of one call, one after another."""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack, redirect_stdout
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Literal

from wftools.catalog.lookup import Catalogue, runnable
from wftools.catalog.nodes import NodeTypes
from wftools.context import Placement
from wftools.document import Document, read
from wftools.errors import RunError, WftoolsError
from wftools.folders import Folders
from wftools.graph import NodePath, build
from wftools.graph.sending import as_queued
from wftools.runtime.calls import execute
from wftools.runtime.plan import Plan, placed, plan
from wftools.runtime.plan.settings import Setting, apply
from wftools.runtime.reuse.cache import Cache, foresee
from wftools.runtime.reuse.keys import content_keys
from wftools.runtime.surroundings import Surroundings, editor_workflow, prompt_of
from wftools.runtime.telling.capture import Capture
from wftools.runtime.telling.problem import Problem
from wftools.runtime.telling.progress import Progress, silent
from wftools.runtime.telling.record import Record, error_report
from wftools.runtime.telling.report import RunReport, Status, WorkflowReport

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from wftools.catalog.declare import Declared
    from wftools.runtime.telling.watch import Watcher

AnyWorkflow = str | os.PathLike[str] | Document
"""A workflow: a file of any form that wftools reads, `-` for standard input, or a document."""

Form = Literal["workflow", "prompt"]


def _never() -> bool:
    return False


@dataclass(frozen=True)
class Options:
    """How workflows are run."""

    folders: Folders = field(default_factory=Folders)
    placement: Placement = field(default_factory=Placement)
    settings: tuple[Setting, ...] = ()
    form: Form | None = None  # which is run, if a file holds both; None: what the file is read as
    keep_going: bool = False  # run the other workflows if one fails
    dry_run: bool = False  # only plan
    metadata: bool = True  # whether saved files carry the workflow
    capture: Path | None = None  # the folder for files with every node's outputs
    cancelled: Callable[[], bool] = _never  # asked between nodes, and by nodes between steps


@dataclass(frozen=True)
class Session:
    """One call: its options, and the nodes it runs."""

    options: Options = field(default_factory=Options)
    nodes: Mapping[str, Declared] = field(default_factory=NodeTypes)
    progress: Progress = silent

    @cached_property
    def catalogue(self) -> Catalogue:
        """What workflows are read and judged with."""
        return runnable(self.nodes)

    def run(self, sources: Iterable[AnyWorkflow]) -> RunReport:
        """Run workflows in order, and report. A failure is in the report; KeyboardInterrupt is raised."""
        return RunReport(workflows=list(self.each(sources)))

    def each(self, sources: Iterable[AnyWorkflow]) -> Iterator[WorkflowReport]:
        """Run workflows in order, and report each when it is done.

        All files are read and planned first, so that it is known which results will be used again. What is wrong with a
        file is reported when it is its turn. An interrupted workflow is reported before KeyboardInterrupt is raised.
        """
        workflows = [_Workflow(self, source) for source in sources]
        captures = _capture_paths(self.options.capture, [workflow.name for workflow in workflows])
        reuses = self.options.capture is None and not self.options.dry_run
        cache = Cache(foresee(workflow.foreseen() for workflow in workflows) if reuses else ())
        is_stopped = False
        for workflow, capture in zip(workflows, captures, strict=True):
            if is_stopped:
                yield WorkflowReport(file=workflow.name, status="skipped")
                continue
            report = workflow.run(cache, capture)
            cache.next_workflow()
            yield report
            if report.status == "interrupted":
                raise KeyboardInterrupt
            is_stopped = bool(report.errors) and not self.options.keep_going


@dataclass(frozen=True)
class _Prepared:
    document: Document  # of the file's two, the one that is run
    plan: Plan
    surroundings: Surroundings

    def located(self, problem: Problem) -> Problem:
        """A problem with its place in the file."""
        return problem.at(placed(problem.place, self.document))


class _Workflow:
    """One workflow of a call."""

    def __init__(self, session: Session, source: AnyWorkflow) -> None:
        self._session = session
        self._document: Document | WftoolsError
        self._prepared: _Prepared | None = None
        try:
            self._document = source if isinstance(source, Document) else read(source)
            self.name = self._document.source.name
        except WftoolsError as error:
            self._document = error
            self.name = str(source)

    def foreseen(self) -> tuple[Plan, Mapping[NodePath, str]]:
        """The plan and its keys, as far as they can be told before other workflows have run."""
        try:
            prepared = self._prepare()
        except WftoolsError:
            return Plan({}, (), {}), {}
        if not prepared.plan.problems:
            self._prepared = prepared
        return prepared.plan, content_keys(prepared.plan, prepared.surroundings)

    def run(self, cache: Cache, capture: Path | None) -> WorkflowReport:
        """Run the workflow, or only plan it."""
        start = perf_counter()
        try:
            prepared = self._prepared or self._prepare()
        except WftoolsError as error:
            problem = Problem.of(error, self.name)
            return WorkflowReport(file=self.name, status="failed", errors=[error_report(problem)])
        record = Record(prepared.plan, self._session.options.folders)
        status, problems = self._status(prepared, record, cache, capture)
        report = record.report(self.name, status, problems)
        report.seconds = perf_counter() - start
        report.capture = str(capture) if capture is not None and capture.exists() else None
        return report

    def _status(
        self, prepared: _Prepared, record: Record, cache: Cache, capture: Path | None
    ) -> tuple[Status, tuple[Problem, ...]]:
        problems = prepared.plan.problems
        if not prepared.plan.outputs:
            return "failed", problems
        if self._session.options.dry_run:
            return "planned", problems
        try:
            problems += self._execute(prepared, record, cache, capture)
        except RunError as error:
            return "failed", (*problems, prepared.located(Problem.of(error)))
        except KeyboardInterrupt:
            return "interrupted", problems
        return "partly" if problems else "ran", problems

    def _execute(self, prepared: _Prepared, record: Record, cache: Cache, capture: Path | None) -> tuple[Problem, ...]:
        keys = content_keys(prepared.plan, prepared.surroundings) if capture is None else {}
        # Nodes may print; what this process prints is its results only.
        with ExitStack() as stack:
            stack.enter_context(redirect_stdout(sys.stderr))
            watchers: list[Watcher] = [record]
            if capture is not None:
                watchers.append(stack.enter_context(Capture(capture)))
            shown = stack.enter_context(self._session.progress(prepared.plan))
            if shown is not None:
                watchers.append(shown)
            problems = execute(
                prepared.plan, self._session.nodes, prepared.surroundings, cache=cache, keys=keys, watchers=watchers
            )
        return tuple(map(prepared.located, problems))

    def _prepare(self) -> _Prepared:
        """Plan the workflow. Raises the error of reading it."""
        if isinstance(self._document, WftoolsError):
            raise self._document
        session, options = self._session, self._session.options
        document = _chosen(self._document, options.form)
        graph = build(document, session.catalogue)
        view = apply(options.settings, graph.flat, session.nodes)
        if graph.authored is not None:
            view = as_queued(view)  # the editor's part: choices in prompts, dates in file names
        surroundings = Surroundings(
            options.folders,
            options.placement,
            options.metadata,
            options.cancelled,
            prompt_of(view),
            editor_workflow(self._document),
        )
        planned = plan(graph, view, session.nodes, options.folders)
        return _Prepared(document, planned, surroundings)


def _chosen(document: Document, form: Form | None) -> Document:
    """The one of a file's two forms that is wanted, if the file holds it."""
    wanted = {"workflow": "ui", "prompt": "api", None: document.form}[form]
    other = document.companion
    return other if other is not None and document.form != wanted == other.form else document


def _capture_paths(folder: Path | None, names: Sequence[str]) -> list[Path | None]:
    """A file for each workflow, named as the workflow. Of several with one name, the second has -2 at its end."""
    if folder is None:
        return [None] * len(names)
    paths: list[Path | None] = []
    taken: set[str] = set()
    for name in names:
        stem = Path(name.strip("<>")).stem
        number, unique = 1, stem
        while unique.casefold() in taken:  # some file systems do not tell A from a
            number += 1
            unique = f"{stem}-{number}"
        taken.add(unique.casefold())
        paths.append(folder / f"{unique}.safetensors")
    return paths
