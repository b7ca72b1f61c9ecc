"""A scene as SVG elements, in the look of the editor's classic canvas."""

from __future__ import annotations

from itertools import pairwise
from math import dist
from typing import TYPE_CHECKING, Final

from wftools.draw.colours import GROUP, Pair, of_link, of_node
from wftools.draw.compose.arrange import TEXT_SIZE, TITLE_SIZE
from wftools.draw.formats._xml import escaped, number
from wftools.draw.text import MONOSPACE_ADVANCE, fitted, width_of, wrapped

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wftools.draw.formats._style import Colours
    from wftools.draw.scene import (
        DrawnGroup,
        DrawnLink,
        DrawnNode,
        DrawnSlot,
        DrawnWidget,
        Mark,
        Point,
        Rect,
        Reroute,
        Scene,
    )

SIGNS: Final[dict[Mark, str]] = {
    "added": "+",
    "removed": "\N{MINUS SIGN}",
    "changed": "~",
    "moved": "→",
    "conflict": "!",
}

_ROUND: Final = 8
_BASELINE: Final = 4.2  # from the middle of a line to its baseline
_DOT: Final = 4
_BEND: Final = 0.25  # of the length of a link: how far it leaves its ends straight
_MIDDLE: Final = 5  # the dot in the middle of a link
_LINE_HEIGHT: Final = 12.5  # of a text widget
_LETTER: Final = 10 * MONOSPACE_ADVANCE
_AROUND: Final = 5  # between a node and its mark
_GRID: Final = 10


def elements(scene: Scene, colours: Colours) -> Iterator[str]:
    """The elements of a scene from back to front, without the canvas behind it."""
    yield from (_group(each, colours) for each in scene.groups)
    yield from (_ghost(each) for each in scene.nodes if each.was_at is not None)
    yield '<g class="links">'
    yield from (_link(each, colours) for each in scene.links)
    yield from (_reroute(each, colours) for each in scene.reroutes)
    yield "</g>"
    yield from (_node(each, colours) for each in scene.nodes)


def path(points: Iterable[Point]) -> str:
    """The curve of a link, through all of its points."""
    ends = list(points)
    pieces = [f"M{number(ends[0][0])} {number(ends[0][1])}"]
    for start, end in pairwise(ends):
        bend = dist(start, end) * _BEND
        controls = (start[0] + bend, start[1]), (end[0] - bend, end[1])
        pieces.append("C" + " ".join(f"{number(x)} {number(y)}" for x, y in (*controls, end)))
    return "".join(pieces)


def _middle(points: tuple[Point, ...]) -> Point:
    """The middle of the last piece of a link: a cubic curve with symmetric ends passes half-way there."""
    (x, y), (right, bottom) = points[-2:]
    return (x + right) / 2, (y + bottom) / 2


# Groups and links


def _group(group: DrawnGroup, colours: Colours) -> str:
    frame = group.frame
    colour = colours.name(Pair(group.color, group.color) if group.color else GROUP)
    size = group.font_size
    name = escaped(fitted(group.title, size, frame.width - 8))
    mark = _mark(group.mark, frame, _AROUND) if group.mark is not None else ""
    return (
        f'<g class="a-group {colour}">{_rect(frame, "group")}'
        f'<rect class="group-title" {_at(frame.x, frame.y)} width="{number(frame.width)}" '
        f'height="{number(min(size * 1.4, frame.height))}"/>'
        f'<text class="group-name" font-size="{number(size)}" '
        f"{_at(frame.x + 4, frame.y + size * 1.05)}>{name}</text>{mark}</g>"
    )


def _link(link: DrawnLink, colours: Colours) -> str:
    colour = link.mark or colours.name(of_link(link.type))
    x, y = _middle(link.points)
    curve = path(link.points)
    return (
        f'<g class="a-link {colour}" data-source="{escaped(link.source)}" data-target="{escaped(link.target)}" '
        f'data-input="{escaped(link.input)}"><path class="under" d="{curve}"/>'
        f'<path class="link {link.mark or ""}" d="{curve}"/>'
        f'<circle class="c" cx="{number(x)}" cy="{number(y)}" r="{_MIDDLE}"/></g>'
    )


