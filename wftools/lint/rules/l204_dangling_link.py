"""A link starts at a node that is not there.

The server drops every output that depends on it, and refuses the prompt if none is left. The usual causes are a node
that was deleted by hand, and a merge that kept the link of one side and the deletion of the other.

Through an input that the node type does not declare, the server accepts such a link, and then its worker thread dies:
that prompt and all later ones wait for ever. Since the server accepts it, it is a warning.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftools.graph.authored.scopes import BOUNDARY
from wftools.graph.model import Linked, Literal
from wftools.graph.widget_values import is_widget
from wftools.lint.examples import api_node, bad, good, picture, ui, ui_node, ui_picture
from wftools.lint.finding import ERROR, WARNING, Found, at
from wftools.lint.rule import FLAT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wftools.graph.model import Given
    from wftools.lint.subject import Subject

SEVERITY = ERROR
READS = FLAT
MIRRORS = "exception_during_inner_validation"


def check(subject: Subject) -> Iterator[Found]:
    if subject.document.form == "ui":
        yield from _rows(subject)
    else:
        yield from _prompt(subject)


def _prompt(subject: Subject) -> Iterator[Found]:
    for node in subject.flat.nodes.values():
        signature, declared = node.signature, subject.declared(node)
        for name, given in node.given.items():
            source = _source(given)
            known = declared.get(name)
            if source is None or source in subject.flat.nodes:
                continue
            if isinstance(given, Literal) and known is not None and is_widget(known):
                continue  # a list that was meant as a value; list-literal says so
            near = subject.paths.near(source)
            if signature is not None and known is None:
                message = f"node {source!r} does not exist; {node.type} has no input {name!r}, so the server would hang"
                yield Found(at(node, name), message, hint="remove the input", severity=WARNING)
            else:
                hint = f"did you mean node {near!r}?" if near else "connect the input or remove it"
                message = f"the link starts at node {source!r}, which does not exist"
                yield Found(at(node, name), message, hint=hint, severity=subject.gated(node))


def _source(given: Given) -> str | None:
    """The node that a link names, also one whose slot is malformed."""
    if isinstance(given, Linked):
        return given.source
    is_pair = isinstance(given.value, list) and len(given.value) == 2
    return given.value[0] if is_pair and isinstance(given.value[0], str) else None


def _rows(subject: Subject) -> Iterator[Found]:
    for scope in subject.authored.scopes:
        for link in scope.links:
            source = link.source
            exists = source in scope.by_id or (source in BOUNDARY and scope.definition is not None)
            if not exists and link.target in scope.by_id:
                yield Found(
                    subject.row(scope, link, link.target),
                    f"link {link.row.id} starts at node {source}, which does not exist",
                    "connect the input again or remove the link",
                    subject.row_severity(scope, link),
                    subject.row_fix(scope, link),
                )


BAD = [
    bad(picture(n2=api_node("SaveImage", images=["9", 0], filename_prefix="a")), "/2/inputs/images"),
    bad(picture(n2=api_node("SaveImage", images=["1", 0], filename_prefix="a", x=["9", 0])), "/2/inputs/x"),
    bad(
        ui([ui_node(2, "SaveImage", [("images", "IMAGE", 1)], values=["a"])], [[1, 9, 0, 2, 0, "IMAGE"]]),
        "/links/0",
    ),
]
GOOD = [
    good(picture()),
    good(ui_picture()),
]
