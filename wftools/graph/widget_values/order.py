"""Which places a node has in `widgets_values`, in order: widgets, and what stands beside the values of inputs.

The order is that of the declaration, required inputs first. Companions follow a widget: the mode that changes a seed
after each run, the filter of a menu. Buttons follow the last required input. Both have places in the list and none in
the prompt. Observed in frontend 1.58.1. What scripts add to that stands in `added`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

from wftools.catalog.signature import COMBO, DYNAMIC_COMBO, KEPT, Input, NodeSignature

SavedValue = tuple[str, Any]
"""A place in `widgets_values`: its name in `widgets_values_named`, and its value."""

WidgetPlace = Input | tuple[SavedValue, ...]
"""What has places in the list: a widget with its companions, or buttons."""

INT_SEED: Final = "INT:seed"
"""A number of packs that has a mode of control, whatever its name."""

NOTICES: Final = frozenset({"ADEWARN", "ADEAUTOSIZE", "ACNAUTOSIZE"})
"""Types of packs that show a notice where a widget stands. They have a place in some files, and no value."""

BUTTON: Final = "BUTTON"
"""What stands in a signature for a button that a pack's script makes: it has a place, and no value in the prompt."""

SCRIPTED: Final = "SCRIPTED"
"""The type of a widget that a pack's script makes; its values are of a form of its own."""

WIDGET_TYPES: Final = frozenset(
    {
        *NOTICES,
        SCRIPTED,
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
        # Of packs of custom nodes: no node gives them.
        "VHSPATH",
        "VHSTIMESTAMP",
        "MTB_COLOR",
        "TCOLOR",
        "COLORCODE",
        "FLOAT_CURVE",
        "VECTOR2",
        "VECTOR3",
        "VECTOR4",
        "BOOL",
        "LORAS",
        "AUTOCOMPLETE_TEXT_LORAS",
        "AUTOCOMPLETE_TEXT_PROMPT",
        "LORA_POOL_CONFIG",
        "RANDOMIZER_CONFIG",
        "CYCLER_CONFIG",
        "EASY_PROMPT_STYLES",
        "EASY_COMBO",
        "EASY_MULTI_ANGLE",
        "EASY_TABLE_EDITOR",
        "EASY_PROMPT_AWAIT_BAR",
        "IMAGEPREVIEW",
        INT_SEED,
        "THREED",
        "CHEESE",
        "IMAGEBASE64",
        "AUDIOINPUTMIX",
        "AUDIOBASE64",
        "WATCHER",
        "KEY",
        "EDIT",
        "SLIDE",
        "PROMPT",
        "IMAGE_FILE",
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


def is_of_pack(signature: NodeSignature) -> bool:
    """Whether a signature is of a pack of custom nodes."""
    return signature.origin is not None or signature.pack is not None


def is_widget(declared: Input) -> bool:
    """Whether the editor gives this input a widget."""
    if declared.options.get("forceInput"):
        return False
    return declared.options.get("widgetType", declared.type) in WIDGET_TYPES


def is_forced(declared: Input) -> bool:
    """Whether an input that would have a widget is declared as a socket."""
    return (
        bool(declared.options.get("forceInput")) and declared.options.get("widgetType", declared.type) in WIDGET_TYPES
    )


def is_beside(declared: Input) -> bool:
    """Whether an input stands for a place without a value in the prompt: a button, a notice."""
    return declared.type == BUTTON or declared.type in NOTICES


def is_saved(declared: Input) -> bool:
    """Whether the value of a widget is saved."""
    return declared.options.get("widgetType", declared.type) not in _NOT_SAVED


def widget_places(declared: Sequence[Input]) -> Iterator[WidgetPlace]:
    """The widgets among some inputs in order, and buttons after the last required input."""
    required = sum(each.required for each in declared)
    for index, each in enumerate(declared, 1):
        if is_beside(each):
            yield ((each.name, each.default),)
        elif is_widget(each):
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
    if kind == INT_SEED:
        return (CONTROLLED,)
    control = declared.options.get(CONTROL)
    if not (declared.name in SEEDS if declared.type == "INT" and control is None else control):
        return ()
    return {"INT": (CONTROLLED,), "FLOAT": (CONTROLLED,), COMBO: (CONTROLLED, _FILTER)}.get(declared.type, ())


class Brought(NamedTuple):
    """The inputs that a widget brings with the value that it has."""

    inputs: Sequence[Input]
    prefix: str  # of their names


def brought(declared: Input, value: Any) -> Brought | None:
    """What a widget brings: a dynamic combo, or a menu of formats that has `formats`."""
    inputs = declared.brings(value)
    if inputs:
        return Brought(inputs, declared.name + ".")
    formats = declared.options.get("formats")
    rows = formats.get(value) if isinstance(formats, Mapping) and isinstance(value, str) else None
    if not isinstance(rows, list):
        return None
    return Brought([each for row in rows for each in _of_format(row)], "")


def _of_format(row: Any) -> Iterator[Input]:
    """A row of `formats`: the name, the type or the choices, and options."""
    if not isinstance(row, list) or len(row) < 2 or not isinstance(row[0], str):
        return
    name, kind, options = row[0], row[1], row[2] if len(row) > 2 and isinstance(row[2], dict) else {}
    if isinstance(kind, list):
        yield Input(name, COMBO, False, {**options, "options": kind}, listed=True)
    elif isinstance(kind, str):
        yield Input(name, kind, False, options)


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
