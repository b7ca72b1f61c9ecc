"""What is wrong with a workflow, or went wrong in it, as data: a report keeps it, and an exception is made of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from wftools.errors import InputError, Place, WftoolsError

if TYPE_CHECKING:
    from wftools.graph import NodePath


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that keeps a workflow, or a part of it, from running.

    Why not the exception itself: its traceback holds every tensor of the frames that it went through, for as long as
    the report lives.
    """

    message: str
    place: Place | None = None
    hint: str | None = None
    node: NodePath | None = None  # the node that is at fault; None: the workflow as a whole
    traceback: str | None = None  # of an exception that a node raised, or that nobody foresaw

    @classmethod
    def of(cls, error: WftoolsError, file: str | None = None) -> Problem:
        """An error as a problem; `file` is where it happened if the error does not say."""
        place = error.place or Place(file)
        traceback = None
        if error.__cause__ is not None and not isinstance(error, InputError):
            from traceback import format_exception

            traceback = "".join(format_exception(error.__cause__))
        return cls(error.message, replace(place, file=place.file or file), error.hint, traceback=traceback)

    def at(self, place: Place) -> Problem:
        """The same at another place."""
        return replace(self, place=place)
