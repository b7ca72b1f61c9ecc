"""Values as the editor has them: its defaults, and numbers in texts as JavaScript writes them."""

from __future__ import annotations

from decimal import Decimal
from math import isfinite
from typing import Any, Final

from wftools.catalog.signature import COMBO, DYNAMIC_COMBO, Input

_LARGEST: Final = 21  # digits before the point that JavaScript writes out; from there on it writes an exponent
_SMALLEST: Final = -6  # noughts behind the point that it writes out


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


def number_as_text(number: float) -> str:
    """A number as JavaScript's String() spells it: the shortest digits that are read as the same number.

    JavaScript has no integers: of those that floating point does not hold, it spells the nearest that it does.
    """
    try:
        exact = float(number)
    except OverflowError:
        exact = float("inf") if number > 0 else float("-inf")
    if not isfinite(exact):
        return "NaN" if exact != exact else "Infinity" if exact > 0 else "-Infinity"  # noqa: PLR0124
    if exact == 0:
        return "0"
    negative, digits, exponent = Decimal(repr(exact)).normalize().as_tuple()
    assert isinstance(exponent, int)
    text = "".join(map(str, digits))
    point = len(text) + exponent  # how many digits stand before the point
    if len(text) <= point <= _LARGEST:
        text = text.ljust(point, "0")
    elif 0 < point <= _LARGEST:
        text = f"{text[:point]}.{text[point:]}"
    elif _SMALLEST < point <= 0:
        text = f"0.{'0' * -point}{text}"
    else:
        fraction = f".{text[1:]}" if len(text) > 1 else ""
        text = f"{text[0]}{fraction}e{point - 1:+d}"
    return "-" * negative + text
