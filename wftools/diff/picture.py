"""A comparison as pictures: the old version, the new one, and both in one, with what changed marked in them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from math import dist
from typing import TYPE_CHECKING, Final

from wftools.diff.changes import NEW, ROOT, Absent, Added, Changed, Endpoint, Subject
from wftools.diff.places import Promoted
from wftools.diff.story import REDACTED, is_secret
from wftools.document import Document, SourceText
from wftools.draw import drawing
from wftools.draw.compose.widgets import value_text
from wftools.draw.marks import Marks, marked, overlaid, placed, with_ghosts
from wftools.graph import build
from wftools.graph.authored.scopes import INPUTS, OUTPUTS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wftools.diff.changes import Change
    from wftools.diff.compare import Comparison
    from wftools.diff.version import Part, Version
    from wftools.draw.marks import NodeKey
    from wftools.draw.scene import Drawing, DrawnNode, DrawnWidget, Mark, Scene
    from wftools.values import Json

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


class Things:
    """Which things of two drawings the subjects of changes are."""

    def __init__(self, comparison: Comparison) -> None:
        self._comparison = comparison

    def scope(self, old: str) -> str | None:
        """The key that a scope has in the new drawing; None if it is not there."""
        subject = Subject(ROOT, "subgraph", old)
        pair = self._comparison.matching.pairs.get(subject)
        if old == ROOT or pair is not None:
            return pair.new.id if pair is not None else ROOT
        return old if subject in self._comparison.new.parts and subject not in self._comparison.old.parts else None

    def old(self, subject: Subject) -> Subject | None:
        """A subject as the old version has it."""
        return subject if subject in self._comparison.old.parts else None

    def new(self, subject: Subject) -> Subject | None:
        """A subject as the new version has it."""
        return self._known_as.get(subject)

    @cached_property
    def _known_as(self) -> Mapping[Subject, Subject]:
        comparison = self._comparison
        return {comparison.matching.known_as(each, comparison.old): each for each in comparison.new.parts}


def node_of(subject: Subject) -> str | None:
    """The id of the node that shows a subject: itself, or a border for a slot of a subgraph."""
    return {"node": subject.id, "input": INPUTS, "output": OUTPUTS}.get(subject.kind)


def place_of(part: Part) -> int:
    """The place of a group in the list of its scene."""
    return int(part.pointer.rpartition("/")[2])


def spot_of(drawing: Drawing, subject: Subject, group: int = -1) -> Json:
    """Where a subject is in a drawing: the key of its scene, the id of its node, and its frame.

    None if it is not there. `group`: the place of a group in the list of its scene.
    """
    scene = drawing.scenes.get(subject.id if subject.kind == "subgraph" else subject.scope)
    if scene is None:
        return None
    id_ = node_of(subject)
    frame = next((node.frame for node in scene.nodes if node.id == id_), None)
    if subject.kind == "group":
        frame = next((each.frame for each in scene.groups if each.place == group), None)
    if frame is None and subject.kind in ("node", "group", "reroute"):
        return None
    shown = frame or scene.bounds
    return [scene.key, id_ if frame is not None else None, shown.x, shown.y, shown.width, shown.height]


class _Marking:
    def __init__(self, comparison: Comparison, changes: Sequence[Change]) -> None:
        self._comparison = comparison
        self._changes = changes
        self._things = Things(comparison)
        self._drawings = tuple(drawn(version) for version in (comparison.old, comparison.new))
        if comparison.new.document.form == "api":
            self._drawings = self._laid_out_together(*self._drawings)
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

    def _laid_out_together(self, old: Drawing, new: Drawing) -> tuple[Drawing, Drawing]:
        """Two prompts, which have no places of their own, with what is the same in the same place."""
        before, after = self._comparison.old.document.tree, self._comparison.new.document.tree
        names = {node.id: self._in_both(node.id) for node in old.root.nodes}
        tree = dict(after)
        for id_, name in names.items():
            links = _links(before[id_], names)
            if name not in after:
                tree[name] = _with(before[id_], links)
                continue
            # Former links count as well, so that what is gone stands between what it was linked to.
            now = _links(after[name], {})
            tree[name] = _with(after[name], {each + NEW: link for each, link in links.items() if now.get(each) != link})
        together = drawing(build(Document("api", tree, SourceText("", ""), tree), self._comparison.new.catalogue)).root
        corners = {node.id: (node.body.x, node.body.y) for node in together.nodes}
        places = {id_: corners[name] for id_, name in names.items()}
        return (
            replace(old, scenes={ROOT: placed(old.root, places, together.groups)}),
            replace(new, scenes={ROOT: placed(new.root, corners, together.groups)}),
        )

    def _in_both(self, id_: str) -> str:
        """What a node of the old prompt is called where both are one. Its subgraph, `57:`, stays the same."""
        found = self._things.new(Subject(ROOT, "node", id_))
        return found.id if found is not None else id_ + NEW

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
            drawn = self._nodes[side].get(place)
            name = self._shown[side].get(drawn.type, {}).get(change.key[1], change.key[1]) if drawn else change.key[1]
            is_new = isinstance(was, Absent)
            marks.widgets[*place, name] = ("removed" if side == 0 else "added") if is_new else "changed"
            if side == 1 and not isinstance(was, Absent | Endpoint):
                secret = is_secret(change.key[1], was) or is_secret(change.key[1], value)
                marks.was[*place, name] = REDACTED if secret else value_text(was)

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


def _links(node: Json, names: Mapping[str, str]) -> dict[str, Json]:
    """The links to inputs of a node of a prompt, to nodes by other names."""
    inputs = node.get("inputs") if isinstance(node, dict) else None
    found: dict[str, Json] = {}
    for name, value in inputs.items() if isinstance(inputs, dict) else ():
        match value:
            case [str(source), int(slot)]:
                found[name] = [names.get(source, source), slot]
    return found


def _with(node: Json, inputs: Mapping[str, Json]) -> Json:
    """A node of a prompt that is given more."""
    own = node.get("inputs") if isinstance(node, dict) else None
    return {**node, "inputs": {**own, **inputs}} if isinstance(node, dict) and isinstance(own, dict) else node


def drawn(version: Version) -> Drawing:
    """A version without what is secret in it."""
    made = drawing(build(version.document, version.catalogue))
    return replace(made, scenes={key: _without_secrets(scene) for key, scene in made.scenes.items()})


def _without_secrets(scene: Scene) -> Scene:
    def widget(each: DrawnWidget) -> DrawnWidget:
        hidden = bool(each.text) and is_secret(each.name, each.value)
        return replace(each, value=REDACTED, text=REDACTED) if hidden else each

    def node(each: DrawnNode) -> DrawnNode:
        return replace(each, widgets=tuple(map(widget, each.widgets)))

    return replace(scene, nodes=tuple(map(node, scene.nodes)))


def shown_names(version: Version) -> dict[str, dict[str, str]]:
    """By definition, the names of the inputs that show widgets, by what changes call the widgets."""
    authored = build(version.document, version.catalogue).authored
    if authored is None:
        return {}
    promoted = Promoted(authored)
    return {
        id_: {name: slot for slot, name in promoted.by_input(scope).items()}
        for id_, scope in authored.definitions.items()
    }
