"""Lint files and the files in folders."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftools.document import NotAWorkflowError, NothingEmbeddedError
from wftools.document.files import STDIN, candidates, lacks_workflow
from wftools.lint.report import Report

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from wftools.lint.engine import Linter
    from wftools.lint.report import Linted


def lint_files(
    linter: Linter,
    paths: Iterable[str],
    *,
    skip_unknown: bool = False,
    stdin_name: str | None = None,
    begin: Callable[[str, int, int], None] = lambda *_: None,
) -> Iterator[Linted]:
    """Lint files and folders, one after another.

    What is no workflow is left out in a folder, with `skip_unknown` everywhere. `begin` is told the name of each file
    before it is looked at, how many were before it, and how many there are.
    """
    found = list(candidates(paths))
    for number, candidate in enumerate(found):
        begin(candidate.path, number, len(found))
        may_be_other = skip_unknown or not candidate.is_named
        if may_be_other and lacks_workflow(candidate.path):
            continue
        file = linter.look_at(candidate.path, stdin_name if candidate.path == STDIN else None)
        is_other = isinstance(file.error, NotAWorkflowError | NothingEmbeddedError)
        if not (is_other and may_be_other):
            yield file


def report_of(linter: Linter, files: Iterable[Linted]) -> Report:
    """What was found in files, and how it was looked for."""
    target = linter.catalogue.target
    return Report(tuple(files), linter.rules, target.version if target is not None else None)
