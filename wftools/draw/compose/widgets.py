"""How the values of widgets are shown."""

from __future__ import annotations

import json
from math import floor, isfinite, log10
from typing import TYPE_CHECKING, Any, Final

from wftools.catalog.signature import COMBO, DYNAMIC_COMBO
from wftools.document.javascript import number_as_text
from wftools.draw.scene import DrawnWidget
from wftools.graph.widget_values.order import BUTTON_TYPES, CONTROL

if TYPE_CHECKING:
    from wftools.catalog.signature import Input
    from wftools.draw.scene import Look

BUTTONS: Final = frozenset({"upload", "upload 3d model", "upload extra resources", "clear"})

LONG: Final = 80  # characters of an undeclared text from which on it is taken for one of several lines
MAX_TEXT: Final = 20_000  # characters of a value that a picture holds

_LOOKS: Final[dict[str, Look]] = {
    "INT": "number",
    "FLOAT": "number",
    "BOOLEAN": "toggle",
    "MARKDOWN": "text",
    "TEXTAREA": "text",
    COMBO: "combo",
    DYNAMIC_COMBO: "combo",
    **dict.fromkeys(BUTTON_TYPES, "button"),
}
_STEP: Final = 0.5  # of a declared number without one
_DIGITS: Final = 12  # of a float
_LARGE: Final = 10**40  # integers beyond are shown as JavaScript would


def widget(name: str, label: str, value: Any, declared: Input | None, *, is_linked: bool = False) -> DrawnWidget:
    """A widget, without its place yet."""
    look = _look(name, value, declared)
    return DrawnWidget(name, label, value, value_text(value, declared), look, is_linked=is_linked)


def value_text(value: Any, declared: Input | None = None) -> str:
    """A value as a person reads it: numbers with as many digits as their step has, at least; objects as JSON."""
    if isinstance(value, str):
        return value[:MAX_TEXT]
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        text = str(value) if isinstance(value, int) and abs(value) <= _LARGE else _shortest(value)
        return _padded(text, declared) if declared is not None and declared.type == "FLOAT" else text
    return json.dumps(value, ensure_ascii=False)[:MAX_TEXT]


def _look(name: str, value: Any, declared: Input | None) -> Look:
    if name == CONTROL:
        return "combo"
    if name in BUTTONS:
        return "button"
    if declared is not None:
        kind = str(declared.options.get("widgetType", declared.type))
        if kind == "STRING" and declared.options.get("multiline"):
            return "text"
        return _LOOKS.get(kind, "line")
    if isinstance(value, bool):
        return "toggle"
    if isinstance(value, int | float):
        return "number"
    return "text" if isinstance(value, str) and ("\n" in value or len(value) > LONG) else "line"


def _shortest(value: float) -> str:
    """A number without what arithmetic left in its last digits: 0.41, not 0.4099999999999999."""
    if isinstance(value, int) or not isfinite(value):  # an integer may be too large for a float
        return number_as_text(value)
    return number_as_text(float(f"{value:.{_DIGITS}g}"))


def _padded(text: str, declared: Input) -> str:
    """A number with the digits after its point that its step has. None is ever cut: it may be what was changed."""
    step = declared.options.get("step")
    step = step if isinstance(step, int | float) and step > 0 else _STEP
    digits = min(max(0, -floor(log10(step))), 10)
    whole, _, fraction = text.partition(".")
    return f"{whole}.{fraction.ljust(digits, '0')}" if digits and text.lstrip("-").replace(".", "").isdigit() else text
