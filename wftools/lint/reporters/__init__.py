"""How findings are shown, a module for each format: adding a file adds a format."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol, runtime_checkable

from wftools.plugins import Folder

if TYPE_CHECKING:
    from wftools.lint.report import Linted, Report


class Reporter(Protocol):
    """What a module of this folder has. The first line of its docstring says what the format is for."""

    def render(self, report: Report, /) -> str | bytes:
        """The report as text for people, or as bytes for machines."""
        ...


@runtime_checkable
class TellsByFile(Protocol):
    """What a module of this folder may have besides, if its report can be told as files are looked through."""

    def of_file(self, file: Linted, /) -> str:
        """The lines on one file, which may be none."""
        ...

    def summary(self, report: Report, /) -> str:
        """What stands behind the lines on all files: together they are the report."""
        ...


REPORTERS: Final[Folder[Reporter]] = Folder("wftools.lint.reporters")
