"""Numbers as nodes reckon with them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from wftools.errors import RunError, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MAX_EXPONENT: Final = 4000  # of a power

# What may go wrong in an expression: its own grammar and limits, and what Python's arithmetic raises.
_FAULTS: Final = (ArithmeticError, ValueError, TypeError, SyntaxError, LookupError, AttributeError, RecursionError)


def evaluated(expression: str, values: Mapping[str, Any]) -> tuple[float, int, bool]:
    """The value of an expression over some named numbers: as a float, cut down to an integer, and whether it is not 0.

    It is Python's grammar without attributes, calls of anything but a few functions, or powers that fill memory.
    Raises RunError for what is no number in the end.
    """
    from simpleeval import InvalidExpression, simple_eval

    if not expression.strip():
        raise RunError("the expression is empty", hint="write one such as a + b")
    names = {**values, "values": list(values.values())}
    try:
        result = simple_eval(expression, names=names, functions=_FUNCTIONS)
        number = float(result) if isinstance(result, int | float) else math.nan
    except (*_FAULTS, InvalidExpression) as error:
        raise RunError(f"the expression {shown(expression)} has no value: {error}") from error
    if not math.isfinite(number):
        raise RunError(f"the expression {shown(expression)} gives {shown(result)}, which is no finite number")
    return number, int(result), bool(result)


def converted(value: Any) -> tuple[float, int]:
    """A number, a text that spells one, or a boolean, as a float and cut down to an integer."""
    if isinstance(value, str):
        text = value.strip()
        try:
            number = float(text)
        except ValueError as error:
            raise RunError(f"{shown(value)} spells no number") from error
        whole = _integer(text)
    elif isinstance(value, int | float):
        number, whole = _as_float(value), value if isinstance(value, int) else None
    else:
        raise RunError(f"a {type(value).__name__} is no number")
    if not math.isfinite(number):
        raise RunError(f"{shown(value)} is no finite number")
    return number, int(number if whole is None else whole)


def _integer(text: str) -> int | None:
    try:
        return int(text)
    except ValueError:
        return None


def _as_float(value: float) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf


def _sum(*numbers: Any) -> Any:
    """Of several numbers, or of those in a list."""
    return sum(numbers[0]) if len(numbers) == 1 and isinstance(numbers[0], list) else sum(numbers)


def _power(base: Any, exponent: Any) -> Any:
    if abs(exponent) > MAX_EXPONENT:
        raise ValueError(f"the exponent {exponent} is beyond {MAX_EXPONENT:,}")
    return pow(base, exponent)


_FUNCTIONS: Final[Mapping[str, Callable[..., Any]]] = {
    "sum": _sum,
    "min": min,
    "max": max,
    "abs": abs,
    "round": round,
    "pow": _power,
    "sqrt": math.sqrt,
    "ceil": math.ceil,
    "floor": math.floor,
    "log": math.log,
    "log2": math.log2,
    "log10": math.log10,
    "sin": math.sin,
    "cos": math.cos,
    "tan": math.tan,
    "int": int,
    "float": float,
}
