"""One JSON object for machines; see schemas/report-lint.json."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wftools.lint.engine import Linted
    from wftools.lint.finding import Finding


def render(linted: Sequence[Linted], target: str) -> str:
    """The report of some files."""
    findings = [_finding(finding) for file in linted for finding in file.findings]
    return json.dumps({"findings": findings, "files": len(linted), "target": target}, indent=2, ensure_ascii=False)


def _finding(finding: Finding) -> dict[str, Any]:
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
