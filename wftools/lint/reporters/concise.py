"""A line for each finding: file:line:column: code message."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftools.lint.reporters._text import headline, summary

if TYPE_CHECKING:
    from wftools.lint.report import Report


def render(report: Report) -> str:
    """The findings, and how many there are."""
    return "\n".join([*map(headline, report.findings), summary(report)])
