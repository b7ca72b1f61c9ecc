"""Numbers as JavaScript spells them: what the editor writes into files and texts."""

from __future__ import annotations

from decimal import Decimal
from math import isfinite
from typing import Final

_LARGEST: Final = 21  # digits before the point that JavaScript writes out; from there on it writes an exponent
_SMALLEST: Final = -6  # noughts behind the point that it writes out


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
