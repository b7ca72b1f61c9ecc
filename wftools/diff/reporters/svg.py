"""A picture: everything that changed in colour, in the place where it is or was."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from wftools.diff.picture import drawn, pictures
from wftools.diff.version import Version
from wftools.draw.marks import marks_of
from wftools.draw.svg.marks import SIGNS
from wftools.draw.svg.picture import picture

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wftools.catalog.lookup import Catalogue
    from wftools.diff.report import FileDiff, Report
    from wftools.draw.scene import Mark, Scene

_WITH_MOVES: Final = ("layout", "all")  # levels


def render(report: Report) -> bytes:
    """The scenes in which something changed, below each other; without any, the workflow itself."""
    scenes: list[Scene] = []
    for file in report.files:
        found = _scenes(file, report.options.catalogue)
        is_told = len(report.files) > 1
        scenes += [replace(scene, title=f"{file.name}: {scene.title}") if is_told else scene for scene in found]
    title = ", ".join(file.name for file in report.files)
    return picture(scenes, "auto", title, _marks(scenes)).encode()


def _scenes(file: FileDiff, catalogue: Catalogue | None) -> Iterator[Scene]:
    if file.comparison is None:
        yield from (drawn(Version.of(each, catalogue)).root for each in (file.old, file.new) if each is not None)
        return
    both = pictures(file.comparison, file.changes, shows_moves=file.level in _WITH_MOVES).both
    changed = [scene for scene in both.scenes.values() if marks_of(scene)]
    yield from changed or [both.root]


def _marks(scenes: Sequence[Scene]) -> list[Mark]:
    """The marks that scenes have, in one order."""
    used = {mark for scene in scenes for mark in marks_of(scene)}
    return [mark for mark in SIGNS if mark in used]
