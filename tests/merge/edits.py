"""Edits of real workflows as people make them in the editor, on plain JSON: what merges are tried with.

edits = draw(st.lists(EDITS, max_size=5))
changed(tree, edits)
"""

from __future__ import annotations

import copy
from typing import Any, NamedTuple

from hypothesis import strategies as st

Tree = dict[str, Any]
FIELDS = ("id", "origin_id", "origin_slot", "target_id", "target_slot", "type")


class Edit(NamedTuple):
    """What is done, and numbers that choose where: they count what there is, and start again behind its end."""

    kind: str
    scope: int
    one: int
    other: int
    value: int


KINDS = ("widget", "title", "mode", "move", "delete", "link", "unlink", "insert", "add", "note", "group", "extra")
EDITS = st.builds(
    Edit, st.sampled_from(KINDS), st.integers(0, 3), st.integers(0, 40), st.integers(0, 40), st.integers(0, 3)
)


def changed(tree: Tree, edits: list[Edit]) -> Tree:
    """A copy of a workflow with edits, in order. One that has nothing to be made on does nothing."""
    made = copy.deepcopy(tree)
    for edit in edits:
        graphs = [made, *made.get("definitions", {}).get("subgraphs", [])]
        Graph(made, graphs[edit.scope % len(graphs)]).edit(edit)
    return made


def renumbered(tree: Tree, by: int) -> Tree:
    """A copy with other ids for all nodes and links of the root, as copying a workflow into another one gives them."""
    made = copy.deepcopy(tree)
    for node in made["nodes"]:
        node["id"] += by
        for slot in node.get("inputs") or []:
            if slot.get("link") is not None:
                slot["link"] += by
        for slot in node.get("outputs") or []:
            if slot.get("links") is not None:
                slot["links"] = [each + by for each in slot["links"]]
    for row in made["links"]:
        for name in ("id", "origin_id", "target_id"):
            _put(row, name, _get(row, name) + by)
    made["last_node_id"] += by
    made["last_link_id"] += by
    return made


