"""The page of a comparison: one HTML file, with both versions of each file as pictures and a list that jumps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wftools.diff.changes import Added, Changed
from wftools.diff.picture import GONE, Things, drawn, pictures, place_of, spot_of
from wftools.diff.reporters._tally import remark, tally
from wftools.diff.story import Piece, Telling, as_json, is_secret
from wftools.diff.version import Version
from wftools.draw.page import body_of, page, panes
from wftools.draw.svg import Colours, escaped
from wftools.errors import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wftools.catalog.lookup import Catalogue
    from wftools.diff.changes import Change, Subject
    from wftools.diff.picture import Pictures
    from wftools.diff.report import FileDiff, Report
    from wftools.diff.story import Entry, Pieces
    from wftools.diff.version import Part
    from wftools.draw.scene import Drawing
    from wftools.values import Json

_HERE: Final = "wftools.diff.page"
_DRAW: Final = "wftools.draw.page"
_SIDES: Final = ("old", "new", "both")
_SHORT: Final = Telling(redacts=True)
_FULL: Final = Telling(is_full=True, redacts=True)


def diff_page(report: Report) -> bytes:
    """The page."""
    colours = Colours()
    files = [_File(file, number, report.options.catalogue) for number, file in enumerate(report.files)]
    names = ", ".join(file.name for file in report.files[:3]) + (" …" if len(report.files) > 3 else "")
    sections = "\n".join(each.section(colours) for each in files)
    body = body_of(_HERE, "diff.html", {"title": escaped(names or "Nothing to compare"), "files": sections})
    return page(
        names or "wftools diff",
        body,
        {"files": [each.data() for each in files]},
        scripts=[(_DRAW, "chrome.js"), (_DRAW, "pane.js"), (_DRAW, "panes.js"), (_HERE, "diff.js")],
        styles=[(_DRAW, "page.css"), (_DRAW, "panes.css"), (_HERE, "diff.css")],
        colours=colours,
    )


class _File:
    """One file of a report."""

    def __init__(self, file: FileDiff, number: int, catalogue: Catalogue | None) -> None:
        self._file = file
        self._number = number
        self._drawings: Mapping[str, Drawing] = dict(_drawings(file, catalogue))
        self._things = Things(file.comparison) if file.comparison is not None else None

    def section(self, colours: Colours) -> str:
        """Its part of the page."""
        shown = {
            f"{side}_scenes": panes(each.scenes.values(), colours, f"-{self._number}-{side}-")
            for side, each in self._drawings.items()
        }
        names = {
            side: escaped(document.source.name) if document is not None else ""
            for side, document in (("old", self._file.old), ("new", self._file.new))
        }
        empty = dict.fromkeys((f"{side}_scenes" for side in _SIDES), "")
        values = {"number": str(self._number), "name": escaped(self._file.name), **empty, **names, **shown}
        return body_of(_HERE, "file.html", values)

    def data(self) -> dict[str, Json]:
        """What its scripts need to know."""
        file = self._file
        chapters: list[Json] = []
        untold, count, scopes = "", 0, []
        if file.comparison is not None:
            story = file.story(_SHORT)
            untold, count = tally(file, story), len(story.entries)
            for chapter in story.chapters:
                entries: list[Json] = [self._entry(entry) for entry in chapter.entries]
                scopes += [chapter.scope] * len(entries)
                chapters.append({"title": as_json(chapter.title), "entries": entries})
        return {
            "name": file.name,
            "status": file.status,
            "remark": str(file.error) if file.error is not None else remark(file) or "No change at this level.",
            "summary": counted(count, "change") if file.comparison is not None else file.status,
            "untold": untold,
            "count": count,
            "chapters": chapters,
            "scenes": [*self._scenes(scopes)],
        }

    def _scenes(self, scopes: list[str]) -> Iterator[Json]:
        """The scenes that belong together, each with how many changes it has. Scopes are those of changes."""
        old, new = self._drawings.get("old"), self._drawings.get("new")
        paired: dict[str | None, str] = {}
        for key in old.scenes if old is not None else ():
            paired[self._things.scope(key) if self._things is not None else key] = key
        seen: set[str] = set()
        for key, scene in new.scenes.items() if new is not None else ():
            before = paired.get(key)
            seen.add(before) if before is not None else None
            known = before if before is not None else key
            yield {"old": before, "new": key, "both": key, "title": scene.title, "count": scopes.count(known)}
        for key, scene in old.scenes.items() if old is not None else ():
            if key not in seen:
                yield {"old": key, "new": None, "both": self._gone(key), "title": scene.title, "count": 0}

    def _gone(self, key: str) -> str:
        new = self._drawings.get("new")
        return GONE + key if new is not None and key in new.scenes else key

    # Entries

    def _entry(self, entry: Entry) -> dict[str, Json]:
        return {
            "sign": entry.sign,
            "head": as_json(entry.head),
            "details": [as_json(detail) for detail in entry.details],
            "parts": [[name, as_json(pieces)] for name, pieces in self._parts(entry.changes)],
            "spots": self._spots(entry.subjects),
        }

    def _parts(self, changes: tuple[Change, ...]) -> Iterator[tuple[str, Pieces]]:
        """The values that changed, in full, and those of nodes that came or went."""
        for change in changes:
            if isinstance(change, Changed):
                if change.key[0] == "widget" or isinstance(change.new, str) or isinstance(change.old, str):
                    name = ".".join(change.key[1:]) or change.key[0]
                    yield name, _FULL.change(change.key[-1], change.old, change.new)
                continue
            part = self._part(change.subject)
            for name, value in part.widgets.items() if part is not None else ():
                text = value if isinstance(value, str) and not is_secret(name, value) else _FULL.shown(name, value)
                yield name, (Piece(text, "new" if isinstance(change, Added) else "old"),)

    def _part(self, subject: Subject) -> Part | None:
        assert self._things is not None
        assert self._file.comparison is not None
        new, old = self._things.new(subject), self._things.old(subject)
        if new is not None:
            return self._file.comparison.new.parts[new]
        return self._file.comparison.old.parts[old] if old is not None else None

    def _spots(self, subjects: tuple[Subject, ...]) -> dict[str, Json]:
        """Where an entry is seen: by side, of each subject the key of its scene, the id of its node, its frame."""
        found: dict[str, Json] = {}
        for side in _SIDES:
            spots = [self._spot(side, there) for each in subjects if (there := self._in(side, each)) is not None]
            if any(spots):
                found[side] = [spot for spot in spots if spot is not None]
        return found

    def _in(self, side: str, subject: Subject) -> Subject | None:
        """A subject as a picture has it: what is gone has another name in that of both versions."""
        assert self._things is not None
        old, new = self._things.old(subject), self._things.new(subject)
        if side == "old":
            return old
        if side == "new" or new is not None or old is None:
            return new
        scope = self._things.scope(old.scope)
        if scope is None:
            return old._replace(scope=self._gone(old.scope))
        return old._replace(scope=scope, id=GONE + old.id if old.kind == "node" else old.id)

    def _spot(self, side: str, subject: Subject) -> Json:
        return spot_of(self._drawings[side], subject, self._group(side, subject) if subject.kind == "group" else -1)

    def _group(self, side: str, subject: Subject) -> int:
        """The place of a group in the list of its scene."""
        comparison = self._file.comparison
        assert comparison is not None
        versions = (comparison.old,) if side == "old" else (comparison.new, comparison.old)
        return next((place_of(each.parts[subject]) for each in versions if subject in each.parts), -1)


def _drawings(file: FileDiff, catalogue: Catalogue | None) -> Iterator[tuple[str, Drawing]]:
    if file.comparison is not None:
        made: Pictures = pictures(file.comparison, file.changes, shows_moves=True)
        yield from (("old", made.old), ("new", made.new), ("both", made.both))
        return
    for side, document in (("old", file.old), ("new", file.new)):
        if document is not None:
            yield side, drawn(Version.of(document, catalogue))
