"""A line for each finding: file:line:column: code message."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftools.lint.reporters._text import headline, summary

if TYPE_CHECKING:
    from wftools.lint.report import Linted, Report


__all__ = ["of_file", "render", "summary"]


def of_file(file: Linted) -> str:
    """The findings of one file."""
    return "\n".join(map(headline, file.findings))


def render(report: Report) -> str:
    """The findings, and how many there are."""
    return "\n".join([*filter(None, map(of_file, report.files)), summary(report)])