class Graph:
    """One graph of a workflow: its root, or a subgraph definition."""

    def __init__(self, root: Tree, graph: Tree) -> None:
        self._root = root
        self._graph = graph

    @classmethod
    def of(cls, tree: Tree, definition: int | None = None) -> Graph:
        """The root of a tree, or one of its definitions."""
        return cls(tree, tree if definition is None else tree["definitions"]["subgraphs"][definition])

    def node(self, id_: Any) -> Tree:
        """A node by its id."""
        (found,) = (each for each in self._graph["nodes"] if each["id"] == id_)
        node: Tree = found
        return node

    def edit(self, edit: Edit) -> None:
        getattr(self, f"_{edit.kind}")(edit)

    def _node(self, number: int) -> Tree | None:
        nodes = self._graph["nodes"]
        return nodes[number % len(nodes)] if nodes else None

    def _fresh(self, what: str) -> int:
        """A new id; the editor counts in the root, and in older files in each subgraph."""
        counter, state = f"last_{what}_id", f"last{what.title()}Id"
        scopes = [self._root, *self._root.get("definitions", {}).get("subgraphs", [])]
        ids = [each["id"] for scope in scopes for each in scope["nodes"]] if what == "node" else []
        ids += [_get(row, "id") for scope in scopes for row in scope["links"]] if what == "link" else []
        known: list[int] = [self._root.get(counter, 0), *(scope.get("state", {}).get(state, 0) for scope in scopes)]
        fresh = max([*known, *(each for each in ids if isinstance(each, int))]) + 1
        if counter in self._root:
            self._root[counter] = fresh
        for scope in (self._root, self._graph):
            if state in scope.get("state", {}):
                scope["state"][state] = fresh
        return fresh

    # Values

    def _widget(self, edit: Edit) -> None:
        node = self._node(edit.one)
        values = node.get("widgets_values") if node is not None else None
        if isinstance(values, list) and values:
            at: Any = edit.other % len(values)
        elif isinstance(values, dict) and values:
            at = [*values][edit.other % len(values)]
        else:
            return
        assert node is not None
        values[at] = _other(values[at], edit.value)
        node.pop("widgets_values_named", None)

    def _title(self, edit: Edit) -> None:
        node = self._node(edit.one)
        if node is not None:
            node["title"] = f"title {edit.value}"

    def _mode(self, edit: Edit) -> None:
        node = self._node(edit.one)
        if node is not None:
            node["mode"] = (0, 2, 4)[edit.value % 3]

    def _move(self, edit: Edit) -> None:
        node = self._node(edit.one)
        if node is not None:
            node["pos"] = [edit.other * 10, edit.value * 10]

    def _extra(self, edit: Edit) -> None:
        self._root.setdefault("extra", {})[f"key {edit.one % 2}"] = edit.value

    def _group(self, edit: Edit) -> None:
        box = [edit.one * 10, 0, 200, 100]
        ids = [each.get("id") or 0 for each in self._graph.setdefault("groups", [])]
        group: Tree = {"id": max(ids, default=0) + 1, "title": f"group {edit.value}", "bounding": box, "flags": {}}
        self._graph["groups"].append(group)

    # Nodes and links

    def _note(self, edit: Edit) -> None:
        self.append("Note", [f"note {edit.value}"], [], [])

    def _add(self, edit: Edit) -> None:
        self.append("PrimitiveString", [f"text {edit.value}"], [], [{"name": "STRING", "type": "STRING", "links": []}])

    def _delete(self, edit: Edit) -> None:
        node = self._node(edit.one)
        if node is not None:
            self.delete(node)

    def delete(self, node: Tree) -> None:
        """Take away a node, and its links."""
        for row in [*self._graph["links"]]:
            if node["id"] in (_get(row, "origin_id"), _get(row, "target_id")):
                self.cut(row)
        self._graph["nodes"].remove(node)

    def _unlink(self, edit: Edit) -> None:
        if self._graph["links"]:
            self.cut(self._graph["links"][edit.one % len(self._graph["links"])])

    def _link(self, edit: Edit) -> None:
        """Another source for a link: an output of the same type, of a node that does not wait for it."""
        rows = self._graph["links"]
        if not rows:
            return
        row = rows[edit.one % len(rows)]
        target, slot = _get(row, "target_id"), _get(row, "target_slot")
        sources = [
            (node, index)
            for node in self._graph["nodes"]
            for index, output in enumerate(node.get("outputs") or [])
            if output["type"] == _get(row, "type") and node["id"] not in self._needing(target)
        ]
        if sources and not _is_boundary(target):
            source, index = sources[edit.other % len(sources)]
            self.cut(row)
            self.connect(source, index, target, slot)

    def _insert(self, edit: Edit) -> None:
        """A node of one input and one output between the ends of a link."""
        rows = [
            row
            for row in self._graph["links"]
            if not any(map(_is_boundary, (_get(row, "origin_id"), _get(row, "target_id"))))
        ]
        if not rows:
            return
        row = rows[edit.one % len(rows)]
        self.put_between("Between", [edit.value], _get(row, "target_id"), _get(row, "target_slot"))

    def into(self, id_: Any, slot: int) -> Any:
        """The row of the link that ends at an input; None if there is none."""
        ends = ([_get(row, name) for name in ("target_id", "target_slot")] for row in self._graph["links"])
        return next((row for row, end in zip(self._graph["links"], ends, strict=True) if end == [id_, slot]), None)

    def relink(self, source: Any, output: int, target: Any, slot: int) -> None:
        """Link an output to an input, in place of what was linked to it."""
        row = self.into(target, slot)
        if row is not None:
            self.cut(row)
        self.connect(self.node(source), output, target, slot)

    def put_between(self, kind: str, values: list[Any], target: Any, slot: int) -> Tree:
        """A node of one input and one output on the link that ends at an input."""
        row = self.into(target, slot)
        origin, output, type_ = (_get(row, name) for name in ("origin_id", "origin_slot", "type"))
        slots = [{"name": "in", "type": type_, "link": None}], [{"name": "out", "type": type_, "links": []}]
        node = self.append(kind, values, *slots)
        self.cut(row)
        self.connect(self.node(origin), output, node["id"], 0)
        self.connect(node, 0, target, slot)
        return node

    def append(self, kind: str, values: list[Any], inputs: list[Any], outputs: list[Any]) -> Tree:
        node = {
            "id": self._fresh("node"),
            "type": kind,
            "pos": [0, 0],
            "size": [200, 100],
            "flags": {},
            "order": 0,
            "mode": 0,
            "inputs": inputs,
            "outputs": outputs,
            "properties": {},
            "widgets_values": values,
        }
        self._graph["nodes"].append(node)
        return node

    def _needing(self, id_: Any) -> set[Any]:
        """A node and all that wait for it."""
        found, waiting = {id_}, [id_]
        while waiting:
            at = waiting.pop()
            for row in self._graph["links"]:
                if _get(row, "origin_id") == at and _get(row, "target_id") not in found:
                    found.add(_get(row, "target_id"))
                    waiting.append(_get(row, "target_id"))
        return found

    def connect(self, source: Tree, output: int, target: Any, slot: int) -> None:
        (node,) = (each for each in self._graph["nodes"] if each["id"] == target)
        inputs = node.get("inputs") or []
        if len(inputs) <= slot:
            return
        id_ = self._fresh("link")
        values = (id_, source["id"], output, target, slot, source["outputs"][output]["type"])
        rows = self._graph["links"]
        is_object = isinstance(rows[0], dict) if rows else self._graph is not self._root
        rows.append(dict(zip(FIELDS, values, strict=True)) if is_object else [*values])
        inputs[slot]["link"] = id_
        source["outputs"][output]["links"] = [*(source["outputs"][output].get("links") or []), id_]

    def cut(self, row: Any) -> None:
        self._graph["links"].remove(row)
        id_ = _get(row, "id")
        for node in self._graph["nodes"]:
            for slot in node.get("inputs") or []:
                if slot.get("link") == id_:
                    slot["link"] = None
            for slot in node.get("outputs") or []:
                if id_ in (slot.get("links") or []):
                    slot["links"].remove(id_)
        for key in ("inputs", "outputs"):
            for slot in self._graph.get(key, []) if self._graph is not self._root else []:
                if id_ in (slot.get("linkIds") or []):
                    slot["linkIds"].remove(id_)


def _is_boundary(id_: Any) -> bool:
    return id_ in (-10, -20)


def _get(row: Any, name: str) -> Any:
    return row[name] if isinstance(row, dict) else row[FIELDS.index(name)]


def _put(row: Any, name: str, value: Any) -> None:
    row[name if isinstance(row, dict) else FIELDS.index(name)] = value


def _other(value: Any, number: int) -> Any:
    """Another value of the same kind."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + number + 1
    if isinstance(value, str):
        return f"{value} {number}"
    return [number]
