"""How wide text is, and how much of it fits: estimated, since whoever looks at a picture has fonts of his own.

Widths are those of Helvetica and Arial (Adobe's font metrics), in thousandths of the size; a font that is a little
wider is taken into account by `SLACK`.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Final
from unicodedata import category, east_asian_width

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wftools.draw.scene import Mark, Word

FONT: Final = 'Inter, "Helvetica Neue", Helvetica, Arial, "Liberation Sans", "DejaVu Sans", sans-serif'
MONOSPACE: Final = 'ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", "Liberation Mono", monospace'

TITLE_SIZE: Final = 14
TEXT_SIZE: Final = 12

SLACK: Final = 1.04
MONOSPACE_ADVANCE: Final = 0.602  # of the size
ELLIPSIS: Final = "…"

_ROWS: Final = (
    (191, "'"),
    (222, "ijl"),
    (260, "|"),
    (278, " !,./:;I[]ft\\"),
    (333, "()-`r"),
    (334, "{}"),
    (355, '"'),
    (389, "*"),
    (469, "^"),
    (500, "Jcksvxyz"),
    (556, "#$0123456789?L_abdeghnopqu"),
    (584, "+<=>~"),
    (611, "FTZ"),
    (667, "&ABEKPSVXY"),
    (722, "CDHNRUw"),
    (778, "GOQ"),
    (833, "Mm"),
    (889, "%"),
    (944, "W"),
    (1000, "…"),
    (1015, "@"),
)
_WIDTHS: Final = {letter: width for width, letters in _ROWS for letter in letters}
_OTHER: Final = 600
_WIDE: Final = 1000


def width_of(text: str, size: float) -> float:
    """The width of a line."""
    return sum(map(_advance, text)) * size / 1000 * SLACK


def fitted(text: str, size: float, width: float) -> str:
    """As much of a line as fits into a width; what is cut ends with an ellipsis."""
    room = width * 1000 / (size * SLACK)
    cut = room - _advance(ELLIPSIS)
    used, kept = 0.0, 0
    for index, letter in enumerate(text):
        used += _advance(letter)
        if used <= cut:
            kept = index + 1
        if used > room:
            return text[:kept].rstrip() + ELLIPSIS if kept else ""
    return text


def wrapped(text: str, columns: int, most: int) -> list[str]:
    """A text in lines of so many columns, broken between words where that is possible; the last of too many is cut."""
    lines: list[str] = []
    for line in _broken(text, max(columns, 1)):
        if len(lines) == most:
            lines[-1] = lines[-1][: max(columns - 1, 0)] + ELLIPSIS if lines else ""
            break
        lines.append(line)
    return lines


def wrapped_words(words: Sequence[Word], columns: int, most: int) -> list[list[Word]]:
    """A text that changed in lines of so many columns, each in parts that were changed alike.

    Of more lines than `most`, those are kept in which something changed first.
    """
    parts = [(mark, each.replace("\t", "    ")) for mark, each in words]
    text = "".join(each for _, each in parts)
    marks = [mark for mark, each in parts for _ in each]
    lines: list[list[Word]] = []
    at = 0
    for line in _broken(text, max(columns, 1)):
        at = text.find(line, at)
        lines.append([(mark, "".join(run)) for mark, run in _runs(line, marks[at : at + len(line)])])
        at += len(line)
    first = next((index for index, line in enumerate(lines) if any(mark is not None for mark, _ in line)), 0)
    start = max(first - 1, 0) if first >= most else 0
    return lines[start : start + most]


def _runs(line: str, marks: Sequence[Mark | None]) -> Iterator[tuple[Mark | None, list[str]]]:
    for mark, run in groupby(zip(marks, line, strict=True), key=itemgetter(0)):
        yield mark, [letter for _, letter in run]


def _broken(text: str, columns: int) -> Iterator[str]:
    for paragraph in text.expandtabs(4).splitlines() or [""]:
        start = 0
        while (end := _end_of_columns(paragraph, start, columns)) < len(paragraph):
            space = paragraph.rfind(" ", start + 1, end + 1)
            yield paragraph[start : space if space > start else end]
            start = space + 1 if space > start else end
        yield paragraph[start:]


def _end_of_columns(text: str, start: int, columns: int) -> int:
    """Where so many columns end, from a start on; at least one character further, if there is one."""
    used = 0
    for index in range(start, len(text)):
        used += 2 if _advance(text[index]) == _WIDE else 1
        if used > columns:
            return max(index, start + 1)
    return len(text)


@lru_cache(maxsize=4096)
def _advance(letter: str) -> float:
    known = _WIDTHS.get(letter)
    if known is not None:
        return known
    if east_asian_width(letter) in "WF":
        return _WIDE
    return 0 if category(letter) in ("Mn", "Me", "Cf") else _OTHER
