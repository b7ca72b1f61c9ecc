"""A comparison as pictures: the old version, the new one, and both in one, with what changed marked in them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import dist
from typing import TYPE_CHECKING, Final

from wftools.diff.changes import Absent, Added, Changed, Endpoint, Subject
from wftools.diff.picture.drawn import drawn, shown_names
from wftools.diff.picture.prompts import laid_out_together
from wftools.diff.picture.things import Things, node_of, place_of, spot_of
from wftools.diff.story import REDACTED, Telling, is_secret
from wftools.draw.compose.widgets import value_text
from wftools.draw.marks import Marks, marked, overlaid, with_ghosts
from wftools.graph.authored.scopes import INPUTS, OUTPUTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wftools.diff.changes import Change
    from wftools.diff.compare import Comparison
    from wftools.draw.marks import NodeKey
    from wftools.draw.scene import Drawing, Mark, Scene, Word
    from wftools.values import Json

__all__ = ["GONE", "Pictures", "Things", "drawn", "node_of", "pictures", "place_of", "shown_names", "spot_of"]

GONE: Final = "old:"  # before the id of a node that is no more, in the picture of both
_PLACE: Final = ("pos", "size")  # the facts that say where a node stands
_NEAR: Final = 5.0  # units of the canvas; who sees a node that was moved by less?


@dataclass(frozen=True)
class Pictures:
    """Two versions of a workflow, and both in one picture; what changed is marked in each."""

    old: Drawing
    new: Drawing
    both: Drawing


def pictures(comparison: Comparison, changes: Sequence[Change], *, shows_moves: bool) -> Pictures:
    """The pictures of a comparison, with marks for these changes; `shows_moves`: and for nodes that were moved."""
    return _Marking(comparison, changes).pictures(shows_moves=shows_moves)


class _Marking:
    def __init__(self, comparison: Comparison, changes: Sequence[Change]) -> None:
        self._comparison = comparison
        self._changes = changes
        self._things = Things(comparison)
        self._drawings = tuple(drawn(version) for version in (comparison.old, comparison.new))
        if comparison.new.document.form == "api":
            self._drawings = laid_out_together(comparison, self._things, *self._drawings)
        self._marks = Marks(), Marks()
        self._shown = tuple(shown_names(version) for version in (comparison.old, comparison.new))
        self._nodes = tuple(
            {(key, node.id): node for key, scene in each.scenes.items() for node in reversed(scene.nodes)}
            for each in self._drawings
        )

    def pictures(self, *, shows_moves: bool) -> Pictures:
        for change in self._changes:
            self._mark(change)
        if shows_moves:
            self._mark_places()
        old, new = (marked(*each) for each in zip(self._drawings, self._marks, strict=True))
        both = replace(new, scenes=self._both(old, new))
        return Pictures(old, new, both)

    def _both(self, old: Drawing, new: Drawing) -> dict[str, Scene]:
        scenes: dict[str, Scene] = {}
        former = {self._things.scope(key): scene for key, scene in old.scenes.items()}
        for key, scene in new.scenes.items():
            before = former.get(key)
            if before is None:
                scenes[key] = with_ghosts(scene)
                continue

            def now(id_: str, before: Scene = before) -> str | None:
                if id_ in (INPUTS, OUTPUTS):
                    return id_
                found = self._things.new(Subject(before.key, "node", id_))
                return found.id if found is not None else None

            scenes[key] = overlaid(scene, before, now, GONE.__add__)
        for key, scene in old.scenes.items():
            if self._things.scope(key) is None:
                known = key if key not in scenes else GONE + key
                scenes[known] = replace(scene, key=known)
        return scenes

    # Marks

    def _mark(self, change: Change) -> None:
        sides = self._things.old(change.subject), self._things.new(change.subject)
        mark: Mark = "changed" if isinstance(change, Changed) else "added" if isinstance(change, Added) else "removed"
        for side, subject in enumerate(sides):
            if subject is None:
                continue
            marks = self._marks[side]
            if subject.kind == "group":
                part = (self._comparison.old, self._comparison.new)[side].parts[subject]
                marks.groups[subject.scope, place_of(part)] = mark
            elif subject.kind == "subgraph" and not isinstance(change, Changed):
                self._mark_all(side, subject.id, mark)
            elif isinstance(change, Changed):
                self._mark_fact(side, subject, change)
            elif (node := node_of(subject)) is not None:
                self._mark_node(side, (subject.scope, node), mark if subject.kind == "node" else "changed")
                for name in change.content.links:
                    marks.links[subject.scope, node, name or subject.id] = mark

    def _mark_all(self, side: int, scope: str, mark: Mark) -> None:
        """Mark everything of a definition that came or went."""
        scene = self._drawings[side].scenes.get(scope)
        for node in scene.nodes if scene is not None else ():
            self._marks[side].nodes[scope, node.id] = mark
        for link in scene.links if scene is not None else ():
            self._marks[side].links[scope, link.target, link.input] = mark

    def _mark_fact(self, side: int, subject: Subject, change: Changed) -> None:
        node = node_of(subject)
        value, was = (change.old, change.new) if side == 0 else (change.new, change.old)
        if node is None or change.key[0] in _PLACE:
            return
        marks, place = self._marks[side], (subject.scope, node)
        if change.key[0] == "link":
            name = change.key[1] if len(change.key) > 1 else subject.id
            if isinstance(value, Endpoint):
                marks.links[*place, name] = "removed" if side == 0 else "added"
            return
        self._mark_node(side, place, "changed")
        if change.key[0] == "widget":
            name = self._shown_name(side, place, change.key[1])
            is_new = isinstance(was, Absent)
            marks.widgets[*place, name] = ("removed" if side == 0 else "added") if is_new else "changed"
            if side == 1 and not isinstance(was, Absent | Endpoint):
                is_hidden = is_secret(change.key[1], was) or is_secret(change.key[1], value)
                marks.was[*place, name] = REDACTED if is_hidden else self._text_before(change, was)
                if isinstance(was, str) and isinstance(value, str) and not is_hidden:
                    marks.words[*place, name] = _words(was, value)

    def _shown_name(self, side: int, place: NodeKey, name: str) -> str:
        """What a drawing calls the widget that changes call so."""
        drawn = self._nodes[side].get(place)
        return self._shown[side].get(drawn.type, {}).get(name, name) if drawn is not None else name

    def _text_before(self, change: Changed, value: Json) -> str:
        """What the widget of a change showed in the old version."""
        place = change.subject.scope, change.subject.id
        name = self._shown_name(0, place, change.key[1])
        widgets = self._nodes[0][place].widgets if place in self._nodes[0] else ()
        return next((each.text for each in widgets if each.name == name), value_text(value))

    def _mark_node(self, side: int, place: NodeKey, mark: Mark) -> None:
        self._marks[side].nodes.setdefault(place, mark)

    def _mark_places(self) -> None:
        """Mark the nodes that have moved, and where they stood. Prompts have no places."""
        if self._comparison.old.document.form == "api":
            return
        for change in self._comparison.changes:
            if not (isinstance(change, Changed) and change.subject.kind == "node" and change.key == ("pos",)):
                continue
            new = self._things.new(change.subject)
            before = self._nodes[0].get((change.subject.scope, change.subject.id))
            after = self._nodes[1].get((new.scope, new.id)) if new is not None else None
            if new is None or before is None or after is None:
                continue
            if dist((before.body.x, before.body.y), (after.body.x, after.body.y)) >= _NEAR:
                self._marks[1].was_at[new.scope, new.id] = before.frame
                self._mark_node(0, (change.subject.scope, change.subject.id), "moved")
                self._mark_node(1, (new.scope, new.id), "moved")


def _words(old: str, new: str) -> tuple[Word, ...]:
    """A text with the words that came and those that went."""
    marks: dict[str, Mark] = {"deleted": "removed", "inserted": "added"}
    return tuple((marks.get(piece.role), piece.text) for piece in Telling(is_full=True).words(old, new))
