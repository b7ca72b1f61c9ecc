"""What holds of a workflow, read off its JSON: no code of wftools judges itself here."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

Tree = dict[str, Any]

INPUTS, OUTPUTS = -10, -20  # what stands for the inputs and outputs of a subgraph in its links


def holds(tree: Tree, edit: list[Any]) -> bool:
    """Whether an edit of a manifest's `must_hold` is in a workflow."""
    what, *of = edit
    match what:
        case "widget":
            return [value_of(each, of[1]) for each in with_id(tree, of[0])] == [of[2]]
        case "inner":
            scopes = [each for each in definitions(tree) if each["id"] == of[0]]
            return [value_of(each, of[2]) for scope in scopes for each in with_id(scope, of[1])] == [of[3]]
        case "title" | "mode":
            return [each.get(what) for each in with_id(tree, of[0])] == [of[1]]
        case "deleted":
            return not with_id(tree, of[0])
        case "link":
            return source(tree, of[2], of[3]) == (of[0], of[1])
        case "insert":
            title, before, after, slot = of
            new = [each["id"] for each in tree["nodes"] if each.get("title") == title]
            return len(new) == 1 and source(tree, new[0], 0)[0] == before and source(tree, after, slot)[0] == new[0]
        case "note":
            return [each["widgets_values"] for each in tree["nodes"] if each.get("title") == of[0]] == [
                [f"{of[0]} text"]
            ]
        case "group":
            return [each["title"] for each in tree["groups"]].count(of[0]) == 1
    raise AssertionError(f"the manifest has a new kind of edit: {what}")


def with_id(scope: Tree, id_: int) -> list[Tree]:
    return [each for each in scope["nodes"] if each["id"] == id_]


def value_of(node: Tree, index: int) -> Any:
    values = node["widgets_values"]
    return values[index] if index < len(values) else None


def source(tree: Tree, target: int, slot: int) -> tuple[Any, Any]:
    """The node and the output that feed an input slot; nothing if it is not linked."""
    rows = links(tree)
    for node in with_id(tree, target):
        link = node["inputs"][slot].get("link")
        return next(((row["origin_id"], row["origin_slot"]) for row in rows if row["id"] == link), (None, None))
    return None, None


def definitions(tree: Tree) -> list[Tree]:
    found: list[Tree] = (tree.get("definitions") or {}).get("subgraphs") or []
    return found


def links(scope: Tree) -> list[Tree]:
    """The rows of a scope as objects, whichever way they are spelled."""
    keys = ("id", "origin_id", "origin_slot", "target_id", "target_slot", "type")
    rows = scope.get("links") or []
    return [row if isinstance(row, dict) else dict(zip(keys, row, strict=False)) for row in rows if row]


def faults(tree: Tree) -> Counter[str]:
    """What is wrong with the graph of a workflow, each kind with its number: what an editor may stumble over."""
    found: Counter[str] = Counter(_of_counters(tree))
    known = {each["id"] for each in definitions(tree)}
    found["definition twice"] += len(definitions(tree)) - len(known)
    for scope in (tree, *definitions(tree)):
        found.update(_of_scope(scope))
        for node in scope["nodes"]:
            inside = next((each for each in definitions(tree) if each["id"] == node["type"]), None)
            if inside is None and _is_uuid(node["type"]):
                found["instance of nothing"] += 1
            elif inside is not None:
                found.update(_of_instance(node, inside))
    return +found


def _of_scope(scope: Tree) -> Iterator[str]:
    nodes = {each["id"]: each for each in scope["nodes"]}
    rows = {row["id"]: row for row in links(scope)}
    if len(nodes) < len(scope["nodes"]):
        yield "node id twice"
    if len(rows) < len(links(scope)):
        yield "link id twice"
    taken: Counter[tuple[Any, Any]] = Counter()
    for row in rows.values():
        origin, target = _slots(scope, nodes, row, "origin"), _slots(scope, nodes, row, "target")
        if origin is None or target is None:
            yield "link from or to nowhere"
            continue
        if not 0 <= row["origin_slot"] < len(origin) or not 0 <= row["target_slot"] < len(target):
            yield "link to a slot that is not there"
            continue
        taken[row["target_id"], row["target_slot"]] += row["target_id"] != OUTPUTS
        ends = (origin[row["origin_slot"]], target[row["target_slot"]])
        if row["id"] not in (ends[0].get("links") or ends[0].get("linkIds") or ()):
            yield "output does not name its link"
        if row["id"] != ends[1].get("link") and row["id"] not in (ends[1].get("linkIds") or ()):
            yield "input does not name its link"
    yield from ("input with two links" for count in taken.values() if count > 1)
    for node in nodes.values():
        named = [slot.get("link") for slot in node.get("inputs") or ()]
        named += [link for slot in node.get("outputs") or () for link in slot.get("links") or ()]
        yield from ("slot names a link that is not there" for link in named if link is not None and link not in rows)
    for side in ("inputs", "outputs") if "inputNode" in scope else ():
        named = [link for slot in scope.get(side) or () for link in slot.get("linkIds") or ()]
        yield from ("slot of a subgraph names a link that is not there" for link in named if link not in rows)


