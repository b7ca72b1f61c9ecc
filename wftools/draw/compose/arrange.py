"""Where the parts of a node are: slots, then a row for each widget.

Measured in frontend 1.58.1, in its classic design.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from wftools.draw.scene import DrawnNode, Point, Rect
from wftools.draw.text import TITLE_SIZE, width_of
from wftools.layout.sizes import ROW, TITLE, WIDGET, Face, node_size

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wftools.draw.scene import DrawnSlot, DrawnWidget

NOWHERE: Final = Rect(0, 0, 0, 0)

_FIRST_SLOT: Final = 14  # the middle of the first slot, below the title
_DOT: Final = 10  # from the left edge to the middle of an input
_DOT_RIGHT: Final = 9  # from the right edge to the middle of an output
_BELOW_SLOTS, _ABOVE_ALL = 6, 2  # above the first widget, below slots and without any
_LINE: Final = 20  # the height of a line widget; the rest of WIDGET is space
_SIDE: Final = 15  # beside a line widget
_AROUND: Final = 10  # around a text
_LEAST_TEXT: Final = 34
_TOLERANCE: Final = 6  # by which files are smaller than what the editor makes of them
_REROUTE: Final = (75, 26)
_BORDER: Final = 10  # above the first slot of a border, and right or left of its dots
_BORDER_WIDTH: Final = 120


def arranged(node: DrawnNode, at: Point, size: Point | None) -> DrawnNode:
    """The node at a place, with its slots and widgets where the editor draws them.

    What does not fit into the size that its file gives it has no place. Without a size it gets one.
    """
    width, height = size or natural_size(node)
    body = Rect(*at, max(width, 1.0), max(height, 0.0))
    if node.kind in ("inputs", "outputs"):
        return _border(node, body)
    if node.is_collapsed:
        return _collapsed(node, body)
    header = 0.0 if node.kind == "reroute" else TITLE
    sockets = [slot for slot in node.inputs if not slot.of_widget]
    start = ROW * max(len(sockets), len(node.outputs)) + _BELOW_SLOTS if sockets or node.outputs else _ABOVE_ALL
    widgets = tuple(_rows(node.widgets, start, body))
    inputs = tuple(_placed_inputs(node.inputs, widgets))
    outputs = tuple(
        replace(slot, at=(body.width - _DOT_RIGHT, _FIRST_SLOT + ROW * index))
        for index, slot in enumerate(node.outputs)
    )
    return replace(node, body=body, header=header, inputs=inputs, outputs=outputs, widgets=widgets)


def natural_size(node: DrawnNode) -> Point:
    """The size that a node needs."""
    if node.kind == "reroute":
        return _REROUTE
    if node.kind in ("inputs", "outputs"):
        return _BORDER_WIDTH, ROW * (len(node.inputs) + len(node.outputs) + 1) + 2 * _BORDER
    face = Face(
        node.title,
        sockets=[slot.label for slot in node.inputs if not slot.of_widget],
        outputs=[slot.label for slot in node.outputs],
        widgets=[widget.label for widget in node.widgets],
        rows=len(node.widgets),
        texts=sum(widget.look == "text" for widget in node.widgets),
    )
    return node_size(face)


def _rows(widgets: Sequence[DrawnWidget], start: float, body: Rect) -> Iterator[DrawnWidget]:
    """The widgets, those that fit with their places. Texts share the height that the others leave."""
    texts = sum(widget.look == "text" for widget in widgets)
    rest = body.height - start - WIDGET * (len(widgets) - texts)
    text_height = max(rest / texts, _LEAST_TEXT) if texts else 0.0
    y = start
    for widget in widgets:
        if widget.look == "text":
            height = min(text_height, max(body.height - y, 0))
            place = Rect(_AROUND, y + _AROUND, body.width - 2 * _AROUND, height - 2 * _AROUND)
            y += text_height
        else:
            place = Rect(_SIDE, y, body.width - 2 * _SIDE, _LINE)
            y += WIDGET
        fits = place.bottom <= body.height + _TOLERANCE and min(place.width, place.height) >= 1
        yield replace(widget, place=place if fits else None)


def _placed_inputs(slots: Sequence[DrawnSlot], widgets: Sequence[DrawnWidget]) -> Iterator[DrawnSlot]:
    """Sockets one below the other; the slot of a widget in its row."""
    middles = {
        each.name: each.place.y + (0.0 if each.look == "text" else _LINE / 2)
        for each in widgets
        if each.place is not None
    }
    row, last = 0, max(middles.values(), default=float(_FIRST_SLOT))
    for slot in slots:
        if slot.of_widget:
            yield replace(slot, at=(_DOT, middles.get(slot.name, last)))
        else:
            yield replace(slot, at=(_DOT, _FIRST_SLOT + ROW * row))
            row += 1


def _collapsed(node: DrawnNode, body: Rect) -> DrawnNode:
    """The title alone, with all links at its ends."""
    width = min(body.width, width_of(node.title, TITLE_SIZE) + 2 * TITLE)
    inputs = tuple(replace(slot, at=(0, -TITLE / 2)) for slot in node.inputs)
    outputs = tuple(replace(slot, at=(width, -TITLE / 2)) for slot in node.outputs)
    return replace(node, body=replace(body, width=width, height=0), header=TITLE, inputs=inputs, outputs=outputs)


def _border(node: DrawnNode, body: Rect) -> DrawnNode:
    """The inputs or the outputs of a subgraph: names one below the other."""

    def placed(slots: Sequence[DrawnSlot], x: float) -> tuple[DrawnSlot, ...]:
        return tuple(replace(slot, at=(x, _BORDER + ROW * (row + 0.5))) for row, slot in enumerate(slots))

    return replace(
        node,
        body=body,
        header=0.0,
        inputs=placed(node.inputs, _BORDER),
        outputs=placed(node.outputs, body.width - _BORDER),
    )
