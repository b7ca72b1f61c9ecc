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
    for scope in subject.authored.scopes:
        for node in scope.nodes:
            inside = subject.authored.definition(node)
            if inside is not None and scope.definition is not None and scope in _within(subject, inside):
                yield Found(
                    subject.saved(scope, node, "type"),
                    f"node {node.id} puts subgraph {scope.definition.name!r} into itself",
                    "take the instance out of the definition",
                )


def _within(subject: Subject, scope: Scope) -> set[Scope]:
    """The scope and all that its instances lead into."""
    found: set[Scope] = set()
    waiting = [scope]
    while waiting:
        each = waiting.pop()
        if each not in found:
            found.add(each)
            waiting += [inside for node in each.nodes if (inside := subject.authored.definition(node)) is not None]
    return found


BAD = [
    bad(
        ui([ui_node(1, "sub-a")], [], definitions=subgraph("sub-a", [ui_node(2, "sub-a")], [])),
        "/definitions/subgraphs/0/nodes/0/type",
    ),
]
GOOD = [
    good(ui_picture()),
    good(ui([ui_node(1, "sub-a")], [], definitions=subgraph("sub-a", [ui_node(2, "Note")], []))),
]
