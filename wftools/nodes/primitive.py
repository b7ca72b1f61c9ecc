"""Nodes of the category "utilities/primitive": a widget as an output."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

from wftools.catalog.declare import BOOLEAN, FLOAT, INT, STRING, Float, Int, Socket, String, node
from wftools.nodes._widgets import MAX_RESOLUTION

BOUNDING_BOX = Annotated[Mapping[str, Any], Socket("BOUNDING_BOX")]

_LIMIT: Final = 2**63 - 1
_CATEGORY: Final = "utilities/primitive"


@node("PrimitiveInt", category=_CATEGORY, display_name="Int")
def primitive_int(*, value: Annotated[int, Int(-_LIMIT, _LIMIT, control_after_generate="fixed")]) -> INT:
    """The integer of the widget."""
    return value


@node("PrimitiveFloat", category=_CATEGORY, display_name="Float")
def primitive_float(*, value: Annotated[float, Float(-_LIMIT, _LIMIT, step=0.1)]) -> FLOAT:
    """The number of the widget."""
    return value


@node("PrimitiveString", category=_CATEGORY, display_name="Text")
def primitive_string(*, value: STRING) -> STRING:
    """The line of the widget."""
    return value


@node("PrimitiveStringMultiline", category=_CATEGORY, display_name="Text (Multiline)")
def primitive_string_multiline(*, value: Annotated[str, String(multiline=True)]) -> STRING:
    """The text of the widget."""
    return value


@node("PrimitiveBoolean", category=_CATEGORY, display_name="Boolean")
def primitive_boolean(*, value: BOOLEAN) -> BOOLEAN:
    """Whether the widget is on."""
    return value


@node("PrimitiveBoundingBox", category=_CATEGORY, display_name="Bounding Box")
def primitive_bounding_box(
    *,
    x: Annotated[int, Int(0, MAX_RESOLUTION)] = 0,
    y: Annotated[int, Int(0, MAX_RESOLUTION)] = 0,
    width: Annotated[int, Int(1, MAX_RESOLUTION)] = 512,
    height: Annotated[int, Int(1, MAX_RESOLUTION)] = 512,
) -> BOUNDING_BOX:
    """A rectangle in pixels, from its left upper corner."""
    return {"x": x, "y": y, "width": width, "height": height}
