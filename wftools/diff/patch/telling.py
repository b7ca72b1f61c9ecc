"""What became of the changes of a patch, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftools.diff.changes import Added, Changed, Removed, Subject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wftools.diff.apply.judging import Rejected
    from wftools.diff.changes import Change
    from wftools.diff.patch.applying import Patched


def told(patched: Patched, *, is_full: bool = False) -> Iterator[str]:
    """A line for each change that was not made as asked, and for each thing that was found elsewhere.

    `is_full`: also for those that held already.
    """
    for each in patched.fuzz:
        yield f"{_name(each.subject)} is {_name(each.found)} here, going by its {each.how}"
    for note in patched.notes:
        if is_full or not note.is_held:
            yield f"{_what(note.change)}: {note.text}"
    for rejected in patched.rejected:
        yield f"rejected: {rejection(rejected)}"


def rejection(rejected: Rejected) -> str:
    """A change that was not made, and why."""
    return f"{_what(rejected.change)}: {rejected.reason}"


def _what(change: Change) -> str:
    name = _name(change.subject, change.type)
    match change:
        case Added():
            return f"add {name}"
        case Removed():
            return f"remove {name}"
        case Changed():
            return f"{name}, {' '.join(change.key)}"


def _name(subject: Subject, type_: str = "") -> str:
    if subject.kind == "workflow":
        return "the workflow"
    return f"{subject.kind} {subject.id}" + (f" ({type_})" if type_ else "")
