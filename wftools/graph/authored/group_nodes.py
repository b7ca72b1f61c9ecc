"""Group nodes, the subgraphs of 2023 to 2025, as subgraphs.

`extra.groupNodes[name]` holds the inner nodes and their links by index; a node of type `workflow>name` is an instance.
Its inputs are those of the inner nodes that no inner link feeds, in the order of the nodes, its outputs those that no
inner link takes or that are marked as external, and its values those of the inner nodes, one after another.

Editors since 1.58 turn them into subgraphs on load, with new ids: the inner nodes get the next free ones, then the
instance. We give the same ids. That editor mixes up the values when it does so; here each value stays with its widget.

A component of ComfyUI-Manager is a group node with a name like `## make-basic_pipe [2c8c61]`.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeGuard

from wftools.document.pointer import pointer
from wftools.document.ui import UiSubgraph, UiWorkflow
from wftools.document.view import view
from wftools.errors import LimitError
from wftools.graph.model import MAX_NODES
from wftools.graph.widget_values import bind
from wftools.graph.widget_values.order import CONTROL

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wftools.catalog.lookup import Catalogue
    from wftools.document.ui import UiNode
    from wftools.values import Json

Placed = tuple[str, UiSubgraph]
"""A JSON Pointer, and the definition that was made of what stands there."""

PREFIXES: Final = ("workflow>", "workflow/")
COMPONENT: Final = "## "  # how the names of components start, which may stand without a prefix
MAX_VALUES: Final = 2_000_000  # in all instances of group nodes; each takes some hundred bytes


@dataclass(frozen=True)
class Ungrouped:
    """A workflow with its group nodes as instances of subgraphs."""

    workflow: UiWorkflow
    subgraphs: tuple[Placed, ...] = ()
    # By the paths of the inner nodes: those that editors before 1.58 gave them, `12:0` for the first one of node 12.
    former: Mapping[str, str] = field(default_factory=dict)


def ungrouped(workflow: UiWorkflow, catalogue: Catalogue) -> Ungrouped:
    """The workflow with its group nodes as instances of subgraphs, if it has any.

    Raises LimitError if there are more than MAX_NODES nodes in them, or more than MAX_VALUES values.
    """
    groups = (workflow.extra or {}).get("groupNodes")
    if not isinstance(groups, dict) or not any(_name(node) in groups for node in workflow.nodes):
        return Ungrouped(workflow)
    uses = Counter(name for node in workflow.nodes if _is_group(groups.get(name := _name(node))))
    if sum(count * len(groups[name]["nodes"]) for name, count in uses.items()) > MAX_NODES:
        raise LimitError(f"the workflow has more than {MAX_NODES:,} nodes once its group nodes are spelled out")
    if sum(count * _size(groups[name]) for name, count in uses.items()) > MAX_VALUES:
        raise LimitError(f"the workflow has more than {MAX_VALUES:,} values once its group nodes are spelled out")
    numbers = [node.id for node in workflow.nodes if isinstance(node.id, int)]
    last = workflow.last_node_id
    next_id = max([*numbers, last if isinstance(last, int) else 0]) + 1
    nodes: list[UiNode] = []
    made: list[Placed] = []
    moved: dict[str, int] = {}
    former: dict[str, str] = {}
    for node in workflow.nodes:
        group = groups.get(_name(node))
        if not _is_group(group):
            nodes.append(node)
            continue
        builder = _Builder(group, next_id, catalogue)
        id_ = next_id + len(group["nodes"])
        moved[str(node.id)] = id_
        former |= {f"{id_}:{next_id + index}": f"{node.id}:{index}" for index in range(len(group["nodes"]))}
        definition = builder.subgraph(node)
        nodes.append(_instance(node, id_, definition, builder.proxies()))
        made.append((pointer("extra", "groupNodes", _name(node)), definition))
        next_id = id_ + 1
    links = [
        link.model_copy(
            update={
                "origin_id": moved.get(str(link.origin_id), link.origin_id),
                "target_id": moved.get(str(link.target_id), link.target_id),
            }
        )
        for link in workflow.links
    ]
    return Ungrouped(workflow.model_copy(update={"nodes": nodes, "links": links}), tuple(made), former)


def _is_group(group: Any) -> TypeGuard[dict[str, Any]]:
    nodes = group.get("nodes") if isinstance(group, dict) else None
    return isinstance(nodes, list) and all(isinstance(node, dict) for node in nodes)


def _size(tree: Json) -> int:
    """How many values there are in a tree."""
    count, waiting = 1, [tree]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict | list):
            count += len(each)
            waiting += each.values() if isinstance(each, dict) else each
    return count


def _name(node: UiNode) -> str:
    prefix = next((each for each in PREFIXES if node.type.startswith(each)), None)
    if prefix is None:
        return node.type if node.type.startswith(COMPONENT) else ""
    return node.type.removeprefix(prefix)


def _instance(node: UiNode, id_: int, definition: UiSubgraph, proxies: list[list[str]]) -> UiNode:
    """The instance: slots take the names of the definition, values are told by place what they are for."""
    names = [slot.name for slot in definition.inputs or ()]
    inputs = [
        slot.model_copy(update={"name": name, "widget": None})
        for slot, name in zip((each for each in node.inputs or () if each.widget is None), names, strict=False)
    ]
    properties = {**(node.properties or {}), "proxyWidgets": proxies}
    return node.model_copy(update={"id": id_, "type": definition.id, "inputs": inputs, "properties": properties})


class _Builder:
    """Makes the subgraph of one instance; inner node `index` gets the id `first_id + index`."""

    def __init__(self, group: Mapping[str, Any], first_id: int, catalogue: Catalogue) -> None:
        self._nodes: list[dict[str, Any]] = group["nodes"]
        links = group.get("links")
        self._links = [link for link in links if _is_link(link, len(self._nodes))] if isinstance(links, list) else []
        external = group.get("external")
        self._external = {
            (each[0].get("index"), each[1])
            for each in (external if isinstance(external, list) else ())
            if isinstance(each, list) and len(each) > 1 and isinstance(each[0], dict)
        }
        self._first_id = first_id
        self._catalogue = catalogue

    def subgraph(self, node: UiNode) -> UiSubgraph:
        """The definition; malformed parts are left out."""
        inputs = list(self._free_inputs())
        outputs = list(self._free_outputs())
        rows: list[dict[str, Any]] = []
        for source, source_slot, target, target_slot in self._inner_links():
            rows.append(_row(len(rows) + 1, self._first_id + source, source_slot, self._first_id + target, target_slot))
        for place, (index, slot) in enumerate(inputs):
            rows.append(_row(len(rows) + 1, -10, place, self._first_id + index, slot))
        for place, (index, slot) in enumerate(outputs):
            rows.append(_row(len(rows) + 1, self._first_id + index, slot, -20, place))
        tree = {
            "id": f"{node.type}#{node.id}",
            "name": _name(node),
            "links": rows,
            "nodes": [self._inner(index, rows) for index in range(len(self._nodes))],
            "inputs": [self._boundary(place, index, "inputs", slot) for place, (index, slot) in enumerate(inputs)],
            "outputs": [self._boundary(place, index, "outputs", slot) for place, (index, slot) in enumerate(outputs)],
        }
        return view(UiSubgraph, tree)[0]

    def proxies(self) -> list[list[str]]:
        """What each place in the instance's values is for: [inner node, widget]."""
        found: list[list[str]] = []
        for index, node in enumerate(self._nodes):
            values = node.get("widgets_values")
            signature = self._catalogue.signature(str(node.get("type")))
            if not isinstance(values, list) or signature is None:
                continue
            names = {widget.key: name for name, widget in bind(signature, values).widgets.items()}
            places = (names.get(f"widgets_values/{place}", CONTROL) for place in range(len(values)))
            found += [[str(self._first_id + index), name] for name in places]
        return found

    def _inner_links(self) -> Iterator[tuple[int, int, int, int]]:
        return ((link[0], link[1], link[2], link[3]) for link in self._links if link[0] is not None)

    def _free_inputs(self) -> Iterator[tuple[int, int]]:
        fed = {(target, slot) for _, _, target, slot in self._inner_links()}
        for index, node in enumerate(self._nodes):
            for slot, each in enumerate(_slots(node, "inputs")):
                if (index, slot) not in fed and not each.get("widget"):
                    yield index, slot

    def _free_outputs(self) -> Iterator[tuple[int, int]]:
        taken = {(source, slot) for source, slot, _, _ in self._inner_links()}
        for index, node in enumerate(self._nodes):
            for slot, _ in enumerate(_slots(node, "outputs")):
                if (index, slot) not in taken or (index, slot) in self._external:
                    yield index, slot

    def _boundary(self, place: int, index: int, side: str, slot: int) -> dict[str, Any]:
        kind = _slots(self._nodes[index], side)[slot].get("type")
        return {"name": f"{side[:-1]} {place}", "type": kind, "linkIds": []}

    def _inner(self, index: int, rows: list[dict[str, Any]]) -> dict[str, Any]:
        id_ = self._first_id + index
        fed = {row["target_slot"]: row["id"] for row in rows if row["target_id"] == id_}
        inputs = [{**slot, "link": fed.get(place)} for place, slot in enumerate(_slots(self._nodes[index], "inputs"))]
        return {**self._nodes[index], "id": id_, "inputs": inputs}


def _slots(node: Mapping[str, Any], side: str) -> list[dict[str, Any]]:
    slots = node.get(side)
    return [slot if isinstance(slot, dict) else {"name": ""} for slot in slots] if isinstance(slots, list) else []


def _row(id_: int, source: int, source_slot: int, target: int, target_slot: int) -> dict[str, Any]:
    return {"id": id_, "origin_id": source, "origin_slot": source_slot, "target_id": target, "target_slot": target_slot}


def _is_link(link: Any, count: int) -> bool:
    """Whether this is [origin or null, slot, target, slot, …] between inner nodes."""
    if not isinstance(link, list) or len(link) < 4:
        return False
    indices = [link[2]] if link[0] is None else [link[0], link[2]]
    inside = all(isinstance(index, int) and 0 <= index < count for index in indices)
    return inside and isinstance(link[1], int) and isinstance(link[3], int)
