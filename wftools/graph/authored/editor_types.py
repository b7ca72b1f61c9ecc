"""The editor's own node types: what becomes of them when a workflow is queued.

In a file they look like any other node; a prompt that the editor makes never has one. Some are ComfyUI's, most belong
to the browser code of a pack of custom nodes, which was read for what they do.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from wftools.document.pointer import pointer
from wftools.graph.widget_values.order import CONTROL

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wftools.catalog.lookup import Catalogue
    from wftools.document.ui import UiNode


class Does(Enum):
    """What a type does for the nodes that it is linked to."""

    PASS = auto()  # its output is what feeds its first input
    SET = auto()  # the same, and that has a name, which is the node's first value
    GET = auto()  # its output is what feeds the node that sets the name
    GIVE = auto()  # its value is that of the widgets that it is linked to
    CHOOSE = auto()  # the same, but the file says only which value: what that is stands in the user's browser
    NOTHING = auto()  # it tells people something, or set something while the workflow was edited


class Held(NamedTuple):
    """A value that one of the editor's own nodes holds."""

    name: str
    value: Any
    pointer: str  # below the node


@dataclass(frozen=True, slots=True)
class EditorType:
    """What is known of one of the editor's own node types."""

    does: Does
    values: tuple[str, ...] = ()  # what its values are called, in their order; there may be more
    setter: str = ""  # of one that gets: the type that sets
    reaches_out: bool = False  # of one that gets: whether a name may be set in the graphs around
    is_declared: bool = False  # whether a server declares it although the editor keeps it to itself
    is_core: bool = False

    def held(self, node: UiNode) -> Held | None:
        """The first value of such a node; None if it has none that is known."""
        name, saved = next(iter(self.values), ""), node.widgets_values
        if name and isinstance(saved, list) and saved:
            return Held(name, saved[0], "/widgets_values/0")
        for key, named in (("widgets_values", saved), ("widgets_values_named", node.widgets_values_named)):
            if name and isinstance(named, dict) and name in named:
                return Held(name, named[name], pointer(key, name))
        return None


REROUTE: Final = "Reroute"
PRIMITIVE: Final = "PrimitiveNode"

_PASS: Final = EditorType(Does.PASS)
_NOTHING: Final = EditorType(Does.NOTHING)
_TEXT: Final = "text"  # what the value of a note is called
_NOTE: Final = EditorType(Does.NOTHING, (_TEXT,), is_core=True)
_SET: Final = EditorType(Does.SET, ("Constant",))
_KEPT: Final = EditorType(Does.NOTHING, is_declared=True)
_PRESET: Final = EditorType(Does.CHOOSE, ("value",))

EDITOR_TYPES: Final[Mapping[str, EditorType]] = {
    # ComfyUI
    REROUTE: EditorType(Does.PASS, is_core=True),
    PRIMITIVE: EditorType(Does.GIVE, ("value", CONTROL, "control_filter_list"), is_core=True),
    "Note": _NOTE,
    "MarkdownNote": _NOTE,
    # KJNodes
    "SetNode": _SET,
    "GetNode": EditorType(Does.GET, ("Constant",), "SetNode", reaches_out=True),
    # Easy-Use
    "easy setNode": _SET,
    "easy getNode": EditorType(Does.GET, ("Constant",), "easy setNode"),
    "easy bookmark": EditorType(Does.NOTHING, ("shortcut_key", "zoom")),
    # rgthree
    "Reroute (rgthree)": _PASS,
    "Node Collector (rgthree)": _NOTHING,
    "Node Combiner (rgthree)": _NOTHING,
    "Fast Muter (rgthree)": _NOTHING,
    "Fast Bypasser (rgthree)": _NOTHING,
    "Fast Groups Muter (rgthree)": _NOTHING,
    "Fast Groups Bypasser (rgthree)": _NOTHING,
    "Mute / Bypass Relay (rgthree)": _NOTHING,
    "Mute / Bypass Repeater (rgthree)": _NOTHING,
    "Random Unmuter (rgthree)": _NOTHING,
    "Fast Actions Button (rgthree)": _NOTHING,
    "Power Conductor (rgthree)": _NOTHING,
    "Bookmark (rgthree)": EditorType(Does.NOTHING, ("shortcut_key", "zoom")),
    "Label (rgthree)": _NOTHING,
    # mxToolkit
    "mxReroute": _PASS,
    # mtb, comfyui-deploy, Crystools
    "Note Plus (mtb)": EditorType(Does.NOTHING, (_TEXT, "css")),
    "ComfyDeploy": _NOTHING,
    "Show Metadata [Crystools]": _NOTHING,
    # Custom-Scripts; the second name is that of 2023
    "PresetText|pysssss": _PRESET,
    "PresetText": _PRESET,
    # Dev-Utils, VideoHelperSuite. What the second one gives stands in the reader's widget already.
    "TY_ExecutionTime": _KEPT,
    "VHS_SelectLatest": _KEPT,
}

NOTES: Final = frozenset(name for name, each in EDITOR_TYPES.items() if _TEXT in each.values)


def editor_type(node_type: str, catalogue: Catalogue) -> EditorType | None:
    """What is known of a type if it is the editor's own; None for a type that the server is told of.

    A pack may call a node of the server as another one calls one of the browser's: where the catalogue has a type that
    no server declares, it is that node.
    """
    found = EDITOR_TYPES.get(node_type)
    if found is None or found.is_core or found.is_declared or not catalogue.variants(node_type):
        return found
    return None
