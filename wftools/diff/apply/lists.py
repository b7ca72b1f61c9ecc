"""Settles what is in the lists of a graph, and in which order; and its counters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wftools.diff.apply.fields import set_fact
from wftools.diff.apply.ids import COUNTERS, numbers
from wftools.diff.apply.rows import copied, field_of
from wftools.diff.apply.values import in_order
from wftools.diff.apply.words import list_of
from wftools.diff.changes import ROOT, Absent, Subject
from wftools.diff.facts import same
from wftools.document.ids import as_number, sort_key

if TYPE_CHECKING:
    from wftools.diff.apply.rows import Graph
    from wftools.diff.apply.work import Work
    from wftools.diff.changes import Changed, Kind
    from wftools.document.document import Tree


def append(holder: Tree, key: str, tree: Any) -> None:
    """Put something behind all that is in a list, which may not be there."""
    if not isinstance(holder.get(key), list):
        holder[key] = []
    holder[key].append(tree)


def remove(work: Work) -> None:
    """Take out of all lists what is removed."""
    gone = {id(work.at[subject]) for subject in work.removed}
    for graph in work.graphs.values():
        for holder in (graph.tree, graph.tree.get("extra"), graph.tree.get("definitions")):
            for key in ("nodes", "groups", "reroutes", "subgraphs"):
                listed = list_of(holder, key)
                if any(id(each) in gone for each in listed):
                    listed[:] = [each for each in listed if id(each) not in gone]


def order(work: Work, graph: Graph) -> None:
    """Put nodes, groups, rows and definitions into the order to which changes have brought theirs."""
    for change in work.changes_of(graph):
        if not isinstance(change.new, list):
            continue
        match change.key:
            case (("nodes" | "groups") as key,):
                kind: Kind = "node" if key == "nodes" else "group"
                words = (Subject(change.subject.id, kind, str(id_)) for id_ in change.new)
                _reorder(list_of(graph.tree, key), [work.called(word) for word in words])
            case ("links",):
                _reorder(list_of(graph.tree, "links"), [*map(str, change.new)])
            case ("definitions",):
                words = (Subject(ROOT, "subgraph", str(id_)) for id_ in change.new)
                _reorder(list_of(graph.tree.get("definitions"), "subgraphs"), [work.called(word) for word in words])


def _reorder(items: list[Any], wanted: list[str]) -> None:
    names = [str(field_of(each, "id")) if isinstance(each, dict | list) else "" for each in items]
    if len(set(names)) == len(names):
        by_name = dict(zip(names, items, strict=True))
        items[:] = [by_name[name] for name in in_order(names, wanted)]


def put_malformed(work: Work, graph: Graph) -> None:
    """Put what is no item of a list where it stood, or take it out."""
    changes = {change.key[-1]: change for change in work.changes_of(graph) if change.key[:-1] == ("malformed",)}
    for key in sorted(changes, key=lambda each: sort_key(each.replace("/", ":"))):
        change, (name, _, index) = changes[key], key.partition("/")
        if as_number(index) is None:
            set_fact(graph.tree, (key,), copied(change.new))
            continue
        listed = list_of(graph.tree, name)
        if isinstance(change.old, Absent):
            if not isinstance(graph.tree.get(name), list):
                listed = graph.tree[name] = []
            listed.insert(int(index), copied(change.new))
            continue
        at = next((place for place, each in enumerate(listed) if same(each, change.old)), None)
        if at is not None:
            listed[at : at + 1] = [] if isinstance(change.new, Absent) else [copied(change.new)]


def count(work: Work, graph: Graph) -> None:
    """Have counters be what changes ask for, and no less than the ids that were given."""
    asked = {change.key: change for change in work.changes_of(graph)}
    if ("state",) in asked:
        _set_state(graph.tree, asked["state",])
    for kind, (key, in_state) in COUNTERS.items():
        scopes = [*work.graphs] if graph.is_root else [graph.scope]
        used = max(numbers(id_ for scope in scopes for id_ in work.given[scope, kind]), default=0)
        if key and (key in graph.tree or (key,) in asked):
            _set_counter(graph.tree, key, asked.get((key,)), used)
        state = graph.tree.get("state")
        if isinstance(state, dict) and in_state in state:
            _set_counter(state, in_state, None, used)


def _set_counter(holder: Tree, key: str, asked: Changed | None, used: int) -> None:
    """Only where a change knows what stands there, it may lower it."""
    found = holder.get(key)
    if asked is not None and (same(found, asked.old) or _is_less(found, asked.new)):
        set_fact(holder, (key,), asked.new)
    if _is_less(holder.get(key), used):
        holder[key] = used


def _set_state(tree: Tree, change: Changed) -> None:
    state = tree.get("state")
    if not isinstance(state, dict) or not isinstance(change.new, dict) or same(state, change.old):
        set_fact(tree, ("state",), copied(change.new))
        return
    for key, value in change.new.items():
        if key not in state or _is_less(state[key], value):
            state[key] = value


def _is_less(one: Any, other: Any) -> bool:
    return all(isinstance(each, int) and not isinstance(each, bool) for each in (one, other)) and one < other
