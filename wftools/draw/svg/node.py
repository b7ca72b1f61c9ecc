"""A node as SVG elements: its box, its title, its slots and its rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wftools.draw.colours import of_link, of_node
from wftools.draw.svg.marks import marked
from wftools.draw.svg.widgets import label, widget
from wftools.draw.svg.xml import at, escaped, number, rectangle
from wftools.draw.text import TEXT_SIZE, TITLE_SIZE, fitted, width_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wftools.draw.scene import DrawnNode, DrawnSlot, Rect
    from wftools.draw.svg.style import Colours

ROUND: Final = 8  # the radius of corners

_DOT: Final = 4  # the radius of a slot
_TITLE_LEFT: Final = 30
_OPENER: Final = 34  # what opens a subgraph, right of its title


def node(drawn: DrawnNode, colours: Colours) -> str:
    """A node, with its mark around it."""
    frame = drawn.frame
    states = (("muted", drawn.is_muted), ("bypassed-node", drawn.is_bypassed), ("gone", drawn.mark == "removed"))
    classes = " ".join(("a-node", drawn.kind, *(name for name, is_so in states if is_so)))
    opens = f' data-inside="{escaped(drawn.inside)}"' if drawn.inside is not None else ""
    return "".join(
        (
            f'<g class="{classes}" data-node="{escaped(drawn.id)}"{opens}>',
            f"<title>{escaped(_description(drawn))}</title>",
            *_box(drawn, colours),
            # What is in a node does not leave it, whatever fonts there are.
            f'<svg {rectangle(frame)}><g transform="translate(0 {number(drawn.header)})">',
            *_title(drawn),
            '<g class="rows">',
            *(widget(each, each.place, frame.width) for each in drawn.widgets if each.place is not None),
            *_slots(drawn, colours),
            *_more(drawn),
            "</g></g></svg>",
            marked(frame, drawn.mark),
            "</g>",
        )
    )


def _description(drawn: DrawnNode) -> str:
    if drawn.kind in ("inputs", "outputs"):
        return f"{drawn.title} of the subgraph"
    kind = "subgraph" if drawn.kind == "subgraph" else drawn.type
    state = " (muted)" if drawn.is_muted else " (bypassed)" if drawn.is_bypassed else ""
    return f"{drawn.title} · {kind} · {drawn.id}{state}"


def _box(drawn: DrawnNode, colours: Colours) -> Iterator[str]:
    frame = drawn.frame
    if drawn.kind in ("inputs", "outputs"):
        yield f'<rect class="border widget_edge" {rectangle(frame)} rx="10"/>'
        return
    body = f"c {colours.name(of_node(drawn.bgcolor))}" if drawn.bgcolor else "body"
    header = f"c {colours.name(of_node(drawn.color))}" if drawn.color else "header"
    if drawn.is_bypassed:
        yield f'<rect class="bypassed bypassed-body" {rectangle(frame)} rx="{ROUND}"/>'
    elif drawn.is_collapsed:
        yield f'<rect class="{header}" {rectangle(frame)} rx="{ROUND}"/>'
    else:
        yield f'<rect class="{body}" {rectangle(frame)} rx="{ROUND}"/>'
        if drawn.header:
            yield f'<path class="{header}" d="{_round_above(frame, drawn.header)}"/>'
            yield f'<rect class="line" {at(frame.x, drawn.body.y - 1)} width="{number(frame.width)}" height="2"/>'
    yield f'<rect class="edge" {rectangle(frame)} rx="{ROUND}"/>'


def _round_above(frame: Rect, height: float) -> str:
    """The outline of the upper part of a frame, of which the upper corners are round."""
    x, right, low = map(number, (frame.x, frame.right, frame.y + height))
    width = number(max(frame.width - 2 * ROUND, 0))
    corner = f"a{ROUND} {ROUND} 0 0 1"
    return (
        f"M{x} {low}V{number(frame.y + ROUND)}{corner} {ROUND} -{ROUND}h{width}{corner} {ROUND} {ROUND}V{low}H{right}Z"
    )


def _title(drawn: DrawnNode) -> Iterator[str]:
    if not drawn.header:
        return
    room = drawn.body.width - _TITLE_LEFT - 8
    if drawn.kind == "subgraph":
        room = drawn.body.width - _TITLE_LEFT - _OPENER
        yield '<rect class="open" x="8" y="-22" width="15" height="15" rx="3"/>'
        yield '<path class="sign" d="M11.5 -18.5h3v3h-3zM16.5 -14h3v3h-3zM14.5 -17h3.5v3"/>'
        yield (
            f'<g class="opener" transform="translate({number(drawn.body.width - 22)} -21)">'
            '<rect x="-4" y="-4" width="20" height="20" fill="none" pointer-events="all"/>'
            '<path class="box-line" d="M5 1H1V12H12V8M8 1H12V5M12 1L6 7"/></g>'
        )
    else:
        yield '<circle class="box" cx="15" cy="-15" r="5"/>'
    yield f'<text class="title" x="{_TITLE_LEFT}" y="-10">{escaped(fitted(drawn.title, TITLE_SIZE, room))}</text>'


def _slots(drawn: DrawnNode, colours: Colours) -> Iterator[str]:
    if drawn.is_collapsed:
        return
    shown = {each.name for each in drawn.widgets if each.place is not None}
    taken = max((width_of(each.label, TEXT_SIZE) for each in drawn.outputs), default=0.0)
    for slot in drawn.inputs:
        if not slot.of_widget:
            yield _dot(slot, colours)
            room = max(drawn.body.width - 45 - taken, drawn.body.width / 2)
            yield label(slot.label, slot.at[0] + 10, slot.at[1], room)
        elif slot.is_linked and slot.name in shown:
            yield _dot(slot, colours)
    for slot in drawn.outputs:
        yield _dot(slot, colours)
        room = drawn.body.width - (24 if drawn.kind == "reroute" else 40)
        yield label(slot.label, slot.at[0] - 10, slot.at[1], room, "text end")


def _dot(slot: DrawnSlot, colours: Colours) -> str:
    x, y = slot.at
    colour = colours.name(of_link(slot.type))
    if slot.dot == "list":
        return f'<rect class="c {colour}" {at(x - _DOT, y - _DOT)} width="{2 * _DOT}" height="{2 * _DOT}"/>'
    look, radius = ("hollow", _DOT - 1) if slot.dot == "hollow" else ("c", _DOT)
    return f'<circle class="{look} {colour}" cx="{number(x)}" cy="{number(y)}" r="{radius}"/>'


def _more(drawn: DrawnNode) -> Iterator[str]:
    """How many widgets have no place, if there is room to say it."""
    if drawn.hidden and not drawn.is_collapsed and drawn.body.height > 24:
        yield label(f"+{drawn.hidden}", drawn.body.width - 8, drawn.body.height - 10, 40, "widget_name end")
