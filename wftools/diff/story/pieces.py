"""Text in pieces, each with what it is, so that every report styles and escapes them in its own way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wftools.values import Json

Role: TypeAlias = Literal["text", "name", "old", "new", "deleted", "inserted", "quiet"]
"""What a piece is. old and new: a value as a whole; deleted and inserted: words of a text, with others around them."""


class Piece(NamedTuple):
    """Some characters, as they stand in a file: to be escaped by who shows them."""

    text: str
    role: Role = "text"


Pieces: TypeAlias = tuple[Piece, ...]


def said(*parts: str | Piece | Pieces) -> Pieces:
    """Pieces in a row, of words of ours and of pieces."""
    found: list[Piece] = []
    for part in parts:
        if isinstance(part, str):
            found.append(Piece(part))
        elif isinstance(part, Piece):
            found.append(part)
        else:
            found.extend(part)
    return tuple(found)


def named(name: str) -> Piece:
    """The name of something."""
    return Piece(name, "name")


def joined(items: Iterable[Pieces], between: str = ", ") -> Pieces:
    """Some pieces with a word between each two."""
    found: list[Piece] = []
    for index, item in enumerate(items):
        found += [Piece(between), *item] if index else item
    return tuple(found)


def some(items: list[Pieces], most: int) -> Pieces:
    """The first of some pieces, and how many more there are."""
    more = said(f" and {len(items) - most} more") if len(items) > most else ()
    return (*joined(items[:most]), *more)


def plain(pieces: Pieces) -> str:
    """The text alone, in which words of a diff have git's marks: [-old-]{+new+}."""
    return "".join(marked(piece) for piece in pieces)


def as_json(pieces: Pieces) -> Json:
    """Pieces as the pages take them: each with its role."""
    return [[text, role] for text, role in pieces]


def marked(piece: Piece) -> str:
    """A piece with git's marks, if it is a word of a diff."""
    if piece.role == "deleted":
        return f"[-{piece.text}-]"
    return f"{{+{piece.text}+}}" if piece.role == "inserted" else piece.text
