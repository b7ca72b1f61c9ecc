"""A subgraph contains itself, directly or through others.

It could never be spelled out to the end. The editor makes an empty prompt of such a file, or fails.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftools.lint.examples import bad, good, subgraph, ui, ui_node, ui_picture
from wftools.lint.finding import ERROR, Found
from wftools.lint.rule import AUTHORED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wftools.graph.authored.scopes import Scope
    from wftools.lint.subject import Subject

SEVERITY = ERROR
READS = AUTHORED


def check(subject: Subject) -> Iterator[Found]:
    part_of = _parts(subject) if subject.authored.is_recursive else {}
    for scope in part_of:
        for node in scope.nodes:
            inside = subject.authored.definition(node)
            if inside is not None and scope.definition is not None and part_of[scope] == part_of[inside]:
                yield Found(
                    subject.saved(scope, node, "type"),
                    f"node {node.id} puts subgraph {scope.definition.name!r} into itself",
                    "take the instance out of the definition",
                )


def _parts(subject: Subject) -> dict[Scope, int]:
    """Of every scope the part to which it belongs: all in a part contain each other, directly or through others."""
    import networkx as nx

    scopes = subject.authored.scopes
    graph: nx.DiGraph[Scope] = nx.DiGraph()
    graph.add_nodes_from(scopes)
    for scope in scopes:
        inner = map(subject.authored.definition, scope.nodes)
        graph.add_edges_from((scope, inside) for inside in inner if inside is not None)
    number = {scope: at for at, part in enumerate(nx.strongly_connected_components(graph)) for scope in part}
    return {scope: number[scope] for scope in scopes}


BAD = [
    bad(
        ui([ui_node(1, "sub-a")], [], definitions=subgraph("sub-a", [ui_node(2, "sub-a")], [])),
        "/definitions/subgraphs/0/nodes/0/type",
    ),
    bad(
        ui(
            [ui_node(1, "sub-a")],
            [],
            definitions={
                "subgraphs": subgraph("sub-a", [ui_node(2, "sub-b")], [])["subgraphs"]
                + subgraph("sub-b", [ui_node(3, "Note"), ui_node(4, "sub-a")], [])["subgraphs"]
            },
        ),
        "/definitions/subgraphs/0/nodes/0/type",
        "/definitions/subgraphs/1/nodes/1/type",
    ),
]
GOOD = [
    good(ui_picture()),
    good(ui([ui_node(1, "sub-a")], [], definitions=subgraph("sub-a", [ui_node(2, "Note")], []))),
]
