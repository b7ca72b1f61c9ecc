"""A line for each finding: file:line:column: code message."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftools.lint.reporters._text import headline, summary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wftools.lint.engine import Linted


def render(linted: Sequence[Linted], target: str) -> str:  # noqa: ARG001
    """The findings of some files, and how many there are."""
    return "\n".join([*(headline(finding) for file in linted for finding in file.findings), summary(linted)])
