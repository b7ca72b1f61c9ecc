"""The names of the files in which something changed, a line each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftools.escaping import printable

if TYPE_CHECKING:
    from wftools.diff.report import Report


def render(report: Report) -> str:
    """The names, as the files were found."""
    return "\n".join(printable(file.name) for file in report.files if file.status not in ("same", "failed"))
