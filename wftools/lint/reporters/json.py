"""One JSON object for machines; see schemas/report-lint.json."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftools.document.edit import Remove
from wftools.escaping import json_bytes

if TYPE_CHECKING:
    from wftools.document.edit import Edit
    from wftools.errors import WftoolsError
    from wftools.lint.finding import Also, Finding
    from wftools.lint.report import Report
    from wftools.values import Json


def render(report: Report) -> bytes:
    """The report as `LintReport` describes it."""
    return json_bytes(
        {
            "findings": [_finding(finding) for finding in report.findings],
            "files": len(report.files),
            "target": report.target,
            "faults": [_fault(error) for error in report.faults],
        }
    )


def _finding(finding: Finding) -> Json:
    end_line, end_column = finding.end or (None, None)
    return {
        "file": finding.file,
        "line": finding.line,
        "column": finding.column,
        "end_line": end_line,
        "end_column": end_column,
        "pointer": finding.pointer,
        "node": finding.node,
        "title": finding.title,
        "node_type": finding.node_type,
        "code": finding.code,
        "name": finding.name,
        "severity": str(finding.severity),
        "message": finding.message,
        "hint": finding.hint,
        "fix": [_edit(edit) for edit in finding.fix] or None,
        "also": [_also(each) for each in finding.also],
    }


def _also(also: Also) -> Json:
    place = also.place
    return {
        "line": place.line,
        "column": place.column,
        "pointer": place.pointer or "",
        "node": also.node,
        "title": also.title,
    }


def _edit(edit: Edit) -> Json:
    value: dict[str, Json] = {} if isinstance(edit, Remove) else {"value": edit.value}
    return {"edit": type(edit).__name__.lower(), "pointer": edit.pointer, **value}


def _fault(error: WftoolsError) -> Json:
    file = error.place.file if error.place is not None else None
    return {"file": file, "message": error.message, "hint": error.hint}
