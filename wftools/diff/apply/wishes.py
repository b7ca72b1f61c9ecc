"""What changes wish of the links of a graph."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wftools.diff.apply.linking import Start, WantedLink
from wftools.diff.apply.rows import named_slots
from wftools.diff.apply.words import list_of
from wftools.diff.changes import ABSENT, NEW, Absent, Changed, Endpoint, Subject
from wftools.graph.authored.scopes import INPUTS, OUTPUTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wftools.diff.apply.rows import Graph
    from wftools.diff.apply.work import Work
    from wftools.diff.version import Part


def wishes(work: Work, graph: Graph) -> Iterator[WantedLink]:
    """All that inputs of nodes, and outputs of the subgraph, shall be linked to."""
    for word, change in work.added_to(graph.scope, "node", "output"):
        tree: Any = change.content.tree
        is_node = word.kind == "node"
        ids = {name: slot["link"] for name, slot in named_slots(tree, "inputs").items() if _has_link(slot)}
        if not is_node:
            ids = {"": next(iter(list_of(tree, "linkIds")), None)}
        for name, end in change.content.links.items():
            source = _source(work, graph, word.scope, end)
            if is_node:
                yield WantedLink(work.made[word], "", name, source, ids.get(name), ABSENT)
            else:
                yield WantedLink(None, OUTPUTS, word.id.removesuffix(NEW), source, ids[""], ABSENT)
    for subject, changes in work.changed.items():
        if subject.scope == graph.scope and subject.kind in ("node", "output"):
            yield from _of_changed(work, graph, work.target.parts[subject], changes)


def _of_changed(work: Work, graph: Graph, part: Part, changes: Iterable[Changed]) -> Iterator[WantedLink]:
    is_node = part.subject.kind == "node"
    node, owner = (work.at[part.subject], part.subject.id) if is_node else (None, OUTPUTS)
    made: dict[str, WantedLink] = {}
    for change in changes:
        if change.key[0] not in ("link", "link id", "through") or (is_node and len(change.key) != 2):
            continue
        name = work.words.key(part, change.key)[1] if is_node else part.subject.id
        wish = made.setdefault(name, WantedLink(node, owner, name))
        match change.key[0], change.new:
            case "link", Endpoint():
                wish.source = _source(work, graph, change.subject.scope, change.new)
            case "link", _:
                wish.source = ABSENT
            case "link id", _:
                wish.id = None if isinstance(change.new, Absent) else change.new
            case _, Absent():
                wish.parent = ABSENT
            case _, int():
                wish.parent = work.reroute(change.subject.scope, change.new)
    yield from made.values()


def _source(work: Work, graph: Graph, scope: str, end: Endpoint) -> Start:
    """Where a link starts: the slot that had the name before, else the one that has it now, else that of the index."""
    if end.node == INPUTS:
        node, owner, key, before = None, graph.tree, "inputs", graph.outputs[INPUTS]
    else:
        word = Subject(scope, "node", end.node)
        found = work.words.subject(word)
        node = owner = work.made[word] if found is None else graph.nodes[found.id]
        key, before = "outputs", graph.outputs[found.id] if found is not None else {}
    slots = list_of(owner, key)
    name = work.words.endpoint(scope, end).output
    stood = before.get(name)
    if not any(each is stood for each in slots):
        stood = None
    if stood is None or name != end.output:  # the target's name for it, or that of another one in its place
        stood = named_slots(owner, key).get(end.output, stood)
    if stood is None and 0 <= end.index < len(slots):
        stood = slots[end.index]
    return Start(node, stood if isinstance(stood, dict) else None, end.index)


def _has_link(slot: Any) -> bool:
    return isinstance(slot, dict) and slot.get("link") is not None
