"""Literals as ComfyUI's server takes them: converted to the type of their input, and tested for its range."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from wftools.catalog.signature import Input

WRAPPED: Final = "__value__"  # how a list is written that is no link


class Unconvertible(Exception):  # noqa: N818  (an answer, not an error)
    """The server answers invalid_input_type."""


def literal(value: Any) -> Any:
    """A literal without its wrapping."""
    return value[WRAPPED] if isinstance(value, dict) and WRAPPED in value else value


def convert(kind: str, value: Any) -> Any:
    """A literal as the server takes it for an input of a type. Raises Unconvertible.

    Only the four plain types are converted, as Python does it: "512" is an INT, 512.9 and true as well.
    """
    converter = _CONVERTERS.get(kind)
    if converter is None:
        return value
    try:
        return converter(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise Unconvertible from error


def limits(declared: Input) -> tuple[float, float]:
    """The smallest and the largest number that an input takes."""
    low, high = declared.options.get("min"), declared.options.get("max")
    return low if isinstance(low, int | float) else -inf, high if isinstance(high, int | float) else inf


def takes(declared: Input, value: Any) -> bool:
    """Whether an input takes a literal: the right type, in range, among the choices. Links are taken unseen."""
    if isinstance(value, list):
        return True
    try:
        converted = convert(declared.type, literal(value))
    except Unconvertible:
        return False
    low, high = limits(declared)
    if isinstance(converted, int | float) and (converted < low or converted > high):  # NaN passes
        return False
    return declared.choices is None or declared.is_open or converted in declared.choices


_CONVERTERS: Final[Mapping[str, Callable[[Any], Any]]] = {"INT": int, "FLOAT": float, "STRING": str, "BOOLEAN": bool}
