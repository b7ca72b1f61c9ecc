"""A page with both versions as pictures and a list of changes that jumps: one HTML file that needs nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wftools.diff.report import Report


def render(report: Report) -> bytes:
    """The page."""
    from wftools.diff.page import diff_page

    return diff_page(report)