def _reroute(reroute: Reroute, colours: Colours) -> str:
    x, y = map(number, reroute.at)
    return f'<circle class="c edge-dot {colours.name(of_link(reroute.type))}" cx="{x}" cy="{y}" r="8"/>'


# Nodes


def _node(node: DrawnNode, colours: Colours) -> str:
    frame = node.frame
    classes = ["a-node", node.kind]
    classes += ["muted"] if node.is_muted else []
    classes += ["bypassed-node"] if node.is_bypassed else []
    classes += ["gone"] if node.mark == "removed" else []
    opens = f' data-inside="{escaped(node.inside)}"' if node.inside is not None else ""
    parts = [
        f'<g class="{" ".join(classes)}" data-node="{escaped(node.id)}"{opens}>',
        f"<title>{escaped(_description(node))}</title>",
        *_boxes(node, colours),
        # What is in a node does not leave it, whatever fonts there are.
        f'<svg {_at(frame.x, frame.y)} width="{number(frame.width)}" height="{number(frame.height)}">'
        f'<g transform="translate(0 {number(node.header)})">',
        *_title(node),
        '<g class="rows">',
        *(_widget(each, each.place, node) for each in node.widgets if each.place is not None),
        *_slots(node, colours),
        *_more(node),
        "</g></g></svg>",
        _mark(node.mark, frame, _AROUND) if node.mark is not None else "",
        "</g>",
    ]
    return "".join(parts)


def _description(node: DrawnNode) -> str:
    if node.kind in ("inputs", "outputs"):
        return f"{node.title} of the subgraph"
    kind = "subgraph" if node.kind == "subgraph" else node.type
    state = " (muted)" if node.is_muted else " (bypassed)" if node.is_bypassed else ""
    return f"{node.title} · {kind} · {node.id}{state}"


def _boxes(node: DrawnNode, colours: Colours) -> Iterator[str]:
    """The box of a node and of its title."""
    frame = node.frame
    if node.kind in ("inputs", "outputs"):
        yield f'<rect class="border widget_edge" {_rect_of(frame)} rx="10"/>'
        return
    body = f"c {colours.name(of_node(node.bgcolor))}" if node.bgcolor else "body"
    header = f"c {colours.name(of_node(node.color))}" if node.color else "header"
    if node.is_bypassed:
        body = header = "bypassed bypassed-body"
    if node.is_collapsed or node.kind == "reroute":
        yield f'<rect class="{header if node.is_collapsed else body}" {_rect_of(frame)} rx="{_ROUND}"/>'
    else:
        yield _rounded(frame, node.header, frame.height, body, top=node.header == 0)
        yield _rounded(frame, 0, node.header, header, bottom=False)
        yield (
            f'<rect class="line" {_at(frame.x, node.body.y - 1)} width="{number(frame.width)}" height="2"/>'
            if not node.is_bypassed
            else ""
        )
    yield f'<rect class="edge" {_rect_of(frame)} rx="{_ROUND}"/>'


def _rounded(frame: Rect, start: float, end: float, classes: str, *, top: bool = True, bottom: bool = True) -> str:
    """A slice of a frame, with round corners above, below or both."""
    x, y, right, low = map(number, (frame.x, frame.y + start, frame.right, frame.y + end))
    radius = min(_ROUND, (end - start) / 2, frame.width / 2)
    upper = number(radius if top else 0)
    lower = number(radius if bottom else 0)
    left_in, right_in = number(frame.x + radius), number(frame.right - radius)
    outline = (
        (
            f"M{x} {number(frame.y + start + radius)}A{upper} {upper} 0 0 1 {left_in} {y}H{right_in}"
            f"A{upper} {upper} 0 0 1 {right} {number(frame.y + start + radius)}"
        )
        if top
        else f"M{x} {y}H{right}"
    )
    outline += (
        (
            f"V{number(frame.y + end - radius)}A{lower} {lower} 0 0 1 {right_in} {low}H{left_in}"
            f"A{lower} {lower} 0 0 1 {x} {number(frame.y + end - radius)}Z"
        )
        if bottom
        else f"V{low}H{x}Z"
    )
    return f'<path class="{classes}" d="{outline}"/>'


