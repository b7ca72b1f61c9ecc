"""Names what is new in a document and what gets another id, and has all else that names them follow."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from wftools.diff.apply.ids import assigned, definition_ids
from wftools.diff.apply.judging import Note
from wftools.diff.apply.words import list_of, with_references
from wftools.diff.apply.work import id_in
from wftools.diff.changes import ROOT, Absent, Subject

if TYPE_CHECKING:
    from collections.abc import Callable

    from wftools.diff.apply.rows import Graph
    from wftools.diff.apply.work import Work
    from wftools.diff.changes import Kind
    from wftools.document.document import Tree


def name(work: Work) -> None:
    """Give ids to definitions, nodes, groups and reroutes that are new or renumbered."""
    _name_definitions(work)
    for scope in work.graphs:
        for kind in _NUMBERED:
            _name_in(work, scope, kind)
    for graph in work.graphs.values():
        _follow(work, graph)


_NUMBERED: tuple[Kind, ...] = ("node", "group", "reroute")


def _name_definitions(work: Work) -> None:
    parts = (part.subject for part in work.target.of_kind("subgraph"))
    standing = {subject: subject.id for subject in parts if subject not in work.removed}
    new = {word: id_in(change) for word, change in work.added_to(ROOT, "subgraph")}
    bodies = json.dumps([work.added[word].content.tree for word in new], sort_keys=True)
    for subject, id_ in assigned(standing, _wanted(work, "subgraph", ROOT), new, definition_ids(bodies)).items():
        if subject in new:
            work.ids[subject] = id_
            _tell(work, subject, id_, new[subject])
            continue
        work.renumbered[subject] = work.graphs[subject.id].tree["id"] = id_
        for graph in work.graphs.values():
            for node in graph.nodes.values():
                if node.get("type") == subject.id:
                    node["type"] = id_


def _name_in(work: Work, scope: str, kind: Kind) -> None:
    parts = (part for part in work.target.of_kind(kind, scope) if part.subject not in work.removed)
    standing = {part.subject: part.tree.get("id") for part in parts}
    new = {word: id_ for word, change in work.added_to(scope, kind) if (id_ := id_in(change)) is not None}
    wanted = _wanted(work, kind, scope)
    for subject in [*wanted]:
        if isinstance(wanted[subject], Absent) or standing.get(subject) is None:  # groups of old files have no ids
            id_ = wanted.pop(subject)
            _ = work.at[subject].pop("id", None) if isinstance(id_, Absent) else work.at[subject].update(id=id_)
    given = assigned(standing, wanted, new, work.fresh[kind])
    work.given[scope, kind] += given.values()
    for subject, id_ in given.items():
        if subject in new:
            work.ids[subject] = id_
            _tell(work, subject, id_, new[subject])
        else:
            work.renumbered[subject] = work.at[subject]["id"] = id_
    for subject in wanted.keys() - given.keys():
        refused = next(change for change in work.changed[subject] if change.key == ("id",))
        work.notes.append(Note(refused, f"keeps its id, since {wanted[subject]} is taken"))


def _wanted(work: Work, kind: Kind, scope: str) -> dict[Subject, Any]:
    """The ids that changes ask for."""
    return {
        subject: change.new
        for subject, changes in work.changed.items()
        if subject.kind == kind and subject.scope == scope and subject not in work.removed
        for change in changes
        if change.key == ("id",)
    }


def _tell(work: Work, word: Subject, id_: Any, wanted: Any) -> None:
    if str(id_) != str(wanted):
        work.notes.append(Note(work.added[word], f"is {word.kind} {id_}, since there is another one of its id"))


def _follow(work: Work, graph: Graph) -> None:
    """Have what stands in the document name renumbered nodes as they are called now."""
    renamed = {
        subject.id: id_
        for subject, id_ in work.renumbered.items()
        if subject.kind == "node" and subject.scope == graph.scope
    }
    if not renamed:
        return
    for row in list_of(graph.tree, "floatingLinks"):
        for end in ("origin_id", "target_id") if isinstance(row, dict) else ():
            row[end] = renamed.get(str(row.get(end)), row.get(end))

    def named(id_: str) -> str:
        return str(renamed.get(id_, id_))

    if graph.is_root:
        extra = graph.tree.get("extra")
        if isinstance(extra, dict) and "linearData" in extra:
            extra["linearData"] = with_references(("extra", "linearData"), extra["linearData"], named)
        return
    for part in work.target.of_kind("node"):
        if part.type == graph.scope:
            refer(work.graphs[part.subject.scope].nodes[part.subject.id], named)


def refer(node: Tree, named: Callable[[str], str]) -> None:
    """Have the properties of an instance name the nodes inside otherwise."""
    properties = node.get("properties")
    if isinstance(properties, dict):
        for key in properties:
            properties[key] = with_references(("property", key), properties[key], named)
