"""Which files to look at: those that are named, and in folders those that may hold a workflow; and what is in one."""

from __future__ import annotations

import os
import stat
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from wftools.errors import InputError, Place
from wftools.reading import opened, read_whole

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# In a folder the name has to decide which files are opened; what is in them decides the rest.
JSON: Final = ".json"
STDIN: Final = "-"  # what standard input is called where a file is named
STDIN_NAME: Final = "<stdin>"  # and what it is called in messages

MAX_CONTENT: Final = 2**28  # bytes: a workflow may stand in a large picture or video

HEAD: Final = 4096  # bytes that tell which kind of file it is

_SIGNS: Final = (b'"nodes"', b'"class_type"')  # one of them stands in every workflow
_PIECE: Final = 2**20
_OVERLAP: Final = 4 * max(map(len, _SIGNS))  # in UTF-32, a sign has four bytes a letter
_LEFT_OUT: Final = frozenset({"node_modules", "__pycache__"})


@dataclass(frozen=True, slots=True)
class Candidate:
    """A file to look at."""

    path: str
    is_named: bool  # by the user; a file that was found in a folder may turn out to be no workflow
    folder: str | None = None  # the named folder that it was found in


def candidates(paths: Iterable[str], *, only_json: bool = False) -> Iterator[Candidate]:
    """The named files, and the files below named folders in the order of their names.

    Left out are hidden files and folders, and pipes and devices: reading them may never end.
    """
    for path in paths:
        if path != STDIN and os.path.isdir(path):  # noqa: PTH112  (Path.is_dir raises where a name is too long)
            yield from (Candidate(found, is_named=False, folder=path) for found in _below(path, only_json))
        else:
            yield Candidate(path, is_named=True)


def _below(folder: str, only_json: bool) -> Iterator[str]:
    for where, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in _LEFT_OUT)
        for name in sorted(names):
            path = str(Path(where, name))
            if not name.startswith(".") and may_hold_workflow(name, only_json=only_json) and _is_file(path):
                yield path


def content(path: str) -> bytes:
    """All that is in a named file, or comes from standard input. Raises InputError, LimitError for a very large one."""
    if path == STDIN:
        if sys.stdin is None:
            raise InputError("standard input is closed", place=Place(STDIN_NAME))
        return read_whole(sys.stdin.buffer, MAX_CONTENT, STDIN_NAME)
    with opened(path) as stream:
        return read_whole(stream, MAX_CONTENT, path)


def may_hold_workflow(name: str, *, only_json: bool = False) -> bool:
    """Whether a file that nobody has named is worth opening."""
    suffix = os.path.splitext(name)[1].lower()  # noqa: PTH122
    if suffix == JSON or only_json:
        return suffix == JSON
    from wftools.document.containers import suffixes  # imports all of them, which takes some 20 ms

    return suffix in suffixes()


def may_be_workflow(data: bytes) -> bool:
    """Whether something stands in a content that stands in every workflow, be it a broken or a half merged one."""
    plain = data.replace(b"\0", b"")  # of UTF-16, what is ASCII
    return any(sign in plain for sign in _SIGNS)


def lacks_workflow(path: str) -> bool:
    """Whether the text of a file lacks what stands in every workflow: it need not be parsed to be passed over.

    This is as fast as the disk, and takes little memory, however large the file is. Of pictures and the like, whose
    texts may be compressed, nothing is said.
    """
    from wftools.document.containers import identify

    if path == STDIN:
        return False  # it can be read once
    try:
        with opened(path) as stream:
            piece = stream.read(_PIECE)
            if identify(piece[:HEAD]) is not None:
                return False
            before = b""
            while piece:
                if may_be_workflow(before + piece):
                    return False
                before, piece = piece[-_OVERLAP:], stream.read(_PIECE)
    except (InputError, OSError):
        return False  # whoever reads it says why it cannot be read
    return True


def _is_file(path: str) -> bool:
    """Whether it can be read like a file. A link that leads nowhere can not, but that is worth an error."""
    try:
        return stat.S_ISREG(os.stat(path).st_mode)  # noqa: PTH116
    except OSError:
        return True
