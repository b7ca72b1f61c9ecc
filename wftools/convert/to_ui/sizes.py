"""How large the editor draws a node, estimated from above: it enlarges nodes that were saved too small.

Measured in frontend 1.58.1, in its classic design; all lengths are in its pixels.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wftools.catalog.signature import COMBO

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from wftools.catalog.signature import Input
    from wftools.convert.to_ui.forms import Form

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
# Widgets that are more than a line: the least size of their node.
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
_LARGE_TYPES: Final = {
    "CreateCameraInfo": (360, 480),
    "CreateLightInfo": (360, 580),
    "Preview3D": (400, 550),
    "SaveGLB": (400, 550),
    "Preview3DAnimation": (400, 550),
    "PreviewAny": (270, 200),
    "SaveText": (270, 200),
}
_PICTURES: Final = frozenset({"IMAGE", "VIDEO"})
_UPLOADS: Final = frozenset({"image_upload", "video_upload"})
_SOUNDS: Final = frozenset({"AUDIO"})
_SOUND_UPLOADS: Final = frozenset({"audio_upload"})


def node_size(form: Form, title: str) -> tuple[float, float]:
    """Width and height of a node of the catalogue, without its title."""
    declared = [widget.declared for widget in form.binding.widgets.values() if widget.declared is not None]
    sockets = [each.name for each in form.slots if not form.has_widget(each.name)]
    outputs = [each.name for each in form.signature.outputs] if form.signature else []
    width, height = body(title, sockets, outputs, list(form.binding.widgets), places=form.binding.places)
    texts = sum(bool(each.options.get("multiline")) for each in declared)
    if texts:
        width, height = max(width, _TEXT[0]), max(_LEAST_WITH_TEXT, height + texts * _TEXT[1])
    if _shows(form, declared, _PICTURES, _UPLOADS):
        width, height = max(width, _PICTURE[0]), height + _PICTURE[1]
    if _shows(form, declared, _SOUNDS, _SOUND_UPLOADS):
        width, height = max(width, _WIDE), height + _PLAYER
    kinds = [str(each.options.get("widgetType", each.type)) for each in declared]
    least = [_LARGE[kind] for kind in kinds if kind in _LARGE]
    if form.signature and form.signature.type in _LARGE_TYPES:
        least.append(_LARGE_TYPES[form.signature.type])
    return max([width, *(size[0] for size in least)]), max([height, *(size[1] for size in least)])


def body(
    title: str, sockets: Sequence[str], outputs: Sequence[str], widgets: Sequence[str], *, places: int
) -> tuple[float, float]:
    """Width and height of a node that has lines only, given the names in them; `places` counts buttons too."""
    width = max(
        _WIDE if places else _NARROW,
        _length([title]) + _TITLE_MARGIN,
        _length(sockets) + _length(outputs) + _SLOTS_MARGIN,
        _length(widgets) + _WIDGET_MARGIN if widgets else 0,
    )
    rows = max(len(sockets), len(outputs), 1)
    height = _EDGE + ROW * rows + (_BELOW_WIDGETS + WIDGET * places if places else 0)
    return width, height


def _length(names: Sequence[str]) -> float:
    return max((len(name) for name in names), default=0) * _CHARACTER


def _shows(form: Form, widgets: Sequence[Input], types: Collection[str], uploads: Collection[str]) -> bool:
    """Whether something of these types appears in the node: because it loads it, or because it saves it."""
    if any(each.type == COMBO and each.options.get(upload) for each in widgets for upload in uploads):
        return True
    signature = form.signature
    if signature is None or not signature.output_node or signature.api_node:
        return False
    return any(each.type in types for each in signature.inputs)
