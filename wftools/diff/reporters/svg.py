"""A picture: everything that changed in colour, in the place where it is or was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wftools.diff.picture import pictures
from wftools.draw import drawing
from wftools.draw.formats.svg import picture
from wftools.draw.marks import has_marks
from wftools.graph import build

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wftools.diff.report import FileDiff, Report
    from wftools.draw.scene import Scene

_WITH_MOVES: Final = ("layout", "all")  # levels


def render(report: Report) -> bytes:
    """The scenes in which something changed, below each other; without any, the workflow itself."""
    scenes = [scene for file in report.files for scene in _scenes(file)]
    title = ", ".join(file.name for file in report.files)
    return picture(scenes, "auto", title).encode()


def _scenes(file: FileDiff) -> Iterator[Scene]:
    if file.comparison is None:
        yield from (drawing(build(each)).root for each in (file.old, file.new) if each is not None)
        return
    both = pictures(file.comparison, file.changes, shows_moves=file.level in _WITH_MOVES).both
    changed = [scene for scene in both.scenes.values() if has_marks(scene)]
    yield from changed or [both.root]
