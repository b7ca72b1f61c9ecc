"""What the formats for people share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from wftools.escaping import printable
from wftools.lint.finding import ERROR, INFO, WARNING, Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wftools.lint.engine import Linted

_COLOURS: Final[Mapping[Severity | None, str]] = {ERROR: "red", WARNING: "yellow", INFO: "blue"}


def headline(finding: Finding) -> str:
    """file:line:column: L204 error: message [node 57:3]"""
    position = "".join(f"{part}:" for part in (finding.line, finding.column) if part is not None)
    code = click.style(finding.code, fg=_COLOURS.get(finding.severity), bold=True)
    node = click.style(f" [node {printable(finding.node)}]", dim=True) if finding.node is not None else ""
    where = click.style(f"{printable(finding.file)}:", bold=True) + position
    return f"{where} {code} {finding.severity}: {printable(finding.message)}{node}"


def summary(linted: Sequence[Linted]) -> str:
    """Found 2 errors and 1 warning in 14 files."""
    counts = dict.fromkeys((ERROR, WARNING, INFO), 0)
    for file in linted:
        for finding in file.findings:
            counts[finding.severity or ERROR] += 1
    names = {ERROR: "error", WARNING: "warning", INFO: "remark"}
    found = [_plural(count, names[severity]) for severity, count in counts.items() if count]
    files = _plural(len(linted), "file")
    if not found:
        return click.style(f"Nothing found in {files}.", fg="green")
    return f"Found {' and '.join(found)} in {files}."


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
