"""Files that are written whole or not at all.

    write_atomically(path, data)       make a file, or replace one
    write_new(path, data)              make a file, never in place of another
    with atomically(path) as stream:   the same for what comes in pieces

Until it is whole, a file has a name of ours in the folder where it will stand. Whatever ends the writing removes it;
what a process left that was killed is removed when another one writes into that folder. A lock says who is still
writing, which a process id would not: ids are used again, and mean nothing on another machine.
"""

from __future__ import annotations

import errno
import os
import platform
import re
import stat
import sys
import zlib
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

if sys.platform != "win32":
    import fcntl

# Names of unfinished files are of one short length, however long the name of the file is. They say on which machine
# they were made: in a folder that machines share, a lock may hold for one of them only.
_MACHINE: Final = f"{zlib.crc32(platform.node().encode()):08x}"
_UNFINISHED: Final = re.compile(rf"\.wftools-{_MACHINE}-[0-9a-f]{{16}}\.part")

_NO_LINKS: Final = frozenset({errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL, errno.EMLINK})


def write_atomically(path: Path, data: bytes) -> None:
    """Make or replace a file; see `atomically`."""
    with atomically(path) as stream:
        stream.write(data)


def write_new(path: Path, data: bytes) -> None:
    """Make a file. Raises FileExistsError if there is one, be it that another process makes it at this moment."""
    with atomically(path, replaces=False) as stream:
        stream.write(data)


@contextmanager
def atomically(path: Path, *, replaces: bool = True) -> Iterator[BinaryIO]:
    """A stream for the content of a file, which is there once the stream is left without an exception.

    A file that is replaced keeps its mode; a symbolic link stays, and the file that it leads to is written. What is no
    file, such as /dev/null, is written as it is. With `replaces=False` the file must not be there, nor a link.

    Raises OSError: also for a file that is read-only, although its folder would let it be replaced, and FileExistsError
    as `write_new` does.
    """
    target = Path(os.path.realpath(path)) if replaces else path
    if target.is_symlink() and replaces:
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path))
    kept: os.stat_result | None = None
    with suppress(FileNotFoundError):
        kept = target.stat() if replaces else None
    if kept is not None and not stat.S_ISREG(kept.st_mode):
        with target.open("wb") as stream:
            yield stream
        return
    if kept is not None:
        target.open("r+b").close()  # raises for a file that is read-only
    _remove_leftovers(target.parent)
    try:
        made, unfinished = _opened(target.parent)
    except OSError as error:  # of a name of ours, which would tell nobody anything
        raise OSError(error.errno, error.strerror, str(path)) from error
    try:
        with made:
            yield made
            if kept is not None:
                unfinished.chmod(stat.S_IMODE(kept.st_mode))
            made.flush()
            if sys.platform == "win32":
                made.close()  # what is open has no other name there; here, closing it would give up the lock
            if replaces:
                unfinished.replace(target)
            else:
                _link(unfinished, target)
    finally:
        unfinished.unlink(missing_ok=True)


def _opened(folder: Path) -> tuple[BinaryIO, Path]:
    """A new file of ours, locked until it is closed."""
    while True:
        path = folder / f".wftools-{_MACHINE}-{os.urandom(8).hex()}.part"
        stream = path.open("xb")
        if sys.platform == "win32":
            return stream, path  # what is open cannot be removed there
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pass
        except OSError:
            return stream, path  # a file system without locks: there, leftovers are not removed either
        else:
            if os.fstat(stream.fileno()).st_nlink:
                return stream, path
        stream.close()  # before it was locked, another process took it for a leftover


def _link(unfinished: Path, target: Path) -> None:
    """Give a file its name. Raises FileExistsError if it is taken."""
    try:
        os.link(unfinished, target)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        # A file system without links: take the name with an empty file, which this one then replaces.
        target.open("xb").close()
        try:
            unfinished.replace(target)
        except BaseException:
            target.unlink(missing_ok=True)
            raise


@cache  # once in a process: a folder of ten thousand pictures is not listed for each of them
def _remove_leftovers(folder: Path) -> None:
    """Remove unfinished files of processes that are no more."""
    leftovers: list[Path] = []
    with suppress(OSError):
        leftovers = [path for path in folder.iterdir() if _UNFINISHED.fullmatch(path.name)]
    for path in leftovers:
        with suppress(OSError), path.open("rb") as stream:
            if sys.platform == "win32":
                stream.close()
            else:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink()
