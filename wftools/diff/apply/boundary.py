"""Changes the slots of subgraph definitions, and with them those of their instances."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from wftools.diff.apply.rows import copied, named_slots
from wftools.diff.apply.values import in_order
from wftools.diff.changes import NEW

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wftools.diff.apply.rows import Graph
    from wftools.diff.apply.work import Work
    from wftools.diff.changes import Kind
    from wftools.document.document import Tree

_KINDS: Final[Mapping[str, Kind]] = {"inputs": "input", "outputs": "output"}


def change_boundary(work: Work, graph: Graph) -> None:
    """Add, remove, rename and reorder the slots of a definition as changes say."""
    for key, kind in _KINDS.items():
        before = named_slots(graph.tree, key)
        renamed = _rename(work, graph, kind, before)
        gone = {subject.id for subject in work.removed if subject.scope == graph.scope and subject.kind == kind}
        made = {renamed.get(name, name): slot for name, slot in before.items() if name not in gone}
        for word, change in work.added_to(graph.scope, kind):
            tree: Any = copied(change.content.tree)
            if isinstance(tree, dict):
                made[word.id.removesuffix(NEW)] = work.made[word] = tree | {"linkIds": []}
                work.ids[word] = tree.get("name", "")
        order = next((each.new for each in work.changes_of(graph) if each.key == (key,)), None)
        if isinstance(order, list):
            names = in_order([*made], [renamed.get(str(name), str(name)) for name in order])
            made = {name: made[name] for name in names}
        if renamed or [*made] != [*before]:
            graph.tree[key] = [*made.values()]
            _follow(work, graph, key, [*before], renamed)


def _rename(work: Work, graph: Graph, kind: Kind, slots: Mapping[str, Any]) -> dict[str, str]:
    renamed = {}
    for subject, changes in work.changed.items():
        if subject.scope == graph.scope and subject.kind == kind:
            for change in changes:
                if change.key == ("name",) and isinstance(change.new, str):
                    renamed[subject.id] = slots[subject.id]["name"] = change.new
    return renamed


def _follow(work: Work, graph: Graph, key: str, before: list[str], renamed: Mapping[str, str]) -> None:
    """Have instances show the slots of their definition as they did, where no change says what they show."""
    kind, slots = _KINDS[key], named_slots(graph.tree, key)
    for part in work.target.of_kind("node"):
        if part.type != graph.scope:
            continue
        node = work.graphs[part.subject.scope].nodes[part.subject.id]
        shown = named_slots(node, key)
        for old, new in renamed.items():
            if isinstance(shown.get(old), dict):
                shown[old]["name"] = new
        is_own = any(change.key[0] in (key, kind) for change in work.changed.get(part.subject, ()))
        if not is_own and [*shown] == before:
            known = {renamed.get(name, name): slot for name, slot in shown.items()}
            node[key] = [known.get(name) or _shown(name, slot, kind) for name, slot in slots.items()]


def _shown(name: str, slot: Any, kind: Kind) -> Tree:
    """The slot of an instance for one of its definition."""
    made: Tree = {"name": name, "type": "*"} | {each: slot[each] for each in ("type", "label") if each in slot}
    end: Tree = {"link": None} if kind == "input" else {"links": []}
    return made | end
