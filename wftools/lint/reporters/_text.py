"""What the formats for people share."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

import click

from wftools.errors import MAX_SHOWN, counted
from wftools.escaping import printable
from wftools.lint.finding import ERROR, INFO, WARNING, Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wftools.lint.report import Report

_COLOURS: Final[Mapping[Severity, str]] = {ERROR: "red", WARNING: "yellow", INFO: "blue"}
_NAMES: Final[Mapping[Severity, str]] = {ERROR: "error", WARNING: "warning", INFO: "remark"}


def headline(finding: Finding) -> str:
    """file:line:column: L204 error: message [node 57:3 "Big one" (KSampler)]"""
    position = "".join(f"{part}:" for part in (finding.line, finding.column) if part is not None)
    code = click.style(finding.code, fg=_COLOURS[finding.severity], bold=True)
    node = click.style(f" [node {printable(_named(finding))}]", dim=True) if finding.node is not None else ""
    where = click.style(f"{printable(finding.file)}:", bold=True) + position
    return f"{where} {code} {finding.severity}: {printable(finding.message)}{node}"


def _named(finding: Finding) -> str:
    """A node by its id, its title unless that is its type, and its type."""
    title = f' "{finding.title[:MAX_SHOWN]}"' if finding.title and finding.title != finding.node_type else ""
    kind = f" ({finding.node_type[:MAX_SHOWN]})" if finding.node_type else ""
    return f"{finding.node}{title}{kind}"


def summary(report: Report) -> str:
    """Found 2 errors and 1 warning in 14 files."""
    counts = Counter(finding.severity for finding in report.findings)
    found = [counted(counts[severity], name) for severity, name in _NAMES.items() if counts[severity]]
    files = counted(len(report.files), "file")
    if not found:
        return click.style(f"Nothing found in {files}.", fg="green")
    return f"Found {' and '.join(found)} in {files}."
