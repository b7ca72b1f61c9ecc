"""Of a type that has changed, a node has the signature of the version that saved it: one, whoever asks."""

from __future__ import annotations

from wftools.catalog.lookup import shipped
from wftools.document import read
from wftools.graph import build


def test_what_binds_the_values_of_a_node_is_what_judges_it(templates):
    for path in templates[::3]:
        graph = build(read(path), shipped())
        nodes = (node for scope in graph.authored.scopes for node in scope.nodes)
        binds = {node.pointer: graph.authored.signature(node) for node in nodes}
        for node in graph.flat.nodes.values():
            assert node.signature is binds[node.pointer]
