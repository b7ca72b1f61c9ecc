"""Entries as lines of text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import click

from wftools.diff.story import Piece
from wftools.diff.story.pieces import marked
from wftools.escaping import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

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
_MARKED: Final = ("deleted", "inserted")  # in a row of them without a blank, lines may be broken
_MOST_PARTS: Final = 2  # of a word that is kept on one line
_WORD: Final = re.compile(r"\s*\S+|\s+")


def lines(entry: Entry) -> Iterator[str]:
    """`~ KSampler #3: steps 20 → 30, cfg 7 → 6`, on as many lines as it takes."""
    told = [Piece(entry.sign), Piece(" "), *entry.sentence]
    first, *others = _filled(told)
    yield click.style(first[:1], fg=_SIGNS[entry.sign], bold=True) + first[1:]
    yield from others


def _filled(pieces: Iterable[Piece]) -> Iterator[str]:
    """Lines of at most WIDTH characters, broken between words; a word that is longer stands alone."""
    line, length = "", 0
    for word in _words(pieces):
        size = sum(len(text) for text, _ in word)
        if length + size > WIDTH and length > len(INDENT):
            yield line.rstrip()
            line, length = INDENT, len(INDENT)
            word[0] = (word[0][0].lstrip(), word[0][1])
            size = sum(len(text) for text, _ in word)
        line += "".join(styled(text, role) for text, role in word)
        length += size
    yield line.rstrip()


def _words(pieces: Iterable[Piece]) -> Iterator[list[tuple[str, Role]]]:
    """Words with the blanks before them, each of the pieces that it is made of."""
    word: list[tuple[str, Role]] = []
    for piece in pieces:
        for text in _WORD.findall(printable(marked(piece))):
            is_word = text[0].isspace() or (piece.role in _MARKED and len(word) > _MOST_PARTS)
            if is_word and word:
                yield word
                word = []
            word.append((text, piece.role))
    if word:
        yield word


def shown(pieces: Pieces) -> str:
    """Pieces on one line, styled."""
    return "".join(styled(printable(marked(piece)), piece.role) for piece in pieces)


def styled(text: str, role: Role) -> str:
    """Text in the colour of its role."""
    return click.style(text, **_STYLES[role]) if role in _STYLES else text
