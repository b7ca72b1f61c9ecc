"""Lint files and the files in folders."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftools.document import NotAWorkflowError, NothingEmbeddedError
from wftools.document.files import STDIN, candidates, lacks_workflow
from wftools.lint.report import Report

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wftools.lint.engine import Linter


def lint_files(
    linter: Linter, paths: Iterable[str], *, skip_unknown: bool = False, stdin_name: str | None = None
) -> Report:
    """Lint files and folders. What is no workflow is left out in a folder, with `skip_unknown` everywhere."""
    linted = []
    for candidate in candidates(paths):
        may_be_other = skip_unknown or not candidate.is_named
        if may_be_other and lacks_workflow(candidate.path):
            continue
        file = linter.look_at(candidate.path, stdin_name if candidate.path == STDIN else None)
        is_other = isinstance(file.error, NotAWorkflowError | NothingEmbeddedError)
        if not (is_other and may_be_other):
            linted.append(file)
    return Report(tuple(linted), linter.rules, linter.catalogue.version.version)
