"""Entries as lines of text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import click

from wftools.diff.story import Piece
from wftools.diff.story.pieces import marked
from wftools.escaping import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from wftools.diff.story import Entry, Pieces, Role, Sign

WIDTH: Final = 110
INDENT: Final = "    "

_SIGNS: Final[Mapping[Sign, str]] = {"+": "green", "-": "red", "~": "yellow"}
_STYLES: Final[Mapping[Role, Mapping[str, Any]]] = {
    "name": {"bold": True},
    "old": {"fg": "red"},
    "new": {"fg": "green"},
    "deleted": {"fg": "red"},
    "inserted": {"fg": "green"},
    "quiet": {"dim": True},
}
_WORD: Final = re.compile(r"\s*\S+|\s+")


def lines(entry: Entry) -> Iterator[str]:
    """`~ KSampler #3: steps 20 → 30, cfg 7 → 6`, on as many lines as it takes."""
    told: list[Piece] = [Piece(f"{entry.sign} ", "text"), *entry.head]
    for index, detail in enumerate(entry.details):
        told += [Piece(", " if index else _lead(entry)), *detail]
    first, *others = _filled(told)
    sign, rest = first[:1], first[1:]
    yield click.style(sign, fg=_SIGNS[entry.sign], bold=True) + rest
    yield from others


def _lead(entry: Entry) -> str:
    return ": " if entry.sign == "~" else " "


def _filled(pieces: Sequence[Piece]) -> Iterator[str]:
    """Lines of at most WIDTH characters, broken between words; a word that is longer stands alone."""
    line, length = "", 0
    for piece in pieces:
        for word in _WORD.findall(printable(marked(piece))):
            is_over = length + len(word) > WIDTH and length > len(INDENT)
            if is_over:
                yield line.rstrip()
                line, length = INDENT, len(INDENT)
            text = word.lstrip() if is_over else word
            line += styled(text, piece.role)
            length += len(text)
    yield line.rstrip()


def shown(pieces: Pieces) -> str:
    """Pieces on one line, styled."""
    return "".join(styled(printable(marked(piece)), piece.role) for piece in pieces)


def styled(text: str, role: Role) -> str:
    """Text in the colour of its role."""
    return click.style(text, **_STYLES[role]) if role in _STYLES else text
