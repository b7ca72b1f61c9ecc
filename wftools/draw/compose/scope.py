"""A scope of a UI workflow -> its scene."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from wftools.catalog.signature import WILDCARD
from wftools.draw.colours import colour
from wftools.draw.compose.arrange import arranged
from wftools.draw.compose.authored import borders, saved_node, type_name
from wftools.draw.compose.framing import bounds, link
from wftools.draw.compose.place import places
from wftools.draw.compose.reroutes import Reroutes, point
from wftools.draw.scene import DrawnGroup, Rect, Reroute, Scene
from wftools.graph.authored.scopes import INPUTS, OUTPUTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wftools.draw.compose.authored import Saved
    from wftools.draw.compose.place import Wire
    from wftools.draw.scene import DrawnLink, DrawnNode
    from wftools.graph.authored import Authored
    from wftools.graph.authored.scopes import AuthoredLink, Scope
    from wftools.graph.flatten.instances import Instances

_BELOW: Final = 100.0  # between nodes that have a place and those that were given one
_BESIDE: Final = 60.0  # between the borders of a subgraph and what is in it
_SIDES: Final = ("inputs", "outputs")
_TITLE_SIZE: Final = 24.0  # of a group
_LEAST_TITLE, _MOST_TITLE = 8.0, 200.0


def scope_scene(authored: Authored, instances: Instances, scope: Scope, key: str, title: str) -> Scene:
    """The scene of the workflow itself, or of the inside of a definition."""
    return _Composer(authored, instances, scope).scene(key, title)


class _Composer:
    """Composes the scene of one scope."""

    def __init__(self, authored: Authored, instances: Instances, scope: Scope) -> None:
        self._scope = scope
        self._saved = [saved_node(authored, instances, scope, node) for node in scope.nodes]
        self._index = {node: index for index, node in enumerate(scope.nodes)}
        self._borders: dict[str, int] = {}
        for each in borders(scope):
            self._borders[each.node.id] = len(self._saved)
            self._saved.append(each)
        self._wires = list(self._fed(authored))
        self._nodes = _placed(self._saved, [wire for wire, _ in self._wires])
        self._reroutes = Reroutes(scope)

    def scene(self, key: str, title: str) -> Scene:
        """The scene."""
        links = tuple(self._link(wire, row) for wire, row in self._wires)
        groups = tuple(_groups(self._scope))
        types = {
            id_: made.type for made, (_, row) in zip(links, self._wires, strict=True) for id_ in self._reroutes.way(row)
        }
        points = tuple(Reroute(at, types.get(id_, WILDCARD)) for id_, at in self._reroutes.points.items())
        return Scene(key, title, bounds(self._nodes, groups, points), self._nodes, links, groups, points)

    def _fed(self, authored: Authored) -> Iterator[tuple[Wire, AuthoredLink]]:
        """What feeds each input, as far as it is there, with the row that says so."""
        for node in self._scope.nodes:
            target = self._index[node]
            for place, slot in enumerate(authored.slots(self._scope, node)):
                start = self._start(slot.link) if slot.link is not None else None
                if start is not None and slot.link is not None:
                    yield (*start, target, place), slot.link
        if OUTPUTS in self._borders:
            border = self._borders[OUTPUTS]
            for place, rows in sorted(self._scope.to_output.items()):
                start = self._start(rows[0])
                if start is not None and 0 <= place < len(self._saved[border].node.inputs):
                    yield (*start, border, place), rows[0]

    def _start(self, row: AuthoredLink) -> tuple[int, int] | None:
        """The place of the node that a link starts at, and of its output."""
        node = self._scope.by_id.get(row.source)
        at = self._borders.get(INPUTS) if row.source == INPUTS else self._index[node] if node is not None else None
        if at is None or not 0 <= row.row.origin_slot < len(self._saved[at].node.outputs):
            return None
        return at, row.row.origin_slot

    def _link(self, wire: Wire, row: AuthoredLink) -> DrawnLink:
        way = [self._reroutes.points[id_] for id_ in self._reroutes.way(row)]
        return link(self._nodes, wire, type_name(row.row.type), way)


def _placed(saved: Sequence[Saved], wires: Sequence[Wire]) -> tuple[DrawnNode, ...]:
    """The nodes where their file says; those without a place laid out, below the others, and borders beside all."""
    nodes = [arranged(each.node, each.at or (0, 0), each.size) for each in saved]
    lost = [index for index, each in enumerate(saved) if each.at is None]
    if not lost:
        return tuple(nodes)
    inside = [index for index in lost if nodes[index].kind not in _SIDES]
    among = {index: place for place, index in enumerate(inside)}
    inner = [
        (among[source], output, among[target], input_)
        for source, output, target, input_ in wires
        if source in among and target in among
    ]
    corners, _ = places([nodes[index] for index in inside], inner, {})
    kept = [each.frame for index, each in enumerate(nodes) if index not in lost]
    left = min((frame.x for frame in kept), default=0.0)
    top = max((frame.bottom for frame in kept), default=-_BELOW) + _BELOW
    for index, (x, y) in zip(inside, corners, strict=True):
        nodes[index] = _moved(nodes[index], left + x, top + y)
    around = bounds([each for index, each in enumerate(nodes) if index not in lost or index in among], (), ())
    for index in lost:
        if index not in among:
            body = nodes[index].body
            x = around.x - _BESIDE - body.width if nodes[index].kind == "inputs" else around.right + _BESIDE
            nodes[index] = _moved(nodes[index], x, around.y + (around.height - body.height) / 2)
    return tuple(nodes)


def _moved(node: DrawnNode, x: float, y: float) -> DrawnNode:
    return replace(node, body=replace(node.body, x=x, y=y))


def _groups(scope: Scope) -> Iterator[DrawnGroup]:
    for place, group in enumerate(scope.ui.groups or ()):
        at, size = point(group.bounding), point(group.bounding[2:])
        if at is not None and size is not None and min(size) > 0:
            font = min(max(group.font_size or _TITLE_SIZE, _LEAST_TITLE), _MOST_TITLE)
            yield DrawnGroup(place, group.title, Rect(*at, *size), colour(group.color), float(font))
