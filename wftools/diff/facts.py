"""What each fact means: its class, and the topic that reports count it under.

Measured on 342 pairs of versions that the editor saved one after the other: nine of ten differ in the viewport, eight
of ten in sizes and in the order of the nodes, half in link ids, and none of that was meant.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any, Final

from wftools.diff.changes import Class, FactValue, Key, Kind
from wftools.graph.widget_values.order import CONTROL, CONTROL_MODES, CONTROLLED

if TYPE_CHECKING:
    from collections.abc import Mapping

Meaning = tuple[Class, str]
"""A class, and a topic: "" for a change that is told in its own words."""

_TOLERANCE: Final = 1e-9  # of floats, relative: what spelling them does
_MEANT: Final[Meaning] = ("semantic", "")

_NODE: Final[Mapping[str, Meaning]] = {
    "pos": ("layout", "moved"),
    "size": ("layout", "resized"),
    "flag": ("layout", "folded or pinned"),
    "showAdvanced": ("layout", "folded or pinned"),
    "color": ("style", "recoloured"),
    "bgcolor": ("style", "recoloured"),
    "shape": ("style", "recoloured"),
    "boxcolor": ("style", "recoloured"),
    "id": ("volatile", "renumbered"),
    "order": ("volatile", "order"),
    "link id": ("volatile", "link ids"),
    "through": ("layout", "rerouted"),
    "widgets": ("volatile", "spelling of values"),
    "inputs": ("schema", "definition updated"),
    "outputs": ("schema", "definition updated"),
    "execution_order": ("volatile", "order"),
}
_GROUP: Final[Mapping[str, Meaning]] = {
    "bounding": ("layout", "groups moved"),
    "flag": ("layout", "folded or pinned"),
    "color": ("style", "recoloured"),
    "font_size": ("style", "recoloured"),
    "id": ("volatile", "renumbered"),
}
_SLOT: Final[Mapping[str, Meaning]] = {  # of a subgraph definition
    "id": ("volatile", "slot ids"),
    "pos": ("layout", "moved"),
    "localized_name": ("volatile", "slot details"),
    "shape": ("volatile", "slot details"),
    "dir": ("volatile", "slot details"),
    "color_on": ("style", "recoloured"),
    "color_off": ("style", "recoloured"),
    "link id": ("volatile", "link ids"),
}
_GRAPH: Final[Mapping[str, Meaning]] = {  # the workflow, and definitions
    "id": ("volatile", "ids"),
    "revision": ("volatile", "counters"),
    "version": ("volatile", "versions"),
    "last_node_id": ("volatile", "counters"),
    "last_link_id": ("volatile", "counters"),
    "state": ("volatile", "counters"),
    "floatingLinks": ("volatile", "loose links"),
    "nodes": ("volatile", "order"),
    "links": ("volatile", "order"),
    "groups": ("volatile", "order"),
    "definitions": ("volatile", "order"),
    "spelling": ("volatile", "spelling of links"),
    "inputNode": ("layout", "moved"),
    "outputNode": ("layout", "moved"),
    "widgets": ("volatile", "slot details"),
}
_EXTRA: Final[Mapping[str, Meaning]] = {
    "ds": ("volatile", "viewport"),
    "frontendVersion": ("volatile", "versions"),
    "workflowRendererVersion": ("volatile", "versions"),
    "node_versions": ("volatile", "pack versions"),
    "ue_links": ("volatile", "runtime data"),
    "links_added_by_ue": ("volatile", "runtime data"),
    "linkExtensions": ("volatile", "order"),
    "reroutes": ("volatile", "order"),
}
_PROPERTY: Final[Mapping[str, Meaning]] = {
    "cnr_id": ("volatile", "pack versions"),
    "aux_id": ("volatile", "pack versions"),
    "ver": ("volatile", "pack versions"),
    "Node name for S&R": ("volatile", "slot details"),
    "ue_properties": ("volatile", "runtime data"),
    "widget_ue_connectable": ("volatile", "runtime data"),
    "Run widget replace on values": ("volatile", "runtime data"),
    "proxyWidgetErrorQuarantine": ("volatile", "runtime data"),
    "proxyWidgets": ("volatile", "spelling of values"),
    "previewExposures": ("volatile", "spelling of values"),
    "enableTabs": ("volatile", "slot details"),
    "hasSecondTab": ("volatile", "slot details"),
    "horizontal": ("layout", "folded or pinned"),
    "showOutputText": ("layout", "folded or pinned"),
    **dict.fromkeys(
        (
            "Camera Config",
            "Camera Info",
            "Light Config",
            "Scene Config",
            "Model Config",
            "Last Time Model File",
            "Last Time Model Folder",
            "Resource Folder",
        ),
        ("volatile", "runtime data"),
    ),
}
_TABS: Final = re.compile(r"(tab[A-Z]|secondTab)")
_VHS: Final = "VHS_"
_RUNTIME_WIDGETS: Final = frozenset({"videopreview", "audiopreview"})  # of VideoHelperSuite: what it showed last
_SHOWN_BY_SERVER: Final = re.compile(r"/(api/)?view\?")  # ImageCompare keeps the addresses of what it showed


def same(old: Any, new: Any) -> bool:
    """Whether two values of facts are one: 1 is 1.0 but not true, and floats differ by more than their spelling does.

    Links are one that start at one slot, wherever it stands; what is absent is the same as nothing else.
    """
    if isinstance(old, dict) and isinstance(new, dict):
        return old.keys() == new.keys() and all(same(value, new[key]) for key, value in old.items())
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(map(same, old, new))
    if isinstance(old, bool) or isinstance(new, bool):
        return old is new
    if isinstance(old, float) or isinstance(new, float):
        if not isinstance(old, int | float) or not isinstance(new, int | float):
            return False
        try:
            return math.isclose(old, new, rel_tol=_TOLERANCE) or (math.isnan(old) and math.isnan(new))
        except OverflowError:  # an integer beyond all floats
            return False
    return bool(old == new)


def meaning(kind: Kind, key: Key, old: FactValue, new: FactValue) -> Meaning:
    """The class and the topic of a changed fact. What no table knows is meant.

    Widgets that count up by themselves are told by `is_drawn_seed`, and new widgets of a node that has another
    declaration by who compares, since that takes more than the fact.
    """
    head = key[0]
    match kind:
        case "node":
            return _of_node(key, old, new)
        case "group":
            return _GROUP.get(head, _MEANT)
        case "reroute":
            return ("layout", "rerouted")
        case "input" | "output":
            return ("schema", "definition updated") if head == "type" else _SLOT.get(head, _MEANT)
        case _:
            if head == "extra" and len(key) > 1:
                name = key[1]
                return ("volatile", "runtime data") if name.startswith(_VHS) else _EXTRA.get(name, _MEANT)
            return _GRAPH.get(head, _MEANT)


def _of_node(key: Key, old: FactValue, new: FactValue) -> Meaning:
    head = key[0]
    if len(key) == 1:
        return _NODE.get(head, _MEANT)
    if head == "property":
        name = key[1]
        if name.startswith(_VHS):
            return "volatile", "runtime data"
        return ("volatile", "slot details") if _TABS.match(name) else _PROPERTY.get(name, _MEANT)
    if head in ("input", "output"):
        return _of_slot(key, old, new)
    if head == "widget" and (key[1] in _RUNTIME_WIDGETS or _is_shown(old) or _is_shown(new)):
        return "volatile", "runtime data"
    return _NODE.get(head, _MEANT)


def _of_slot(key: Key, old: FactValue, new: FactValue) -> Meaning:
    """A slot of a node: its label is the user's, its type the declaration's, the rest of it the editor's."""
    if key[-1] == "label" and len(key) == 3:
        return _MEANT
    if not isinstance(old, dict) or not isinstance(new, dict) or old.get("type") != new.get("type"):
        return "schema", "definition updated"
    return "volatile", "slot details"


def _is_shown(value: FactValue) -> bool:
    """Whether a value is what a run showed: the address of a picture on the server, or a list or object with such."""
    if isinstance(value, str):
        return _SHOWN_BY_SERVER.search(value) is not None
    if isinstance(value, list):
        return bool(value) and all(isinstance(each, str) and _is_shown(each) for each in value)
    return False


def is_drawn_seed(name: str, control: FactValue) -> bool:
    """Whether a widget has its value from the run before, since the mode behind it says so."""
    return name != CONTROL and isinstance(control, str) and control in CONTROL_MODES - {CONTROLLED[1]}


def control_of(name: str, names: list[str]) -> str | None:
    """The name of the widget that says how a widget changes after each run: the one behind it in the list."""
    at = names.index(name) + 1 if name in names else len(names)
    return names[at] if at < len(names) and names[at].partition("#")[0] == CONTROL else None
