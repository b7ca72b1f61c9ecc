"""How files are shown, a module for each format: adding a file adds a format."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from wftools.plugins import Folder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wftools.overview.files import Seen


class Reporter(Protocol):
    """What a module of this folder has. The first line of its docstring says what the format is for."""

    def render(self, files: Iterable[Seen], /) -> Iterator[str | bytes]:
        """Text for people, or bytes for machines, in pieces as files come."""
        ...


REPORTERS: Final[Folder[Reporter]] = Folder("wftools.overview.reporters")
