"""Whether an input takes a value that somebody typed, and how the value is written there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from wftools.catalog.literals import limits
from wftools.catalog.near import nearest
from wftools.catalog.signature import COMBO, DYNAMIC_COMBO
from wftools.document.jsontext import is_json
from wftools.errors import InputError, listed, shown
from wftools.graph.widget_values.order import WIDGET_TYPES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wftools.catalog.signature import Input
    from wftools.graph.naming import Setting

MAX_OFFERED: Final = 8  # choices in a hint
_EXACT: Final = 2**53  # up to there, floating point holds all integers


def fitting(wanted: Setting, old: Any, declared: Sequence[Input], *, is_checked_by_class: bool = False) -> Any:
    """The value as an input takes it that is declared in one of these ways, the first preferred.

    What is typed for a text is that text, be it a number; likewise for a choice. Where nothing is declared, the value
    that the input has tells what it takes. Raises InputError for a value that none of them takes.
    `is_checked_by_class`: neither range nor choices say what is taken.
    """
    if not is_json(wanted.value):
        raise InputError(f"{wanted}: {wanted.text} is no value that JSON has")
    if not declared:
        return _like(wanted, old)
    refusal: InputError | None = None
    for each in declared:
        try:
            value = _converted(wanted, each)
            if not is_checked_by_class:
                _check(wanted, each, value)
        except InputError as error:
            refusal = refusal or error
        else:
            return value
    assert refusal is not None
    raise refusal


def _like(wanted: Setting, old: Any) -> Any:
    """The value as one of the kind of the old one."""
    kind = {bool: "true or false", int: "a number", float: "a number"}.get(type(old))
    is_number = isinstance(wanted.value, int | float) and not isinstance(wanted.value, bool)
    fits = isinstance(wanted.value, bool) if isinstance(old, bool) else is_number
    if kind is not None and not fits:
        raise InputError(
            f"{wanted}: the input has {kind}, not a value such as {shown(wanted.value)}", hint="--force sets it"
        )
    return wanted.text if isinstance(old, str) and not isinstance(wanted.value, str) else wanted.value


def spelled_like(old: Any, value: Any, *, is_ui: bool) -> Any:
    """A number as the one before it was spelled: 7 and 7.0 are one. The editor writes 7, Python programs may differ."""
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) >= _EXACT:
        return value
    if isinstance(old, float) and (not is_ui or old.is_integer()):
        return float(value)
    is_whole = isinstance(value, float) and value.is_integer() and str(value) != "-0.0"
    return int(value) if is_whole and (is_ui or isinstance(old, int)) else value


def _converted(wanted: Setting, declared: Input) -> Any:
    """The value as one of the type of its input."""
    value = wanted.value
    kind = declared.options.get("widgetType", declared.type)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    match kind:
        case "STRING":
            return value if isinstance(value, str) else wanted.text
        case "BOOLEAN" if not isinstance(value, bool):
            raise _refused(wanted, declared, "true or false")
        case "INT" if not is_number or value % 1:
            raise _refused(wanted, declared, "a whole number")
        case "INT":
            return int(value)
        case "FLOAT" if not is_number:
            raise _refused(wanted, declared, "a number")
        case _ if kind in (COMBO, DYNAMIC_COMBO):
            choices = declared.choices
            is_typed = isinstance(value, str) or (choices is not None and value in choices and value is not True)
            return value if is_typed or declared.options.get("multiselect") else wanted.text
        case _ if kind not in WIDGET_TYPES and "," not in kind and kind != "*" and kind.isupper():
            raise InputError(f"{wanted}: {declared.name} takes {kind}, which only a link gives")
    return value


def _check(wanted: Setting, declared: Input, value: Any) -> None:
    """Raise InputError for a number out of range, or what is not offered."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        least, most = limits(declared)
        if value < least or value > most:
            taken = f"at least {least}" if value < least else f"at most {most}"
            raise InputError(f"{wanted}: {declared.name} is {shown(value)}, {taken} is taken")
    choices = declared.choices
    if choices is None or declared.is_open:
        return
    chosen = value if isinstance(value, list) and declared.options.get("multiselect") else [value]
    wrong = [each for each in chosen if each not in choices]
    if wrong:
        near = nearest(wrong[0], tuple(map(str, choices))) if isinstance(wrong[0], str) else None
        offered = listed([str(each) for each in choices], MAX_OFFERED) or "nothing"
        raise InputError(
            f"{wanted}: {declared.name} does not offer {', '.join(map(shown, wrong))}",
            hint=f"did you mean {near!r}?" if near else f"it offers {offered}",
        )


def _refused(wanted: Setting, declared: Input, kind: str) -> InputError:
    return InputError(f"{wanted}: {declared.name} takes {kind}, not {shown(wanted.value)}")
