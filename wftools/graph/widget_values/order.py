"""Which places a node has in `widgets_values`, in order: widgets, and what stands beside the values of inputs.

The order is that of the declaration, required inputs first. Companions follow a widget: the mode that changes a seed
after each run, the filter of a menu. Buttons follow the last required input. Both have places in the list and none in
the prompt. To some node types the editor adds widgets that the server does not declare; their values reach the prompt,
where the server ignores them. Observed in frontend 1.58.1.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any, Final

from wftools.catalog.signature import COMBO, DYNAMIC_COMBO, KEPT, Input, NodeSignature

SavedValue = tuple[str, Any]
"""A place in `widgets_values`: its name in `widgets_values_named`, and its value."""

WidgetPlace = Input | tuple[SavedValue, ...]
"""What has places in the list: a widget with its companions, or buttons."""

WIDGET_TYPES: Final = frozenset(
    {
        "INT",
        "FLOAT",
        "BOOLEAN",
        "STRING",
        COMBO,
        "MARKDOWN",
        "COLOR",
        "COLORS",
        "CURVE",
        "RANGE",
        "BOUNDING_BOX",
        "BOUNDING_BOXES",
        "IMAGECOMPARE",
        "PAINTER",
        "COMPOSITOR",
        "TEXTAREA",
        "CHART",
        "GALLERIA",
        "WEBCAM",
        "AUDIO_RECORD",
        "LOAD_3D",
        "LOAD_3D_ANIMATION",
        "IMAGEUPLOAD",
        "AUDIOUPLOAD",
        "AUDIO_UI",
        DYNAMIC_COMBO,
        "COMFY_DYNAMICGROUP_V3",
    }
)

BUTTON_TYPES: Final = frozenset({"IMAGEUPLOAD", "AUDIOUPLOAD", "AUDIO_UI"})
"""Types of the slots of buttons and players. A prompt has their values only if a subgraph shows them as its own."""

_NOT_SAVED: Final = frozenset({"IMAGECOMPARE"})  # widgets that show something and keep no value

CONTROL: Final = "control_after_generate"
CONTROL_MODES: Final = frozenset({"fixed", "increment", "decrement", "randomize", "increment-wrap"})
SEEDS: Final = frozenset({"seed", "noise_seed"})

CONTROLLED: Final = (CONTROL, "fixed")  # the mode that leaves the value as it is

_FILTER: Final = ("control_filter_list", "")
_UPLOADS: Final = ("image_upload", "video_upload", "animated_image_upload")
_NOT_A_MENU: Final = ("forceInput", "widgetType")
_CORNERS: Final = ("x", "y", "width", "height")

CUSTOM_COMBO: Final = "CustomCombo"

_PREVIEW: Final = Input("image", "STRING", False, {"default": ""})
_BUTTONS: Final = tuple(
    Input(name, "STRING", False, {"default": value})
    for name, value in (
        ("upload 3d model", "upload3dmodel"),
        ("upload extra resources", "uploadExtraResources"),
        ("clear", "clear"),
    )
)
# Node type -> (the input that they follow, or None for the end; the widgets)
_ADDED: Final[Mapping[str, tuple[str | None, tuple[Input, ...]]]] = {
    "Load3D": ("model_file", _BUTTONS),
    "Preview3D": (None, (_PREVIEW,)),
    "Preview3DAnimation": (None, (_PREVIEW,)),
    "SaveGLB": (None, (_PREVIEW,)),
}


def is_widget(declared: Input) -> bool:
    """Whether the editor gives this input a widget."""
    if declared.options.get("forceInput"):
        return False
    return declared.options.get("widgetType", declared.type) in WIDGET_TYPES


def is_saved(declared: Input) -> bool:
    """Whether the value of a widget is saved."""
    return declared.options.get("widgetType", declared.type) not in _NOT_SAVED


def widget_places(declared: Sequence[Input]) -> Iterator[WidgetPlace]:
    """The widgets among some inputs in order, and buttons after the last required input."""
    required = sum(each.required for each in declared)
    for index, each in enumerate(declared, 1):
        if is_widget(each):
            yield each
        if index == required:
            yield tuple(buttons(declared))


@lru_cache(maxsize=KEPT)
def places_of(signature: NodeSignature) -> tuple[WidgetPlace, ...]:
    """The places of a node of this signature."""
    return tuple(widget_places(signature.inputs))


def companions(declared: Input, value: Any) -> tuple[SavedValue, ...]:
    """What follows a widget with this value."""
    kind = declared.options.get("widgetType", declared.type)
    if kind == "BOUNDING_BOX":
        return tuple((side, value.get(side) if isinstance(value, Mapping) else None) for side in _CORNERS)
    if kind == "AUDIO_RECORD":
        return ((f"{declared.name}#1", ""),)
    if isinstance(declared.options.get("remote"), Mapping):
        return tuple(_refreshing(declared.options["remote"]))
    control = declared.options.get(CONTROL)
    if not (declared.name in SEEDS if declared.type == "INT" and control is None else control):
        return ()
    return {"INT": (CONTROLLED,), "FLOAT": (CONTROLLED,), COMBO: (CONTROLLED, _FILTER)}.get(declared.type, ())


def buttons(declared: Iterable[Input]) -> Iterator[SavedValue]:
    """What follows the last required widget of a node with these inputs."""
    for each in declared:
        if each.type == "WEBCAM":
            yield "waiting for camera...", "capture"
        elif each.options.get("audio_upload"):
            yield "upload", ""
        elif any(each.options.get(upload) for upload in _UPLOADS) and each.options.keys().isdisjoint(_NOT_A_MENU):
            yield "upload", "image"


def _refreshing(remote: Mapping[str, Any]) -> Iterator[SavedValue]:
    """The switch and the button of a menu that a server fills."""
    if remote.get("control_after_refresh"):
        yield "Auto-refresh after generation", False
    if remote.get("refresh_button"):
        yield "refresh", "refresh"


def with_editor_widgets(signature: NodeSignature, values: Sequence[Any] | Mapping[str, Any] | None) -> NodeSignature:
    """The signature of a node with the inputs that the editor adds; `values` are the saved ones."""
    if signature.type == CUSTOM_COMBO:
        count = max(len(values or ()) - 2, 0)
        options = (Input(f"option{number}", "STRING", False) for number in range(1, count + 1))
        return replace(signature, inputs=(*signature.inputs, Input("index", "INT", False), *options))
    after, added = _ADDED.get(signature.type, (None, ()))
    if not added:
        return signature
    names = [each.name for each in signature.inputs]
    at = names.index(after) + 1 if after in names else len(names)
    required = at > 0 and signature.inputs[at - 1].required  # they stand in the section of what they follow
    added = tuple(replace(each, required=required) for each in added)
    return replace(signature, inputs=(*signature.inputs[:at], *added, *signature.inputs[at:]))


def index_of_choice(values: Mapping[str, Any]) -> int:
    """What the editor gives CustomCombo's `index`: the place of the choice among the options, -1 if there is none."""
    options = [value for name, value in values.items() if name.startswith("option")]
    return options.index(values.get("choice")) if values.get("choice") in options else -1
