"""How changes are shown, a module for each format: adding a file adds a format."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from wftools.plugins import Folder

if TYPE_CHECKING:
    from wftools.diff.report import Report


class Reporter(Protocol):
    """What a module of this folder has. The first line of its docstring says what the format is for."""

    def render(self, report: Report, /) -> str | bytes:
        """The report as text for people, or as bytes for machines and other programs."""
        ...


REPORTERS: Final[Folder[Reporter]] = Folder("wftools.diff.reporters")
