"""Edits of UI workflows as people make them, done to plain JSON, and what is known of them.

An edit is told as in the manifest of tests/data/diffmerge, and `tests/merge/plain.py` says whether a workflow has it:

    ["widget", node, place, value]              ["inner", definition, node, place, value]
    ["title", node, text]                       ["mode", node, number]
    ["link", source, slot, target, slot]        ["insert", title, source, target, slot]
    ["deleted", node]                           ["note", title]                           ["group", title]
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator

Tree = dict[str, Any]
Edit = list[Any]

INDEPENDENT = ("widget", "title", "mode", "delete", "insert", "rewire", "note", "group", "inner", "move")
WRAPPED = "11111111-2222-4333-8444-555555555555"  # the definition that `wrapped` makes
CONTROLS = ("fixed", "increment", "decrement", "randomize")


class Editor:
    """One person's copy of a workflow.

    `done` is what was done. With `other`, nothing is edited that this one has edited before.
    """

    def __init__(self, tree: Tree, name: str, dice: random.Random, other: Editor | None = None) -> None:
        self.tree: Tree = json.loads(json.dumps(tree))
        self.done: list[Edit] = []
        self.touched: set[Any] = set(other.touched) if other is not None else set()  # nodes
        self.linked: set[Any] = set(other.linked) if other is not None else set()  # nodes with other links
        self._name = name
        self._dice = dice

    def edit(self, kind: str) -> bool:
        """Do an edit of that kind to something that nobody has dealt with, if there is such a thing."""
        return bool(getattr(self, kind)())

    def saved(self) -> str:
        """The text of the file as the editor saves it: what was dealt with stands in front, ranks and view are new."""
        nodes = self.tree["nodes"]
        for node in self._dice.sample(nodes, min(2, len(nodes))):
            nodes.remove(node)
            nodes.append(node)
        for rank, node in enumerate(nodes):
            if "order" in node:
                node["order"] = rank
        view = {"scale": self._dice.random(), "offset": [self._dice.uniform(-999, 999), self._dice.uniform(-999, 999)]}
        self.tree.setdefault("extra", {})["ds"] = view
        return json.dumps(self.tree, indent=2, ensure_ascii=False) + "\n"

    # Edits

    def widget(self, node: Tree | None = None, place: int | None = None) -> bool:
        """Another value of a widget."""
        found = [(each, index) for each in self._free() for index in places(each)]
        if node is not None and place is not None:
            found = [(self._same(node), place)]
        if not found:
            return False
        node, place = self._dice.choice(found)
        self._give(node, place)
        return self._note_down(["widget", node["id"], place, node["widgets_values"][place]], node["id"])

    def inner(self) -> bool:
        """Another value of a widget inside a subgraph, of a node that no instance gives values."""
        found = [
            (scope, node, index)
            for scope in definitions(self.tree)
            for node in scope["nodes"]
            for index in places(node)
            if (scope["id"], node["id"]) not in self.touched and not is_promoted(self.tree, node)
        ]
        if not found:
            return False
        scope, node, place = self._dice.choice(found)
        self._give(node, place)
        edit = ["inner", scope["id"], node["id"], place, node["widgets_values"][place]]
        return self._note_down(edit, (scope["id"], node["id"]))

    def title(self, node: Tree | None = None) -> bool:
        """Another title."""
        chosen = self._same(node) if node is not None else self._any(self._free())
        if chosen is None:
            return False
        chosen["title"] = f"{self._name} title {self._dice.randrange(99999)}"
        return self._note_down(["title", chosen["id"], chosen["title"]], chosen["id"])

    def mode(self, node: Tree | None = None) -> bool:
        """Muted or bypassed."""
        chosen = self._same(node) if node is not None else self._any(self._free())
        if chosen is None:
            return False
        modes = {2: 4, 4: 2}
        chosen["mode"] = modes.get(chosen.get("mode", 0), 2 if self._name == "theirs" else 4)
        return self._note_down(["mode", chosen["id"], chosen["mode"]], chosen["id"])

    def move(self) -> bool:
        """Another place."""
        chosen = self._any(self._free())
        if chosen is None or not isinstance(chosen.get("pos"), list):
            return False
        chosen["pos"] = [self._dice.randrange(5000), self._dice.randrange(5000)]
        self.touched.add(chosen["id"])
        return True

    def delete(self, node: Tree | None = None) -> bool:
        """A node goes with its links. Not a subgraph instance: the editor would remove its definition, too."""
        known = {each["id"] for each in definitions(self.tree)}
        free = [each for each in self._free() if each["type"] not in known and each["id"] not in self.linked]
        free = [each for each in free if not self._near(each) & self.linked]
        chosen = self._same(node) if node is not None else self._any(free)
        if chosen is None:
            return False
        near = self._near(chosen)
        for row in [row for row in self.tree["links"] if chosen["id"] in (row[1], row[3])]:
            self._cut(row)
        self.tree["nodes"].remove(chosen)
        self.linked |= {chosen["id"], *near}
        return self._note_down(["deleted", chosen["id"]], chosen["id"])

    def insert(self, link: int | None = None) -> bool:
        """A reroute on a link."""
        rows = [row for row in self.tree["links"] if not {row[1], row[3]} & self.linked and self._is_whole(row)]
        if link is not None:
            rows = [row for row in self.tree["links"] if row[0] == link and self._is_whole(row)]
        if not rows:
            return False
        row = self._dice.choice(rows)
        _, source, slot, target, to, kind = row
        self._cut(row)
        node = {
            "id": self._next_node(),
            "type": "Reroute",
            "pos": [0, 0],
            "size": [75, 26],
            "flags": {},
            "order": 0,
            "mode": 0,
            "inputs": [{"name": "", "type": "*", "link": None}],
            "outputs": [{"name": "", "type": kind, "links": []}],
            "title": f"{self._name} new {self._dice.randrange(99999)}",
            "properties": {"showOutputText": False, "horizontal": False},
        }
        self.tree["nodes"].append(node)
        self._link(source, slot, node["id"], 0, kind)
        self._link(node["id"], 0, target, to, kind)
        self.linked |= {source, target, node["id"]}
        return self._note_down(["insert", node["title"], source, target, to], node["id"])

    def rewire(self, target: Tree | None = None, source: Tree | None = None) -> bool:
        """Another source of an input that is linked. Nothing goes round in a circle."""
        found = [
            (row, node, slot)
            for row in self.tree["links"]
            if self._is_whole(row) and (target is None or row[3] == target["id"])
            for node in self.tree["nodes"]
            if (source is None or node["id"] == source["id"]) and node["id"] not in (row[1], *self._behind(row[3]))
            for slot, output in enumerate(node.get("outputs") or ())
            if output.get("type") == row[5] != "*"
        ]
        if target is None:
            found = [each for each in found if not {each[0][1], each[0][3], each[1]["id"]} & self.linked]
        if not found:
            return False
        row, node, slot = self._dice.choice(found)
        self._cut(row)
        self._link(node["id"], slot, row[3], row[4], row[5])
        self.linked |= {row[1], row[3], node["id"]}
        return self._note_down(["link", node["id"], slot, row[3], row[4]])

    def note(self) -> bool:
        """A new note."""
        title = f"{self._name} note {self._dice.randrange(99999)}"
        node = {"id": self._next_node(), "type": "Note", "pos": [9, 9], "size": [210, 88], "flags": {}}
        node |= {"order": 0, "mode": 0, "inputs": [], "outputs": [], "title": title, "properties": {}}
        self.tree["nodes"].append(node | {"widgets_values": [f"{title} text"]})
        return self._note_down(["note", title], node["id"])

    def group(self) -> bool:
        """A new group."""
        title = f"{self._name} group {self._dice.randrange(99999)}"
        groups = self.tree.setdefault("groups", [])
        number = max((each.get("id", 0) for each in groups), default=0) + 1
        groups.append({"id": number, "title": title, "bounding": [1, 2, 300, 400], "color": "#3f789e", "flags": {}})
        return self._note_down(["group", title])

    # What stands in the workflow

    def _free(self) -> list[Tree]:
        return [node for node in self.tree["nodes"] if node["id"] not in self.touched]

    def _any(self, nodes: list[Tree]) -> Tree | None:
        return self._dice.choice(nodes) if nodes else None

    def _same(self, node: Tree) -> Tree:
        """The node of this copy that another copy has, too."""
        return next(each for each in self.tree["nodes"] if each["id"] == node["id"])

    def _near(self, node: Tree) -> set[Any]:
        """The nodes that a node is linked to."""
        rows = (row for row in self.tree["links"] if node["id"] in (row[1], row[3]))
        return {end for row in rows for end in (row[1], row[3])} - {node["id"]}

    def _behind(self, id_: Any) -> set[Any]:
        """A node and all that need it."""
        found, waiting = set(), [id_]
        while waiting:
            each = waiting.pop()
            if each not in found:
                found.add(each)
                waiting += (row[3] for row in self.tree["links"] if row[1] == each)
        return found

    def _is_whole(self, row: list[Any]) -> bool:
        """Whether a link is one that both of its slots know."""
        return row[0] in (self._output(row).get("links") or ()) and self._input(row).get("link") == row[0]

    def _output(self, row: list[Any]) -> Tree:
        return slot_of(self.tree, row[1], "outputs", row[2])

    def _input(self, row: list[Any]) -> Tree:
        return slot_of(self.tree, row[3], "inputs", row[4])

    def _cut(self, row: list[Any]) -> None:
        output, input_ = self._output(row), self._input(row)
        output["links"] = [each for each in output.get("links") or () if each != row[0]] or None
        if input_.get("link") == row[0]:
            input_["link"] = None
        self.tree["links"].remove(row)

    def _link(self, source: Any, slot: int, target: Any, to: int, kind: Any) -> None:
        self.tree["last_link_id"] = max([self.tree["last_link_id"], *(row[0] for row in self.tree["links"])]) + 1
        row = [self.tree["last_link_id"], source, slot, target, to, kind]
        self.tree["links"].append(row)
        self._output(row)["links"] = [*(self._output(row).get("links") or ()), row[0]]
        self._input(row)["link"] = row[0]

    def _give(self, node: Tree, place: int) -> None:
        """Another value for a widget; of a value that is there with its name as well, both."""
        values, named = node["widgets_values"], node.get("widgets_values_named") or {}
        values[place] = self._other(values[place])
        if len(named) == len(values):
            named[[*named][place]] = values[place]

    def _next_node(self) -> int:
        ids = [node["id"] for node in self.tree["nodes"] if isinstance(node["id"], int)]
        self.tree["last_node_id"] = max([self.tree["last_node_id"], *ids]) + 1
        return int(self.tree["last_node_id"])

    def _other(self, value: Any) -> Any:
        if isinstance(value, bool):
            return not value
        if isinstance(value, int):
            return value + self._dice.randint(1, 99)
        if isinstance(value, float):
            return value + self._dice.randint(1, 99) / 8
        return f"{value} edited{self._dice.randrange(99999)}"

    def _note_down(self, edit: Edit, *touched: Any) -> bool:
        self.done.append(edit)
        self.touched |= set(touched)
        return True


def definitions(tree: Tree) -> list[Tree]:
    """The subgraph definitions of a workflow."""
    found: list[Tree] = (tree.get("definitions") or {}).get("subgraphs") or []
    return found


def places(node: Tree) -> Iterator[int]:
    """The places of values that somebody may edit: no seed and its control, no runtime data, no promoted widget."""
    values = node.get("widgets_values")
    if not isinstance(values, list) or (node.get("properties") or {}).get("proxyWidgets") or len(node["type"]) == 36:
        return
    for index, value in enumerate(values):
        if value in CONTROLS or (index + 1 < len(values) and values[index + 1] in CONTROLS):
            continue
        if isinstance(value, str | bool | int | float) and value != "":
            yield index


def is_promoted(tree: Tree, node: Tree) -> bool:
    """Whether widgets of a node in a subgraph may be shown by the instances."""
    scopes = [tree, *definitions(tree)]
    proxies = [(each.get("properties") or {}).get("proxyWidgets") for scope in scopes for each in scope["nodes"]]
    named = {str(entry[0]) for listed in proxies for entry in listed or () if entry}
    linked = any(slot.get("widget") and slot.get("link") is not None for slot in node.get("inputs") or ())
    return linked or str(node["id"]) in named


def slot_of(tree: Tree, id_: Any, side: str, index: int) -> Tree:
    """A slot of a node; an empty one if it is not there."""
    for node in tree["nodes"]:
        if node["id"] == id_:
            slots = node.get(side) or []
            return slots[index] if 0 <= index < len(slots) else {}
    return {}


def wrapped(tree: Tree) -> Tree:
    """A workflow of which the other one is a subgraph, with one instance."""
    keys = ("id", "origin_id", "origin_slot", "target_id", "target_slot", "type")
    inner = {
        "id": WRAPPED,
        "version": 1,
        "state": {"lastGroupId": 0, "lastNodeId": tree["last_node_id"], "lastLinkId": tree["last_link_id"]},
        "name": "All of it",
        "inputNode": {"id": -10, "bounding": [0, 0, 100, 50]},
        "outputNode": {"id": -20, "bounding": [900, 0, 100, 50]},
        **{key: [] for key in ("inputs", "outputs", "widgets")},
        "nodes": tree["nodes"],
        "groups": tree.get("groups") or [],
        "links": [dict(zip(keys, row, strict=False)) for row in tree["links"]],
    }
    host = {"id": 100_001, "type": WRAPPED, "pos": [0, 0], "size": [200, 100], "flags": {}, "order": 0, "mode": 0}
    host |= {"inputs": [], "outputs": [], "properties": {}, "widgets_values": []}
    return {
        **tree,
        "last_node_id": host["id"],
        "nodes": [host],
        "links": [],
        "groups": [],
        "definitions": {"subgraphs": [inner, *definitions(tree)]},
    }


def unwrapped(tree: Tree) -> Tree:
    """The workflow in a wrapped one."""
    inner = next(each for each in definitions(tree) if each["id"] == WRAPPED)
    others = [each for each in definitions(tree) if each["id"] != WRAPPED]
    return {
        **tree,
        **{key: inner[key] for key in ("nodes", "links", "groups")},
        "last_node_id": inner["state"]["lastNodeId"],
        "last_link_id": inner["state"]["lastLinkId"],
        "definitions": {"subgraphs": others},
    }


def can_be_edited(tree: Tree) -> bool:
    """Whether a workflow is one of the editor's version 0.4, with its counters."""
    is_flat = all(isinstance(row, list) and len(row) > 5 for row in tree.get("links") or ())
    return is_flat and isinstance(tree.get("last_node_id"), int) and isinstance(tree.get("last_link_id"), int)