def _title(node: DrawnNode) -> Iterator[str]:
    if not node.header:
        return
    room = node.body.width - 30 - (34 if node.kind == "subgraph" else 8)
    text = escaped(fitted(node.title, TITLE_SIZE, room))
    if node.kind == "subgraph":
        yield '<rect class="open" x="8" y="-22" width="15" height="15" rx="3"/>'
        yield '<path class="sign" d="M11.5 -18.5h3v3h-3zM16.5 -14h3v3h-3zM14.5 -17h3.5v3"/>'
        right = number(node.body.width - 22)
        yield (
            f'<g class="opener" transform="translate({right} -21)"><rect class="hit" x="-4" y="-4" width="20" '
            f'height="20" fill="none" pointer-events="all"/>'
            f'<path class="box-line" d="M5 1H1V12H12V8M8 1H12V5M12 1L6 7"/></g>'
        )
    else:
        yield '<circle class="box" cx="15" cy="-15" r="5"/>'
    yield f'<text class="title" x="30" y="-10">{text}</text>'


def _slots(node: DrawnNode, colours: Colours) -> Iterator[str]:
    if node.is_collapsed:
        return
    for slot in node.inputs:
        if not slot.of_widget:
            yield _dot(slot, colours)
            taken = max((width_of(each.label, TEXT_SIZE) for each in node.outputs[:1]), default=0.0)
            room = max(node.body.width - 45 - taken, node.body.width / 2)
            yield _label(slot.label, slot.at[0] + 10, slot.at[1], room)
        elif slot.is_linked and any(each.name == slot.name and each.place for each in node.widgets):
            yield _dot(slot, colours)
    for slot in node.outputs:
        yield _dot(slot, colours)
        yield _label(slot.label, slot.at[0] - 10, slot.at[1], node.body.width - 40, "text end")


def _dot(slot: DrawnSlot, colours: Colours) -> str:
    x, y = slot.at
    colour = colours.name(of_link(slot.type))
    if slot.dot == "list":
        return f'<rect class="c {colour}" {_at(x - _DOT, y - _DOT)} width="{2 * _DOT}" height="{2 * _DOT}"/>'
    look, radius = ("hollow", _DOT - 1) if slot.dot == "hollow" else ("c", _DOT)
    return f'<circle class="{look} {colour}" cx="{number(x)}" cy="{number(y)}" r="{radius}"/>'


def _label(label: str, x: float, y: float, room: float, classes: str = "text") -> str:
    text = escaped(fitted(label, TEXT_SIZE, room))
    return f'<text class="{classes}" {_at(x, y + _BASELINE)}>{text}</text>' if text else ""


# Widgets


def _widget(widget: DrawnWidget, place: Rect, node: DrawnNode) -> str:
    mark = ""
    if widget.mark is not None:
        mark = (
            f'<rect class="row-mark {widget.mark}" {_at(3, place.y - 2)} width="{number(node.body.width - 6)}" '
            f'height="{number(place.height + 4)}" rx="4"/>'
        )
    draw = _text_area if widget.look == "text" else _line
    return f'<g class="a-widget" data-widget="{escaped(widget.name)}">{mark}{draw(widget, place)}</g>'


