"""A link leads from an output of one type to an input of another.

The server compares the declared types: an input takes its own type, one of several that it lists, or anything if it is
`*`. It drops every output that depends on the node, and refuses the prompt if none is left.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftools.catalog.sockets import accepts
from wftools.catalog.validators import checks_link_types
from wftools.graph.model import Linked
from wftools.lint.examples import api_node, bad, good, picture, ui, ui_node, ui_picture
from wftools.lint.finding import ERROR, Found, at
from wftools.lint.rule import FLAT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wftools.catalog.signature import Input, Output
    from wftools.lint.subject import Subject

SEVERITY = ERROR
READS = FLAT
MIRRORS = "return_type_mismatch"


def check(subject: Subject) -> Iterator[Found]:
    for node, declared, given in subject.inputs():
        source = subject.flat.nodes.get(given.source) if isinstance(given, Linked) else None
        if not isinstance(given, Linked) or source is None or source.signature is None:
            continue
        slot, outputs = given.slot, source.signature.outputs
        if not -len(outputs) <= slot < len(outputs) or accepts(outputs[slot], declared):
            continue
        if not (checks_link_types(node.signature) or subject.is_otherwise(source) or subject.is_otherwise(node)):
            yield Found(
                at(node, declared.name),
                f"{declared.name} takes {declared.type}, but output {slot} of {source} is {outputs[slot].type}",
                hint=subject.hinted(_hint(outputs, declared), node, source),
                severity=subject.judged(node, source),
            )


def _hint(outputs: tuple[Output, ...], declared: Input) -> str | None:
    fitting = [index for index, output in enumerate(outputs) if accepts(output, declared)]
    return f"its output {fitting[0]} is {outputs[fitting[0]].type}" if len(fitting) == 1 else None


BAD = [
    bad(
        picture(
            n3=api_node("VAEDecode", samples=["1", 0], vae=["4", 0]),
            n4=api_node("VAELoader", vae_name="a.pt"),
            n2=api_node("SaveImage", images=["3", 0], filename_prefix="a"),
        ),
        "/3/inputs/samples",
    ),
    bad(
        ui(
            [
                ui_node(1, "EmptyLatentImage", outputs=[("LATENT", [1])], values=[64, 64, 1]),
                ui_node(2, "SaveImage", [("images", "IMAGE", 1)], values=["a"]),
            ],
            [[1, 1, 0, 2, 0, "LATENT"]],
        ),
        "/nodes/1/inputs/0",
    ),
]
GOOD = [
    good(picture()),
    good(picture(n3=api_node("PreviewAny", source=["1", 0]))),
    good(ui_picture()),
]
