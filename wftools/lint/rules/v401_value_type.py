"""A value cannot be taken for what its input wants.

The server converts as Python does: "512" is a whole number, and so are 512.9 and true; "512.0", null and an object
are not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftools.catalog.literals import Unconvertible, convert
from wftools.errors import shown
from wftools.lint.examples import api_node, bad, good, picture, ui, ui_node, ui_picture
from wftools.lint.finding import ERROR, Found, at
from wftools.lint.rule import FLAT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wftools.lint.subject import Subject

SEVERITY = ERROR
READS = FLAT
MIRRORS = "invalid_input_type"


def check(subject: Subject) -> Iterator[Found]:
    for node, declared, _, value in subject.literals():
        try:
            converted = convert(declared.type, value)
        except Unconvertible:
            converted = None
        else:
            ranged = "min" in declared.options or "max" in declared.options
            if "," not in declared.type or not ranged or isinstance(converted, int | float):
                continue  # a union is not converted, but its range is tested
        if subject.passes_elsewhere(node, declared, value):
            continue
        yield Found(
            at(node, declared.name),
            f"{declared.name} takes {declared.type}, not {shown(value)}",
            hint=subject.hinted(None, node),
            severity=subject.judged(node),
        )


BAD = [
    bad(picture(n1=api_node("EmptyImage", width="wide", height=64, batch_size=1, color=0)), "/1/inputs/width"),
    bad(picture(n1=api_node("EmptyImage", width=64, height=None, batch_size=1, color=0)), "/1/inputs/height"),
    bad(
        ui(
            [
                ui_node(1, "EmptyImage", values=[64, "tall", 1, 0], outputs=[("IMAGE", [1])]),
                ui_node(2, "SaveImage", [("images", "IMAGE", 1)], values=["a"]),
            ],
            [[1, 1, 0, 2, 0, "IMAGE"]],
        ),
        "/nodes/0/widgets_values/1",
    ),
]
GOOD = [
    good(picture()),
    good(picture(n1=api_node("EmptyImage", width="64", height=64.9, batch_size=True, color=0))),
    good(ui_picture()),
]
