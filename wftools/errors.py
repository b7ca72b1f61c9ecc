"""What goes wrong, and where.

    WftoolsError(message, place=…, hint=…)   one clear message; the command line exits with 2
    ├── InputError       not a workflow, model or configuration that we can read
    │   └── LimitError   larger or deeper than we accept
    └── RunError         a node failed; place.node says which

Children exist only where a caller would act differently. A finding is not an error: lint returns findings.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

MAX_SHOWN: Final = 60  # characters of a value in a message


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
    text = repr(value)
    return text if len(text) <= MAX_SHOWN else text[: MAX_SHOWN - 3] + "..."


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
