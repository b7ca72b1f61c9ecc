"""What ComfyUI would refuse, or silently do wrong, in a workflow file.

    from wftools.lint import Linter

    for finding in Linter().lint("workflow.json"):
        print(finding.line, finding.code, finding.message)

Each name is imported when it is asked for: the command line lists rules and formats without reading a workflow.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from wftools.lint.engine import Linter, Selection
    from wftools.lint.finding import ERROR, INFO, WARNING, Finding, Severity
    from wftools.lint.report import Linted, Report

__all__ = ["ERROR", "INFO", "WARNING", "Finding", "Linted", "Linter", "Report", "Selection", "Severity"]

_HOMES: Final = {"Linter": "engine", "Selection": "engine", "Linted": "report", "Report": "report"}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES.get(name, 'finding')}"), name)
