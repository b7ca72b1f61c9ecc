"""How large the editor draws a node, estimated from above: it enlarges nodes that were saved too small.

Measured in frontend 1.58.1, in its classic design; all lengths are in its pixels.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

TITLE: Final = 30  # above the body, whose corner is the node's position
ROW: Final = 20  # a socket or output
WIDGET: Final = 24  # a widget and the space below it
FIRST_ROW: Final = 10  # the middle of the first row, below the title

_EDGE: Final = 6
_BELOW_WIDGETS: Final = 8
_CHARACTER: Final = 8.5  # of 14 px, more than the average one takes
_TITLE_MARGIN: Final = 40
_SLOTS_MARGIN: Final = 45
_WIDGET_MARGIN: Final = 104  # arrows, and a value of three characters
_NARROW, _WIDE = 140, 270  # without and with widgets
_TEXT: Final = (400, 110)  # a text of several lines: the width of its node, its own height
_LEAST_WITH_TEXT: Final = 200
_PLAYER: Final = 70  # for sound
_PICTURE: Final = (315, 240)
# Widgets that are more than a line, by their types: the least size of their node.
_LARGE: Final = {
    "AUDIO_RECORD": (300, 120),
    "BOUNDING_BOX": (300, 450),
    "BOUNDING_BOXES": (420, 560),
    "COMPOSITOR": (300, 400),
    "CURVE": (300, 340),
    "IMAGECOMPARE": (400, 350),
    "LOAD_3D": (400, 600),
    "PAINTER": (450, 550),
    "WEBCAM": (300, 200),
}
_LARGE_NODES: Final = {
    "CreateCameraInfo": (360, 480),
    "CreateLightInfo": (360, 580),
    "Preview3D": (400, 550),
    "SaveGLB": (400, 550),
    "Preview3DAnimation": (400, 550),
    "PreviewAny": (270, 200),
    "SaveText": (270, 200),
}


@dataclass(frozen=True, slots=True)
class Face:
    """What a node shows, from which its size follows."""

    title: str
    sockets: Sequence[str] = ()
    outputs: Sequence[str] = ()
    widgets: Sequence[str] = ()  # their names
    rows: int = 0  # of widgets and buttons
    texts: int = 0  # widgets of several lines
    widget_types: Iterable[str] = ()
    node_type: str = ""
    has_picture: bool = False
    has_player: bool = False


def node_size(face: Face) -> tuple[float, float]:
    """Width and height of a node, without its title."""
    width = max(
        _WIDE if face.rows else _NARROW,
        _longest([face.title]) + _TITLE_MARGIN,
        _longest(face.sockets) + _longest(face.outputs) + _SLOTS_MARGIN,
        _longest(face.widgets) + _WIDGET_MARGIN if face.widgets else 0,
    )
    height: float = _EDGE + ROW * max(len(face.sockets), len(face.outputs), 1)
    if face.rows:
        height += _BELOW_WIDGETS + WIDGET * face.rows
    if face.texts:
        width, height = max(width, _TEXT[0]), max(_LEAST_WITH_TEXT, height + face.texts * _TEXT[1])
    if face.has_picture:
        width, height = max(width, _PICTURE[0]), height + _PICTURE[1]
    if face.has_player:
        width, height = max(width, _WIDE), height + _PLAYER
    least = [_LARGE[kind] for kind in face.widget_types if kind in _LARGE]
    least.append(_LARGE_NODES.get(face.node_type, (0, 0)))
    return max([width, *(size[0] for size in least)]), max([height, *(size[1] for size in least)])


def _longest(names: Sequence[str]) -> float:
    return max((len(name) for name in names), default=0) * _CHARACTER