def _slots(scope: Tree, nodes: dict[Any, Tree], row: Tree, end: str) -> list[Tree] | None:
    """The slots of the node at one end of a link."""
    id_ = row[f"{end}_id"]
    if id_ in (INPUTS, OUTPUTS) and "inputNode" in scope:
        return scope.get("inputs" if id_ == INPUTS else "outputs") or []
    if id_ not in nodes:
        return None
    return nodes[id_].get("outputs" if end == "origin" else "inputs") or []


def _of_instance(node: Tree, inside: Tree) -> Iterator[str]:
    """An instance has the slots of its definition, by name."""
    for side in ("inputs", "outputs"):
        names = {slot["name"] for slot in inside.get(side) or ()}
        linked = [slot for slot in node.get(side) or () if slot.get("link") is not None or slot.get("links")]
        yield from ("instance has a slot that its definition lacks" for slot in linked if slot["name"] not in names)


def _of_counters(tree: Tree) -> Iterator[str]:
    numbers = [node["id"] for node in tree["nodes"] if isinstance(node["id"], int)]
    if isinstance(tree.get("last_node_id"), int) and numbers and tree["last_node_id"] < max(numbers):
        yield "last_node_id is too small"
    rows = [row["id"] for row in links(tree)]
    if isinstance(tree.get("last_link_id"), int) and rows and tree["last_link_id"] < max(rows):
        yield "last_link_id is too small"


def _is_uuid(text: Any) -> bool:
    return isinstance(text, str) and len(text) == 36 and text.count("-") == 4


def lost(base: Tree, ours: Tree, theirs: Tree, merged: Tree) -> list[tuple[Any, ...]]:
    """What one side alone has changed in nodes that all versions have, and the result has otherwise."""
    found = []
    for scope, id_, key, old, mine, other in _facts(base, ours, theirs):
        wanted = other if mine == old else mine
        if mine != other and old in (mine, other):
            has = dict(_of_nodes(merged)).get((scope, id_))
            if has is not None and _value(has, key) != wanted:
                found.append((scope, id_, key, wanted, _value(has, key)))
    return found


def unsettled(base: Tree, ours: Tree, theirs: Tree, merged: Tree) -> list[tuple[str, str]]:
    """The scope and id of nodes of which both sides have changed one value, title or mode, each otherwise.

    Left out are seeds, and texts of which the result has the lines of both.
    """
    found = []
    result = dict(_of_nodes(merged))
    for scope, id_, key, old, mine, other in _facts(base, ours, theirs):
        if mine not in (old, other) and other != old and not any(map(_is_seed, (old, mine, other))):
            has = _value(result[scope, id_], key)
            is_text = all(isinstance(each, str) for each in (has, old, mine, other))
            if not (is_text and _has_lines(has, old, mine) and _has_lines(has, old, other)):
                found.append((scope, str(id_)))
    return found


def _has_lines(text: str, old: str, new: str) -> bool:
    """Whether a text has every line that is new."""
    return text != old and set(new.splitlines()) - set(old.splitlines()) <= set(text.splitlines())


def _facts(base: Tree, ours: Tree, theirs: Tree) -> Iterator[tuple[Any, ...]]:
    """Each value, title and mode of nodes that are in all three versions, of one type, with as many values."""
    nodes, others = dict(_of_nodes(ours)), dict(_of_nodes(theirs))
    for (scope, id_), node in _of_nodes(base):
        mine, other = nodes.get((scope, id_)), others.get((scope, id_))
        if mine is None or other is None or len({each["type"] for each in (node, mine, other)}) > 1:
            continue
        three = (node, mine, other)
        lengths = [len(values) if isinstance(values := each.get("widgets_values"), list) else -1 for each in three]
        keys: list[Any] = ["title", "mode"]
        if len(set(lengths)) == 1:
            keys += range(lengths[0])
        for key in keys:
            yield (scope, id_, key, *(_value(each, key) for each in three))


def _of_nodes(tree: Tree) -> Iterator[tuple[tuple[str, Any], Tree]]:
    for scope in (tree, *definitions(tree)):
        name = scope["id"] if scope is not tree else ""
        yield from (((name, node["id"]), node) for node in scope["nodes"])


def _value(node: Tree, key: Any) -> Any:
    if isinstance(key, int):
        return value_of(node, key)
    return node.get(key) or (0 if key == "mode" else None)


def _is_seed(value: Any) -> bool:
    return isinstance(value, int) and value > 2**31


def unnumbered(tree: Tree) -> list[str]:
    """The nodes of a workflow without their numbers, in no order."""
    keys = ("type", "title", "mode", "widgets_values")
    return sorted(repr((scope == "", [node.get(key) for key in keys])) for (scope, _), node in _of_nodes(tree))
