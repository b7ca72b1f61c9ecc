"""A number is below the smallest that its input takes.

The server compares after it has converted the value, and refuses it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftools.lint.examples import api_node, bad, good, picture, ui, ui_node, ui_picture
from wftools.lint.finding import ERROR, Found
from wftools.lint.rule import FLAT
from wftools.lint.rules._ranges import outside

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wftools.lint.subject import Subject

SEVERITY = ERROR
READS = FLAT
MIRRORS = "value_smaller_than_min"


def check(subject: Subject) -> Iterator[Found]:
    return outside(subject, "below")


BAD = [
    bad(picture(n1=api_node("EmptyImage", width=0, height=64, batch_size=1, color=0)), "/1/inputs/width"),
    bad(
        ui(
            [
                ui_node(1, "EmptyImage", values=[64, 0, 1, 0], outputs=[("IMAGE", [1])]),
                ui_node(2, "SaveImage", [("images", "IMAGE", 1)], values=["a"]),
            ],
            [[1, 1, 0, 2, 0, "IMAGE"]],
        ),
        "/nodes/0/widgets_values/1",
    ),
]
GOOD = [
    good(picture()),
    good(ui_picture()),
]
