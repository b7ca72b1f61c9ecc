"""Values as the editor has them: its defaults, and how they stand in texts."""

from __future__ import annotations

from typing import Any

from wftools.catalog.signature import COMBO, DYNAMIC_COMBO, Input
from wftools.document.javascript import number_as_text


def default(declared: Input) -> Any:
    """The value that the editor gives a widget for which none was saved."""
    given = declared.options.get("default")
    if declared.type == DYNAMIC_COMBO:
        return given if given is not None else next(iter(declared.choices or ()), None)
    if declared.type == COMBO:
        return given or next(iter(declared.choices or ()), None)
    if given is not None:
        return given
    kind = declared.options.get("widgetType", declared.type)
    return {"INT": 0, "FLOAT": 0, "BOOLEAN": False, "STRING": "", "IMAGECOMPARE": ["", ""]}.get(kind)


def for_null(declared: Input) -> Any:
    """What the editor gives a widget for which null was saved: the first choice of a menu, else null."""
    return next(iter(declared.choices or ()), None) if declared.type == COMBO else None


def as_text(value: Any) -> str:
    """A value as it stands in a text."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return number_as_text(value) if isinstance(value, int | float) else str(value)
