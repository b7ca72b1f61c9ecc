"""Lines of ours in a file of somebody else, which go again without a trace: to the byte what stood there before.

The first line of the block says what it has to: whether there was a file, and whether its last line had an end.

Why not `git config --add` and `--unset`: git leaves an empty file, section or line end behind, and cannot tell an entry
of ours from one that the user has made by hand.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from wftools.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable

_START: Final = "# >>> written by `wftools git install`, removed by `wftools git uninstall`"
_END: Final = "# <<< wftools"
_NEW_FILE: Final = " (new file)"
_NO_LINE_END: Final = " (after a line without end)"

_BLOCK: Final = re.compile(
    rb"^%b(?P<how>[^\r\n]*)\r?\n(?P<lines>.*?)^%b\r?(\n|\Z)" % (re.escape(_START.encode()), re.escape(_END.encode())),
    re.DOTALL | re.MULTILINE,
)


def lines_of(content: bytes | None) -> tuple[str, ...] | None:
    """The lines of the block in a file; None if it has none, or is not there. Raises InputError for half a block."""
    if content is None:
        return None
    found = _BLOCK.search(content)
    if found is not None:
        return tuple(found["lines"].decode(errors="surrogateescape").splitlines())
    if _START.encode() in content:
        raise InputError(f"the block of wftools has lost its last line, {_END!r}", hint="remove the block by hand")
    return None


def with_block(content: bytes | None, lines: Iterable[str]) -> bytes:
    """The content of a file with a block of these lines: at the end, or in the place of the one that it has."""
    made = "".join(f"{line}\n" for line in lines)
    if content is not None and lines_of(content) is not None:
        return _BLOCK.sub(lambda found: _spelled(found["how"].decode(), made), content, count=1)
    if content is None:
        return _spelled(_NEW_FILE, made)
    if content and not content.endswith(b"\n"):
        return content + b"\n" + _spelled(_NO_LINE_END, made)
    return content + _spelled("", made)


def without_block(content: bytes) -> bytes | None:
    """The content of a file without its block, as it is if it has none; None if the file goes with it."""
    if lines_of(content) is None:
        return content
    found = _BLOCK.search(content)
    assert found is not None
    before, how, after = content[: found.start()], found["how"].decode(), content[found.end() :]
    if how == _NO_LINE_END and not after:
        before = before.removesuffix(b"\r\n" if b"\r\n" in found[0] else b"\n")
    rest = before + after
    return None if how == _NEW_FILE and not rest else rest


def _spelled(how: str, lines: str) -> bytes:
    return f"{_START}{how}\n{lines}{_END}\n".encode(errors="surrogateescape")
