"""Nodes of the category "utilities"."""

import json
from typing import Any, Final

from wftools.catalog.declare import ANY, CONTEXT, STRING, node
from wftools.context import Saved

# How many values of a large tensor are printed at each end of a dimension.
_SHOWN_AT_EDGES: Final = 6


@node("PreviewAny", category="utilities", display_name="Preview as Text", output_node=True)
def preview_any(*, source: ANY, context: CONTEXT) -> STRING:
    """Show a value as text, and return the text."""
    text = as_text(source)
    context.saved.append(Saved("text", text=text))
    return text


def as_text(value: Any) -> str:
    """A value as ComfyUI shows it: text as it is, numbers as Python writes them, lists and objects as indented JSON.

    What is no JSON, such as a tensor or a model, is shown as Python prints it.
    """
    if isinstance(value, str):
        return value
    if value is None or isinstance(value, bool | int | float):
        return str(value)
    try:
        return json.dumps(value, indent=4, ensure_ascii=False)
    except (TypeError, ValueError):
        from torch._tensor_str import printoptions

        with printoptions(edgeitems=_SHOWN_AT_EDGES):
            return str(value)
