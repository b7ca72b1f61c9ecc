"""A picture: everything that changed in colour, in the place where it is or was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wftools.diff.picture import pictures
from wftools.draw import drawing
from wftools.draw.marks import marks_of
from wftools.draw.svg.marks import SIGNS
from wftools.draw.svg.picture import picture
from wftools.graph import build

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wftools.diff.report import FileDiff, Report
    from wftools.draw.scene import Mark, Scene

_WITH_MOVES: Final = ("layout", "all")  # levels


def render(report: Report) -> bytes:
    """The scenes in which something changed, below each other; without any, the workflow itself."""
    scenes = [scene for file in report.files for scene in _scenes(file)]
    title = ", ".join(file.name for file in report.files)
    return picture(scenes, "auto", title, _marks(scenes)).encode()


def _scenes(file: FileDiff) -> Iterator[Scene]:
    if file.comparison is None:
        yield from (drawing(build(each)).root for each in (file.old, file.new) if each is not None)
        return
    both = pictures(file.comparison, file.changes, shows_moves=file.level in _WITH_MOVES).both
    changed = [scene for scene in both.scenes.values() if marks_of(scene)]
    yield from changed or [both.root]


def _marks(scenes: Sequence[Scene]) -> list[Mark]:
    """The marks that scenes have, in one order."""
    used = {mark for scene in scenes for mark in marks_of(scene)}
    return [mark for mark in SIGNS if mark in used]
