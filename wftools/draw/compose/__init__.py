"""Graph -> Drawing: what stands where, and what it shows.

`authored` and `prompt` say what each node shows, `arrange` where its parts are, `place` where nodes stand that have no
place of their own, and here it becomes scenes.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import PurePath
from typing import TYPE_CHECKING, Final

from wftools.catalog.signature import WILDCARD
from wftools.draw.colours import colour
from wftools.draw.compose.arrange import arranged
from wftools.draw.compose.authored import borders, saved_node, type_name
from wftools.draw.compose.place import places
from wftools.draw.compose.prompt import prompt_node
from wftools.draw.compose.reroutes import Reroutes, point
from wftools.draw.scene import ROOT, Drawing, DrawnGroup, DrawnLink, DrawnNode, Point, Rect, Reroute, Scene
from wftools.errors import LimitError
from wftools.graph.authored.scopes import INPUTS, OUTPUTS
from wftools.graph.flatten.instances import Instances

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from wftools.draw.compose.authored import Saved
    from wftools.draw.compose.place import Wire
    from wftools.graph import WorkflowGraph
    from wftools.graph.authored import Authored
    from wftools.graph.authored.scopes import AuthoredLink, Scope

MAX_DRAWN: Final = 20_000  # nodes in all scenes; a browser has some elements for each

_MARGIN: Final = 40.0
_EMPTY: Final = Rect(0, 0, 400, 200)
_BELOW: Final = 100.0  # between nodes that have a place and those that were given one
_GROUP_FONT: Final = 24.0
_LEAST_FONT, _MAX_FONT = 8.0, 200.0
_MAX_OUTPUTS: Final = 64  # of a node of unknown type


def drawing(graph: WorkflowGraph) -> Drawing:
    """The picture of a workflow: of the workflow itself, and of each of its subgraph definitions.

    Nodes stand where their file says. Prompts and nodes without a place are laid out. Raises LimitError for more nodes
    than MAX_DRAWN.
    """
    name = PurePath(graph.document.source.name).name
    authored = graph.authored
    if authored is None:
        if len(graph.flat.nodes) > MAX_DRAWN:
            raise _too_many(len(graph.flat.nodes))
        return Drawing(name, {ROOT: _prompt_scene(graph, name)})
    count = sum(len(scope.nodes) for scope in authored.scopes)
    if count > MAX_DRAWN:
        raise _too_many(count)
    instances = Instances(authored)
    scenes: dict[str, Scene] = {}
    titles: Counter[str] = Counter()
    for scope in authored.scopes:
        key = scope.definition.id if scope.definition is not None else ROOT
        if key not in scenes:  # of several definitions with one id, the first
            title = (scope.definition.name or key) if scope.definition is not None else name
            titles[title] += 1
            title = title if titles[title] == 1 else f"{title} ({titles[title]})"
            scenes[key] = _Composer(authored, instances, scope).scene(key, title)
    return Drawing(name, scenes)


def _too_many(count: int) -> LimitError:
    return LimitError(f"the workflow has {count:,} nodes; a picture can have {MAX_DRAWN:,}")


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
        types = {id_: link.type for link, (_, row) in zip(links, self._wires, strict=True) for id_ in self._way(row)}
        points = tuple(Reroute(at, types.get(id_, "*")) for id_, at in self._reroutes.points.items())
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

    def _start(self, link: AuthoredLink) -> tuple[int, int] | None:
        """The place of the node that a link starts at, and of its output."""
        node = self._scope.by_id.get(link.source)
        at = self._borders.get(INPUTS) if link.source == INPUTS else self._index[node] if node is not None else None
        if at is None or not 0 <= link.row.origin_slot < len(self._saved[at].node.outputs):
            return None
        return at, link.row.origin_slot

    def _link(self, wire: Wire, row: AuthoredLink) -> DrawnLink:
        return _link(self._nodes, wire, type_name(row.row.type), [self._reroutes.points[id_] for id_ in self._way(row)])

    def _way(self, row: AuthoredLink) -> list[int]:
        return self._reroutes.way(row)


def _placed(saved: Sequence[Saved], wires: Sequence[Wire]) -> tuple[DrawnNode, ...]:
    """The nodes where their file says; those without a place laid out, below the others."""
    nodes = [arranged(each.node, each.at or (0, 0), each.size) for each in saved]
    lost = [index for index, each in enumerate(saved) if each.at is None]
    if not lost:
        return tuple(nodes)
    among = {index: place for place, index in enumerate(lost)}
    inner = [
        (among[source], output, among[target], input_)
        for source, output, target, input_ in wires
        if source in among and target in among
    ]
    corners, _ = places([nodes[index] for index in lost], inner, {})
    kept = [each.frame for index, each in enumerate(nodes) if index not in among]
    left = min((frame.x for frame in kept), default=0.0)
    top = max((frame.bottom for frame in kept), default=-_BELOW) + _BELOW
    for index, (x, y) in zip(lost, corners, strict=True):
        nodes[index] = replace(nodes[index], body=replace(nodes[index].body, x=left + x, y=top + y))
    return tuple(nodes)


def _prompt_scene(graph: WorkflowGraph, name: str) -> Scene:
    view = graph.flat
    used: dict[str, int] = {}
    for link in view.links():
        used[link.source] = max(used.get(link.source, 0), min(link.slot, _MAX_OUTPUTS - 1) + 1)
    nodes = [
        arranged(prompt_node(each, graph.catalogue, used.get(path, 0)), (0, 0), None)
        for path, each in view.nodes.items()
    ]
    index = {path: place for place, path in enumerate(view.nodes)}
    inputs = [{slot.name: place for place, slot in reversed([*enumerate(node.inputs)])} for node in nodes]
    wires: list[Wire] = [
        (index[link.source], link.slot, index[link.target], inputs[index[link.target]][link.input])
        for link in view.links()
        if 0 <= link.slot < _MAX_OUTPUTS and link.input in inputs[index[link.target]]
    ]
    group_of = {place: path.rpartition(":")[0] for path, place in index.items() if ":" in path}
    corners, frames = places(nodes, wires, group_of)
    placed = tuple(
        replace(node, body=replace(node.body, x=x, y=y)) for node, (x, y) in zip(nodes, corners, strict=True)
    )
    groups = tuple(
        DrawnGroup(place, f"Subgraph {name}", frame, None, _GROUP_FONT)
        for place, (name, frame) in enumerate(sorted(frames.items()))
    )
    links = tuple(_link(placed, wire) for wire in wires)
    return Scene(ROOT, name, bounds(placed, groups, ()), placed, links, groups)


def _link(nodes: Sequence[DrawnNode], wire: Wire, kind: str = WILDCARD, way: Sequence[Point] = ()) -> DrawnLink:
    source, output, target, input_ = wire
    here, there = nodes[source], nodes[target]
    start, end = here.outputs[output], there.inputs[input_]
    kind = next((each for each in (start.type, kind, end.type) if each != WILDCARD), WILDCARD)
    points = (_absolute(here, start.at), *way, _absolute(there, end.at))
    return DrawnLink(here.id, start.name, there.id, end.name, kind, points)


def _absolute(node: DrawnNode, at: Point) -> Point:
    return node.body.x + at[0], node.body.y + at[1]


def _groups(scope: Scope) -> Iterator[DrawnGroup]:
    for place, group in enumerate(scope.ui.groups or ()):
        at, size = point(group.bounding), point(group.bounding[2:])
        if at is not None and size is not None and min(size) > 0:
            font = min(max(group.font_size or _GROUP_FONT, _LEAST_FONT), _MAX_FONT)
            yield DrawnGroup(place, group.title, Rect(*at, *size), colour(group.color), float(font))


def bounds(nodes: Iterable[DrawnNode], groups: Iterable[DrawnGroup], reroutes: Iterable[Reroute]) -> Rect:
    """A rectangle around everything, with a margin."""
    frames = [*(each.frame for each in nodes), *(each.frame for each in groups)]
    frames += [Rect(*each.at, 0, 0) for each in reroutes]
    if not frames:
        return _EMPTY
    left, top = min(each.x for each in frames) - _MARGIN, min(each.y for each in frames) - _MARGIN
    right, bottom = max(each.right for each in frames), max(each.bottom for each in frames)
    return Rect(left, top, right - left + _MARGIN, bottom - top + _MARGIN)
