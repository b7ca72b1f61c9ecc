"""What a picture says of things beside the things: what came and went, what is another, what is in conflict.

    marks = Marks()
    marks.nodes["", "3"] = "changed"
    marks.widgets["", "3", "steps"] = "changed"
    marked(drawing, marks)

`overlaid` puts what is gone into the picture of what is there now.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, TypeAlias

from wftools.draw.compose.framing import bounds
from wftools.draw.scene import Drawing, Rect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from wftools.draw.scene import DrawnGroup, DrawnLink, DrawnNode, DrawnSlot, DrawnWidget, Mark, Point, Scene, Word

NodeKey: TypeAlias = "tuple[str, str]"
"""A node: the key of its scene, and its id."""

PartKey: TypeAlias = "tuple[str, str, str]"
"""A widget or a link: the key of its scene, the id of a node, the name of the widget or of the input."""

_APART: Final = 40.0  # between what is gone and what stands in its place now
_TRIES: Final = 60


@dataclass(frozen=True)
class Marks:
    """Marks by what they are of."""

    nodes: dict[NodeKey, Mark] = field(default_factory=dict)
    widgets: dict[PartKey, Mark] = field(default_factory=dict)
    links: dict[PartKey, Mark] = field(default_factory=dict)
    groups: dict[tuple[str, int], Mark] = field(default_factory=dict)  # by their places in the list of the scene
    was: dict[PartKey, str] = field(default_factory=dict)  # what a widget showed before
    words: dict[PartKey, tuple[Word, ...]] = field(default_factory=dict)  # of texts that changed
    was_at: dict[NodeKey, Rect] = field(default_factory=dict)  # where a node stood before


def marked(drawing: Drawing, marks: Marks) -> Drawing:
    """The drawing with marks; those of things that it does not have are left out."""
    return replace(drawing, scenes={key: _marked(scene, marks) for key, scene in drawing.scenes.items()})


def _marked(scene: Scene, marks: Marks) -> Scene:
    key = scene.key

    def of_widget(node: str, widget: DrawnWidget) -> DrawnWidget:
        place = key, node, widget.name
        mark = marks.widgets.get(place)
        if mark is None:
            return widget
        return replace(widget, mark=mark, was=marks.was.get(place), words=marks.words.get(place, ()))

    def of_node(node: DrawnNode) -> DrawnNode:
        widgets = tuple(of_widget(node.id, widget) for widget in node.widgets)
        place = key, node.id
        return replace(node, widgets=widgets, mark=marks.nodes.get(place), was_at=marks.was_at.get(place))

    links = (replace(each, mark=marks.links.get((key, each.target, each.input))) for each in scene.links)
    groups = (replace(each, mark=marks.groups.get((key, each.place))) for each in scene.groups)
    nodes = tuple(map(of_node, scene.nodes))
    # What has a mark is drawn last: nothing else lies over it.
    return replace(scene, nodes=nodes, links=tuple(sorted(links, key=_has_mark)), groups=tuple(groups))


def _has_mark(link: DrawnLink) -> bool:
    return link.mark is not None


def marks_of(scene: Scene) -> set[Mark]:
    """The marks that the things of a scene have."""
    marks = (*(each.mark for each in scene.nodes), *(each.mark for each in scene.links))
    return {mark for mark in (*marks, *(each.mark for each in scene.groups)) if mark is not None}


def overlaid(scene: Scene, old: Scene, now: Callable[[str], str | None], gone: Callable[[str], str]) -> Scene:
    """A scene with what the old one marks as removed in it.

    `now` gives the id that a node of the old scene has in this one, None if it is gone; `gone` what to call it then.
    Nodes that are gone stand where they stood, or next to it where something else stands now.
    """
    taken = [node.frame for node in scene.nodes]
    ghosts: dict[str, DrawnNode] = {}
    for node in old.nodes:
        if node.mark == "removed" and node.id not in ghosts:
            ghosts[node.id] = replace(_aside(node, taken), id=gone(node.id))
            taken.append(ghosts[node.id].frame)
    there = {node.id: node for node in reversed(scene.nodes)}

    def drawn(id_: str) -> DrawnNode | None:
        return ghosts.get(id_) or there.get(now(id_) or "")

    links = [_between(link, drawn(link.source), drawn(link.target)) for link in old.links if link.mark == "removed"]
    groups = [group for group in old.groups if group.mark == "removed"]
    nodes = (*scene.nodes, *ghosts.values())
    return replace(
        scene,
        bounds=_around(bounds(nodes, (*scene.groups, *groups), scene.reroutes), nodes),
        nodes=nodes,
        links=(*links, *scene.links),
        groups=(*groups, *scene.groups),
    )


def with_ghosts(scene: Scene) -> Scene:
    """The scene with room for the places where its nodes stood before."""
    return replace(scene, bounds=_around(scene.bounds, scene.nodes))


def placed(scene: Scene, corners: Mapping[str, Point], groups: Sequence[DrawnGroup]) -> Scene:
    """The scene with its nodes elsewhere, by their ids, and with other groups around them."""
    nodes = tuple(
        replace(each, body=replace(each.body, x=corners[each.id][0], y=corners[each.id][1])) for each in scene.nodes
    )
    there = {node.id: node for node in nodes}
    links = tuple(_between(link, there.get(link.source), there.get(link.target)) for link in scene.links)
    return replace(scene, bounds=bounds(nodes, groups, ()), nodes=nodes, links=links, groups=tuple(groups))


def _between(link: DrawnLink, source: DrawnNode | None, target: DrawnNode | None) -> DrawnLink:
    """The link between these nodes, wherever they are; an end of which the node is not there stays."""
    start = _end(source, link.output, source.outputs) if source is not None else link.points[0]
    stop = _end(target, link.input, target.inputs) if target is not None else link.points[-1]
    return replace(
        link,
        source=source.id if source is not None else link.source,
        target=target.id if target is not None else link.target,
        points=(start, *link.points[1:-1], stop),
    )


def _end(node: DrawnNode, name: str, slots: Sequence[DrawnSlot]) -> Point:
    slot = next((each for each in slots if each.name == name), None)
    x, y = slot.at if slot is not None else (0.0, -node.header / 2)
    return node.body.x + x, node.body.y + y


def _around(frame: Rect, nodes: Iterable[DrawnNode]) -> Rect:
    former = [node.was_at for node in nodes if node.was_at is not None]
    if not former:
        return frame
    left, top = min(frame.x, *(each.x for each in former)), min(frame.y, *(each.y for each in former))
    right = max(frame.right, *(each.right for each in former))
    bottom = max(frame.bottom, *(each.bottom for each in former))
    return Rect(left, top, right - left, bottom - top)


def _aside(node: DrawnNode, taken: Sequence[Rect]) -> DrawnNode:
    """The node at the next free place below its own."""
    frame = node.frame
    for _ in range(_TRIES):
        below = [each.bottom for each in taken if _overlap(frame, each)]
        if not below:
            break
        frame = replace(frame, y=max(below) + _APART)
    return replace(node, body=replace(node.body, y=frame.y + node.header))


def _overlap(one: Rect, other: Rect) -> bool:
    return one.x < other.right and other.x < one.right and one.y < other.bottom and other.y < one.bottom
