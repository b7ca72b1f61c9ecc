"""Widgets that the editor adds to some node types, beyond what the server declares.

They take places in `widgets_values`, and their values reach the prompt, where the server ignores them. Observed in
frontend 1.58.1.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from wftools.catalog.signature import Input, NodeSignature

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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
