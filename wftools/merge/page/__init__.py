"""The page of a merged file: its conflicts with the wishes of both sides, and a picture for each wish.

What is decided there is saved as a file for `wftools resolve --from`: a page changes no file of a person.
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Final

from wftools.catalog.lookup import newest
from wftools.diff.changes import ROOT
from wftools.diff.picture import drawn, node_of, place_of, shown_names, spot_of
from wftools.diff.story import Telling, as_json
from wftools.diff.version import Version
from wftools.draw.marks import Marks, marked
from wftools.draw.page import body_of, page, panes
from wftools.draw.svg import Colours, escaped
from wftools.errors import InputError
from wftools.merge.decisions import SIDES, Take
from wftools.merge.resolve import resolved
from wftools.merge.telling import ConflictTeller

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wftools.catalog.lookup import Catalogue
    from wftools.document import Document
    from wftools.draw.scene import Drawing
    from wftools.merge.decisions import Conflict, SideName
    from wftools.merge.files import ConflictedFile
    from wftools.values import Json

_HERE: Final = "wftools.merge.page"
_DRAW: Final = "wftools.draw.page"
_WISHES: Final = (*SIDES, "both")


def merge_page(file: ConflictedFile) -> bytes:
    """The page."""
    assert file.document is not None
    catalogue = file.catalogue or newest()
    sides = {side: _Side(file.document, file.conflicts, side, catalogue) for side in SIDES}
    colours = Colours()
    labels = file.conflicts[0].labels if file.conflicts else None
    values = {"title": escaped(file.name)}
    for side, each in sides.items():
        label = getattr(labels, side) if labels is not None else side
        values[f"{side}_scenes"] = panes(each.drawing.scenes.values(), colours, f"-{side}-")
        values[side] = escaped(label)
        values[f"{side}_name"] = escaped(f" ({label})") if label != side else ""
    # What is secret is in no page, whatever somebody has to choose from.
    teller = ConflictTeller(Version.of(file.document, catalogue), Telling(is_full=True, redacts=True))
    return page(
        file.name,
        body_of(_HERE, "merge.html", values),
        {
            "file": shlex.quote(file.name),
            "conflicts": [_conflict_data(each, teller, sides) for each in file.conflicts],
            "scenes": [*_scenes(sides, file.conflicts)],
        },
        scripts=[(_DRAW, "chrome.js"), (_DRAW, "pane.js"), (_DRAW, "panes.js"), (_HERE, "merge.js")],
        styles=[(_DRAW, "page.css"), (_DRAW, "panes.css"), (_HERE, "merge.css")],
        colours=colours,
    )


class _Side:
    """The file as it were if all conflicts came to the wish of one version."""

    def __init__(
        self, document: Document, conflicts: tuple[Conflict, ...], side: SideName, catalogue: Catalogue
    ) -> None:
        self.version = Version.of(_taking(document, conflicts, side, catalogue), catalogue)
        shown = shown_names(self.version)
        marks = Marks()
        for conflict in conflicts:
            self._mark(marks, conflict, shown)
        self.drawing: Drawing = marked(drawn(self.version), marks)

    def _mark(self, marks: Marks, conflict: Conflict, shown: Mapping[str, Mapping[str, str]]) -> None:
        subject, part = conflict.subject, self.version.parts.get(conflict.subject)
        node = node_of(subject)
        if part is None:
            return
        if subject.kind == "group":
            marks.groups[subject.scope, place_of(part)] = "conflict"
        if node is None:
            return
        marks.nodes[subject.scope, node] = "conflict"
        match conflict.key:
            case ("widget", name):
                marks.widgets[subject.scope, node, shown.get(part.type, {}).get(name, name)] = "conflict"
            case ("link", *name):
                marks.links[subject.scope, node, name[0] if name else subject.id] = "conflict"

    def spot(self, conflict: Conflict) -> Json:
        """Where a conflict is to be seen; None if what it is about is not there."""
        part = self.version.parts.get(conflict.subject)
        is_group = conflict.subject.kind == "group"
        return spot_of(self.drawing, conflict.subject, place_of(part) if is_group and part is not None else -1)


def _taking(document: Document, conflicts: tuple[Conflict, ...], side: SideName, catalogue: Catalogue) -> Document:
    """The document with the wish of one version; where wishes cannot be made, with what it has."""
    try:
        return resolved(document, {each.id: Take(side) for each in conflicts}, catalogue).document
    except InputError:
        for each in conflicts:
            try:
                document = resolved(document, {each.id: Take(side)}, catalogue).document
            except InputError:
                continue
        return document


def _conflict_data(conflict: Conflict, teller: ConflictTeller, sides: Mapping[SideName, _Side]) -> dict[str, Json]:
    told = teller.told(conflict)
    wishes: list[Json] = [{"side": side, "label": label, "value": as_json(value)} for side, label, value in told.sides]
    if conflict.kind == "insert":
        wishes.append({"side": "both", "label": "both", "value": [["one after the other, ours first", "quiet"]]})
    spots = {side: each.spot(conflict) for side, each in sides.items()}
    return {
        "id": conflict.id,
        "kind": conflict.kind,
        "place": as_json(told.place),
        "wishes": wishes,
        "chosen": conflict.chosen,
        "takes_values": bool(conflict.key) and conflict.key[0] != "link",
        "spots": {side: [spot] for side, spot in spots.items() if spot is not None},
    }


def _scenes(sides: Mapping[SideName, _Side], conflicts: tuple[Conflict, ...]) -> Iterator[Json]:
    """The scenes of all versions, each with how many conflicts are in it."""
    titles: dict[str, str] = {}
    for each in sides.values():
        titles |= {key: scene.title for key, scene in each.drawing.scenes.items()}
    for key in sorted(titles, key=lambda key: key != ROOT):
        there: dict[str, Json] = {side: key if key in each.drawing.scenes else None for side, each in sides.items()}
        count = sum(conflict.subject.scope == key for conflict in conflicts)
        yield {**there, "title": titles[key], "count": count}
