"""How findings are shown, a module for each format."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from wftools.plugins import Folder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wftools.lint.engine import Linted


class Reporter(Protocol):
    """What a module of this folder has."""

    def render(self, linted: Sequence[Linted], target: str, /) -> str | bytes:
        """The findings as text for people, or as bytes for machines; `target` is the version that was judged for."""
        ...


REPORTERS: Final[Folder[Reporter]] = Folder("wftools.lint.reporters")


def render(output_format: str, linted: Sequence[Linted], target: str) -> str | bytes:
    """The findings of some files in one of the formats; `target` is the version that was judged for."""
    return REPORTERS.load(output_format).render(linted, target)