def _line(widget: DrawnWidget, place: Rect) -> str:
    middle = place.y + place.height / 2
    has_arrows = widget.look in ("number", "combo")
    left, right = (place.x + 20, place.right - 28) if has_arrows else (place.x + 15, place.right - 15)
    room = max(right - left, 0)
    value = f"{widget.was} → {widget.text}" if widget.was is not None and widget.mark == "changed" else widget.text
    value = " ".join(value.split())
    if widget.is_linked:
        return f'<g class="dim">{_label(widget.label, left, middle, room, "widget_name")}</g>'
    # The name gives way to the value, but keeps a third of the room.
    name = fitted(widget.label, TEXT_SIZE, max(room - width_of(value, TEXT_SIZE) - 8, room / 3))
    value = fitted(value, TEXT_SIZE, max(room - width_of(name, TEXT_SIZE) - 8, 0))
    parts = [f'<rect class="widget widget_edge" {_rect_of(place)} rx="{number(place.height / 2)}"/>']
    if has_arrows:
        x, end = place.x, place.right
        parts.append(
            f'<path class="widget_text" d="M{number(x + 16)} {number(middle - 5)}l-10 5l10 5z'
            f'M{number(end - 16)} {number(middle - 5)}l10 5l-10 5z"/>'
        )
    if widget.look == "toggle":
        is_on = "widget_name" if widget.text == "true" else "box"
        parts.append(f'<circle class="{is_on}" cx="{number(right)}" cy="{number(middle)}" r="7"/>')
        right -= 12
    if widget.look == "button":
        centre = place.x + place.width / 2
        parts.append(_label(widget.label, centre, middle, room, "widget_text middle"))
        return "".join(parts)
    parts.append(_label(name, left, middle, room, "widget_name"))
    parts.append(_label(value, right, middle, room, "widget_text end"))
    return "".join(parts)


def _text_area(widget: DrawnWidget, place: Rect) -> str:
    columns = int((place.width - 8) / _LETTER)
    shown, classes = (widget.text, "widget_text") if widget.text else (widget.label, "widget_name dim")
    lines = wrapped(shown, columns, max(int((place.height - 2) / _LINE_HEIGHT), 1))
    spans = "".join(
        f'<text class="lines {classes}" {_at(place.x + 4, place.y + 10 + row * _LINE_HEIGHT)}>{escaped(line)}</text>'
        for row, line in enumerate(lines)
        if line
    )
    area = f'<rect class="widget" {_rect_of(place)} rx="2"/>{spans}'
    return f'<g class="dim">{area}</g>' if widget.is_linked else area


def _more(node: DrawnNode) -> Iterator[str]:
    """How many widgets have no place, if there is room to say it."""
    if node.hidden and not node.is_collapsed and node.body.height > 24:
        y = node.body.height - 10
        yield f'<text class="widget_name end" {_at(node.body.width - 8, y + _BASELINE)}>+{node.hidden}</text>'


# Marks


def _mark(mark: Mark, frame: Rect, around: float) -> str:
    """An outline around something, with a sign, so that colour is not all that tells."""
    x, y = frame.x - around, frame.y - around
    outline = (
        f'<rect class="mark {mark}" {_at(x, y)} width="{number(frame.width + 2 * around)}" '
        f'height="{number(frame.height + 2 * around)}" rx="{_ROUND + around}"/>'
    )
    sign = (
        f'<circle class="c {mark}" cx="{number(x + 4)}" cy="{number(y + 4)}" r="9"/>'
        f'<text class="badge" {_at(x + 4, y + 8.5)}>{SIGNS[mark]}</text>'
    )
    return outline + sign


def _ghost(node: DrawnNode) -> str:
    """Where a node stood before, and the way from there."""
    old, new = node.was_at, node.frame
    assert old is not None
    start = old.x + old.width / 2, old.y + old.height / 2
    end = new.x + new.width / 2, new.y + new.height / 2
    line = f"M{number(start[0])} {number(start[1])}L{number(end[0])} {number(end[1])}"
    return (
        f'<g class="a-ghost moved"><rect class="ghost" {_rect_of(old)} rx="{_ROUND}"/>'
        f'<path class="ghost-way" d="{line}"/></g>'
    )


def _rect(frame: Rect, classes: str) -> str:
    return f'<rect class="{classes}" {_rect_of(frame)}/>'


def _rect_of(frame: Rect) -> str:
    return f'{_at(frame.x, frame.y)} width="{number(frame.width)}" height="{number(frame.height)}"'


def _at(x: float, y: float) -> str:
    return f'x="{number(x)}" y="{number(y)}"'
