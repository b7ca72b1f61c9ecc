"""What goes wrong, and where.

    WftoolsError(message, place=…, hint=…)   one clear message; the command line exits with 2
    ├── InputError       not a workflow, model or configuration that we can read
    │   └── LimitError   larger or deeper than we accept
    ├── RunError         a node failed; place.node says which
    └── UnforeseenError  a fault of wftools itself

Children exist only where a caller would act differently. A finding is not an error: lint returns findings.

What is done with a file that somebody gave us is done inside `foreseen(name)`: whatever happens there is one of these.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

FAILED: Final = 2  # the exit status of a command that could not do what it was asked
INTERRUPTED: Final = 130  # and of one that Ctrl-C ended

REPORT_TO: Final = "https://github.com/wftools/wftools/issues"

MAX_SHOWN: Final = 60  # characters of a value in a message
MAX_REASON: Final = 200  # characters of what an unforeseen exception says

_UNITS: Final = ("B", "kB", "MB", "GB", "TB")


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands: a file, a position in it, a node. Every part may be unknown."""

    file: str | None = None
    line: int | None = None  # from 1
    column: int | None = None  # from 1
    pointer: str | None = None  # JSON Pointer (RFC 6901)
    node: str | None = None  # id and type, as a person would say it: "57:3 (KSampler)"

    def __str__(self) -> str:
        position = [str(part) for part in (self.file, self.line, self.column) if part is not None]
        parts = [":".join(position)] if position else []
        if self.node is not None:
            parts.append(f"node {self.node}")
        return ": ".join(parts)


def shown(value: object) -> str:
    """A value as a message shows it: on one line, and cut if it is long."""
    text = ""
    for piece in _spelled(value):
        text += piece
        if len(text) > MAX_SHOWN:
            return text[: MAX_SHOWN - 3] + "..."
    return text


def listed(texts: Sequence[str], most: int) -> str:
    """The first of some texts, and how many more there are."""
    more = f" and {len(texts) - most} more" if len(texts) > most else ""
    return ", ".join(texts[:most]) + more


def counted(number: int, noun: str) -> str:
    """`1 conflict`, `2 conflicts`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def size_of(count: float) -> str:
    """Bytes as people say them: `21.9 MB`."""
    power = 0
    while count >= 999.5 and power < len(_UNITS) - 1:
        count, power = count / 1000, power + 1
    return f"{count:.0f} {_UNITS[power]}" if power < 2 else f"{count:.1f} {_UNITS[power]}"


def _spelled(value: object) -> Iterator[str]:
    """`repr` in pieces, so that what is large or deep is spelled only as far as it is shown."""
    if isinstance(value, str):
        yield repr(value[: MAX_SHOWN + 1])
    elif isinstance(value, list):
        yield "["
        for index, each in enumerate(value):
            yield ", " if index else ""
            yield from _spelled(each)
        yield "]"
    elif isinstance(value, dict):
        yield "{"
        for index, (key, each) in enumerate(value.items()):
            yield ", " if index else ""
            yield from _spelled(key)
            yield ": "
            yield from _spelled(each)
        yield "}"
    else:
        yield repr(value)


class WftoolsError(Exception):
    """The family of errors that a person can do something about."""

    def __init__(self, message: str, *, place: Place | None = None, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.place = place
        self.hint = hint

    def __str__(self) -> str:
        where = str(self.place) if self.place else ""
        return f"{where}: {self.message}" if where else self.message


class InputError(WftoolsError):
    """Not a workflow, model, picture or configuration that we can read."""


class LimitError(InputError):
    """Larger or deeper than we accept."""


class RunError(WftoolsError):
    """A workflow could not be run, or one of its nodes failed."""


class UnforeseenError(WftoolsError):
    """An exception that nobody foresaw: a fault of wftools, whatever the file is like."""


@contextmanager
def foreseen(name: str) -> Iterator[None]:
    """Whatever goes wrong inside is a WftoolsError that names the file, so that it hides nothing of other files.

    Only the work on the file belongs inside: not writing to standard streams, and not click's exceptions.
    """
    try:
        yield
    except WftoolsError as error:
        explained(error, name)
        raise
    except Exception as error:
        raise explained(error, name) from error


@contextmanager
def written(path: object) -> Iterator[None]:
    """What keeps a file or a folder from being written is an InputError that names it."""
    try:
        yield
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror}", place=Place(str(path))) from error


def explained(error: Exception, file: str | None = None) -> WftoolsError:
    """Any exception as an error that a person can do something about: one of ours is given the file that it lacks."""
    place = Place(file) if file is not None else None
    if isinstance(error, WftoolsError):
        if file is not None and (error.place is None or error.place.file is None):
            error.place = replace(error.place or Place(), file=file)
        return error
    if isinstance(error, RecursionError):
        return LimitError("nested too deeply, or too long a chain of nodes", place=place)
    if isinstance(error, MemoryError):
        return LimitError("needs more memory than there is", place=place)
    if isinstance(error, OSError) and error.strerror:
        return WftoolsError(error.strerror, place=Place(str(error.filename)) if error.filename is not None else place)
    return UnforeseenError(
        f"wftools failed: {type(error).__name__}: {str(error)[:MAX_REASON]}{_origin(error)}",
        place=place,
        hint=f"this is a fault of wftools; please report it, with the file if you may: {REPORT_TO}",
    )


def _origin(error: Exception) -> str:
    """Where in our code an exception was raised: a report without that helps little."""
    from pathlib import Path
    from traceback import extract_tb

    here = Path(__file__).parent
    ours = [frame for frame in extract_tb(error.__traceback__) if here in Path(frame.filename).parents]
    return f" (wftools/{Path(ours[-1].filename).relative_to(here).as_posix()}:{ours[-1].lineno})" if ours else ""
