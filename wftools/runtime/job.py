"""A workflow to run, as a value, and what has to be known before it runs.

    job = Job("flow.json", Options(settings=(setting("3.seed=5"),)))
    prepare(job, nodes).plan            # which nodes run, in which order
    next(run_jobs([job]))               # its report

A job can be pickled: it says what to run, and node types are looked up by their names where it runs.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from wftools.context import Placement, never
from wftools.document import Document, Form, read
from wftools.document.files import STDIN, STDIN_NAME
from wftools.folders import Folders
from wftools.graph import build
from wftools.graph.replacing import with_replacements
from wftools.graph.sending import as_queued
from wftools.runtime.device import check_device
from wftools.runtime.plan import Plan, in_document, plan
from wftools.runtime.plan.settings import apply
from wftools.runtime.reuse.keys import content_keys
from wftools.runtime.surroundings import Surroundings, editor_workflow, prompt_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from wftools.catalog.lookup import Catalogue
    from wftools.graph import NodePath
    from wftools.graph.model import View
    from wftools.graph.naming import Setting
    from wftools.runtime.telling.problem import Problem

AnyWorkflow = str | os.PathLike[str] | Document
"""A workflow: a file of any form that wftools reads, `-` for standard input, or a document."""


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


@dataclass(frozen=True)
class Job:
    """One workflow to run, and all that decides what comes out."""

    workflow: AnyWorkflow
    options: Options = field(default_factory=Options)
    capture: Path | None = None  # the file for every node's outputs

    @property
    def name(self) -> str:
        """What messages call it."""
        if isinstance(self.workflow, Document):
            return self.workflow.source.name
        return STDIN_NAME if self.workflow == STDIN else str(self.workflow)

    def __reduce__(self) -> tuple[Any, ...]:
        """To be pickled: standard input belongs to this process, and is read before the job leaves it."""
        return Job, (self.read() if self.workflow == STDIN else self.workflow, self.options, self.capture)

    def read(self) -> Document:
        """The document. Raises InputError if the file is no workflow."""
        return self.workflow if isinstance(self.workflow, Document) else read(self.workflow)


@dataclass(frozen=True)
class Prepared:
    """A job that has been read and planned."""

    job: Job
    document: Document  # of the file's two, the one that is run
    view: View  # what is run of it
    plan: Plan
    surroundings: Surroundings

    def keys(self) -> Mapping[NodePath, str]:
        """Keys of results, as they are now: files may have come or changed."""
        return content_keys(self.plan, self.surroundings)

    def located(self, problem: Problem) -> Problem:
        """A problem with its place in the file."""
        return problem.at(in_document(problem.place, self.document))


def prepare(job: Job, document: Document, catalogue: Catalogue, cancelled: Callable[[], bool] = never) -> Prepared:
    """Plan a job, of which the document has been read.

    Raises InputError if a setting fits nothing, RunError if torch cannot compute where it is asked to.
    """
    options = job.options
    check_device(options.placement.device)
    other = document.companion  # a picture may hold both forms
    chosen = other if other is not None and document.form != options.form == other.form else document
    graph = build(chosen, catalogue)
    view = apply(options.settings, graph.flat)
    if graph.authored is not None:
        view = as_queued(view)  # the editor's part: choices in prompts, dates in file names
    view = with_replacements(view, catalogue)  # the server's
    surroundings = Surroundings(
        options.folders,
        options.placement,
        options.metadata,
        cancelled,
        prompt_of(view),
        editor_workflow(document),
    )
    return Prepared(job, chosen, view, plan(graph, view, catalogue.declared, options.folders), surroundings)
