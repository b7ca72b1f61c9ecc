"""What strangers give, read within bounds: files that somebody names, and trees that functions are to walk."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wftools.errors import InputError, LimitError, Place

if TYPE_CHECKING:
    from typing import BinaryIO

    from wftools.values import Json


def opened(path: str | Path) -> BinaryIO:
    """A file as a stream of bytes. Raises InputError, which names it, for what cannot be opened.

    A named pipe cannot: nobody may ever write into it. What a shell makes of `<(command)` can; it has no name on disk.
    """
    place = Place(str(path))
    try:
        if stat.S_ISFIFO(os.stat(path).st_mode) and os.path.exists(os.path.realpath(path)):  # noqa: PTH110, PTH116
            raise InputError("is a named pipe", place=place, hint="name a file, or use <(command)")
        return Path(path).open("rb")
    except IsADirectoryError as error:
        raise InputError("is a folder", place=place, hint="name the files in it") from error
    except (OSError, ValueError) as error:  # the latter of a name with NUL
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"cannot be read: {reason}", place=place) from error


def read_whole(stream: BinaryIO, most: int, name: str) -> bytes:
    """All bytes of a stream, whose size nobody may know. Raises LimitError, which names it, for more than so many."""
    data = stream.read(most + 1)
    if len(data) > most:
        raise LimitError(f"is larger than {most // 2**20} MB", place=Place(name))
    return data


def is_deeper(tree: Json, levels: int) -> bool:
    """Whether something in a JSON tree stands in more than so many objects and arrays."""
    level: list[Any] = [tree] if type(tree) is dict or type(tree) is list else []
    for _ in range(levels):
        level = [
            value
            for each in level
            for value in (each.values() if type(each) is dict else each)
            if type(value) is dict or type(value) is list
        ]
        if not level:
            return False
    return True
