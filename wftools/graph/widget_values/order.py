"""What stands in `widgets_values` beside the values of inputs: it has places there, and none in the prompt.

The mode that changes a seed after each run, the filter of a menu, buttons for uploads. Observed in frontend 1.58.1.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from wftools.catalog.signature import COMBO, Input

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SavedValue = tuple[str, Any]
"""A place in `widgets_values`: its name in `widgets_values_named`, and its value."""

CONTROL: Final = "control_after_generate"
CONTROL_MODES: Final = frozenset({"fixed", "increment", "decrement", "randomize", "increment-wrap"})
SEEDS: Final = frozenset({"seed", "noise_seed"})

CONTROLLED: Final = (CONTROL, "fixed")  # the mode that leaves the value as it is

_FILTER: Final = ("control_filter_list", "")
_UPLOADS: Final = ("image_upload", "video_upload", "animated_image_upload")
_NOT_A_MENU: Final = ("forceInput", "widgetType")
_CORNERS: Final = ("x", "y", "width", "height")


def companions(declared: Input, value: Any) -> tuple[SavedValue, ...]:
    """What follows a widget with this value."""
    kind = declared.options.get("widgetType", declared.type)
    if kind == "BOUNDING_BOX":
        return tuple((side, value.get(side) if isinstance(value, Mapping) else None) for side in _CORNERS)
    if kind == "AUDIO_RECORD":
        return ((f"{declared.name}#1", ""),)
    if isinstance(declared.options.get("remote"), Mapping):
        return tuple(_refreshing(declared.options["remote"]))
    if not _is_controlled(declared):
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


def _is_controlled(declared: Input) -> bool:
    control = declared.options.get(CONTROL)
    return declared.name in SEEDS if declared.type == "INT" and control is None else bool(control)


def _refreshing(remote: Mapping[str, Any]) -> Iterator[SavedValue]:
    """The switch and the button of a menu that a server fills."""
    if remote.get("control_after_refresh"):
        yield "Auto-refresh after generation", False
    if remote.get("refresh_button"):
        yield "refresh", "refresh"
