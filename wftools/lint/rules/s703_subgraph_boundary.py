"""A link inside a subgraph uses an input or output that the subgraph does not have.

The editor cannot connect it. A list of link ids that is out of date is a warning: the editor rebuilds it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftools.graph.authored.scopes import INPUTS, OUTPUTS
from wftools.lint.examples import bad, good, subgraph, ui, ui_node, ui_picture
from wftools.lint.finding import ERROR, WARNING, Found, Spot
from wftools.lint.rule import AUTHORED

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wftools.document.ui import BoundarySlot
    from wftools.graph.authored.scopes import Scope
    from wftools.lint.subject import Subject

SEVERITY = ERROR
READS = AUTHORED


def check(subject: Subject) -> Iterator[Found]:
    for scope in subject.authored.scopes:
        definition = scope.definition
        if definition is None:
            continue
        for link in scope.links:
            row = link.row
            inputs, outputs = len(definition.inputs or ()), len(definition.outputs or ())
            name = f"subgraph {definition.name!r}"
            if link.source == INPUTS and not 0 <= row.origin_slot < inputs:
                yield Found(
                    subject.row(scope, link, link.target),
                    f"link {row.id} starts at input {row.origin_slot} of {name}, which has {inputs}",
                    "connect it again",
                    subject.row_severity(scope, link),
                )
            if link.target == OUTPUTS and not 0 <= row.target_slot < outputs:
                yield Found(
                    subject.row(scope, link, link.source),
                    f"link {row.id} ends at output {row.target_slot} of {name}, which has {outputs}",
                    "connect it again",
                )
        yield from _stale(scope, "inputs", definition.inputs or ())
        yield from _stale(scope, "outputs", definition.outputs or ())


def _stale(scope: Scope, side: str, slots: Sequence[BoundarySlot]) -> Iterator[Found]:
    for index, slot in enumerate(slots):
        stale = [id_ for id_ in slot.linkIds or () if id_ not in scope.by_link]
        if stale:
            yield Found(
                Spot(f"{scope.pointer}/{side}/{index}/linkIds"),
                f"{side[:-1]} {slot.name!r} lists links that are not there: {', '.join(map(str, stale))}",
                severity=WARNING,
            )


BAD = [
    bad(
        ui(
            [ui_node(1, "sub-a")],
            [],
            definitions=subgraph(
                "sub-a",
                [ui_node(2, "PreviewImage", [("images", "IMAGE", 5)])],
                [{"id": 5, "origin_id": -10, "origin_slot": 3, "target_id": 2, "target_slot": 0, "type": "IMAGE"}],
            ),
        ),
        "/definitions/subgraphs/0/links/0",
    ),
]
GOOD = [
    good(ui_picture()),
    good(ui([ui_node(1, "sub-a")], [], definitions=subgraph("sub-a", [ui_node(2, "Note")], []))),
]
