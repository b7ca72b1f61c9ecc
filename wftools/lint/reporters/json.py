"""One JSON object for machines; see schemas/report-lint.json."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftools.escaping import json_bytes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wftools.lint.engine import Linted
    from wftools.lint.finding import Finding
    from wftools.values import Json


def render(linted: Sequence[Linted], target: str) -> bytes:
    """The report of some files."""
    findings: list[Json] = [_finding(finding) for file in linted for finding in file.findings]
    return json_bytes({"findings": findings, "files": len(linted), "target": target})


def _finding(finding: Finding) -> dict[str, Json]:
    return {
        "file": finding.file,
        "line": finding.line,
        "column": finding.column,
        "pointer": finding.pointer,
        "node": finding.node,
        "code": finding.code,
        "name": finding.name,
        "severity": str(finding.severity),
        "message": finding.message,
        "hint": finding.hint,
        "fix": None,
    }
