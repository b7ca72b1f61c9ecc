"""Values as text: `str`, `repr`, formats. What holds something unknown has no text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from wftools.scan.interpreter import attributes, calls
from wftools.scan.interpreter.builtin.errors import is_exception
from wftools.scan.interpreter.limits import Bound
from wftools.scan.interpreter.values import (
    MISSING,
    BoundMethod,
    ClassValue,
    Foreign,
    FunctionValue,
    Instance,
    ModuleValue,
    Undecided,
    Unknown,
    Value,
    plain,
)

if TYPE_CHECKING:
    from wftools.scan.interpreter.interpreter import Interpreter

MAX_WIDTH: Final = 10_000  # of one field of a format
_WIDTHS: Final = re.compile(r"\d{5,}")
_PERCENT: Final = re.compile(r"%(?:\((?P<key>[^)]*)\))?[-#0 +]*(?:\*|\d*)(?:\.(?:\*|\d*))?[hlL]?(?P<kind>.)", re.DOTALL)


def text(interpreter: Interpreter, value: Value) -> str:
    """`str(value)`. Raises `Undecided` if it is not known."""
    if isinstance(value, str):
        return value
    if isinstance(value, Instance):
        for name in ("__str__", "__repr__"):
            method = interpreter.special(value, name)
            if method is not MISSING:
                return _as_text(calls.call(interpreter, method, [], {}))
        if is_exception(value.cls):
            return _of_exception(interpreter, value)
        if value.cls.members is not None:
            return f"{value.cls.name}.{value.attributes.get('_name_', '?')}"
        if value.native is not MISSING:
            return text(interpreter, value.native)
    return representation(interpreter, value)


def _as_text(value: Value) -> str:
    value = plain(value)
    if isinstance(value, str):
        return value
    raise Undecided(value.reason if isinstance(value, Unknown) else "__str__ gives no text")


def _of_exception(interpreter: Interpreter, value: Instance) -> str:
    arguments = value.attributes.get("args", ())
    if not isinstance(arguments, tuple) or not arguments:
        return ""
    return text(interpreter, arguments[0] if len(arguments) == 1 else arguments)


def representation(interpreter: Interpreter, value: Value) -> str:
    """`repr(value)`. Raises `Undecided` if it is not known, or has an address in it."""
    if isinstance(value, Unknown):
        raise Undecided(value.reason)
    if isinstance(value, bool | int | float | str | bytes | None):
        return str(interpreter.natively(repr, value))
    if isinstance(value, Instance):
        method = interpreter.special(value, "__repr__")
        if method is not MISSING:
            return _as_text(calls.call(interpreter, method, [], {}))
        if value.cls.members is not None:
            shown = representation(interpreter, value.attributes.get("_value_"))
            return f"<{value.cls.name}.{value.attributes.get('_name_', '?')}: {shown}>"
        if value.native is not MISSING:
            return representation(interpreter, value.native)
    if isinstance(value, list | tuple | dict | set | frozenset):
        interpreter.budget.measure(value)
        return _of_container(interpreter, value)
    if isinstance(value, ClassValue):
        return f"<class '{value.name if value.builtin else f'{value.module}.{value.name}'}'>"
    if isinstance(value, ModuleValue | FunctionValue | Foreign | BoundMethod | Instance):
        raise Undecided("the text of an object")
    if isinstance(value, range | slice | complex | frozenset | bytearray) or value in (NotImplemented, ...):
        return repr(value)
    raise Undecided("the text of an object")


def _of_container(interpreter: Interpreter, value: Any) -> str:
    def each(items: Any) -> str:
        return ", ".join(representation(interpreter, item) for item in items)

    if isinstance(value, list):
        return f"[{each(value)}]"
    if isinstance(value, tuple):
        return f"({each(value)},)" if len(value) == 1 else f"({each(value)})"
    if isinstance(value, dict):
        shown = (
            f"{representation(interpreter, key)}: {representation(interpreter, item)}" for key, item in value.items()
        )
        return f"{{{', '.join(shown)}}}"
    if len(value) > 1:
        raise Undecided("a set has no order")
    inner = f"{{{each(value)}}}" if value else "set()"
    return inner if isinstance(value, set) else f"frozenset({inner if value else ''})"


def formatted(interpreter: Interpreter, value: Value, spec: str) -> str:
    """`format(value, spec)`."""
    _check_widths(spec)
    if isinstance(value, Instance):
        method = interpreter.special(value, "__format__")
        if method is not MISSING:
            return _as_text(calls.call(interpreter, method, [spec], {}))
        if value.cls.members is not None and value.native is not MISSING and "__str__" not in value.cls.attributes:
            value = value.native
    if not spec:
        return text(interpreter, value)
    value = plain(value)
    if isinstance(value, Unknown):
        raise Undecided(value.reason)
    return str(interpreter.natively(format, value, spec))


def _check_widths(spec: str) -> None:
    if _WIDTHS.search(spec) and any(int(width[:20]) > MAX_WIDTH for width in _WIDTHS.findall(spec)):
        raise Bound("a text would be too long")


def percent(interpreter: Interpreter, template: Any, values: Value) -> Any:
    """`template % values`."""
    _check_widths(template if isinstance(template, str) else template.decode("latin-1"))
    if isinstance(template, bytes):
        return Unknown("bytes that are formatted")
    mapping = plain(values)
    kinds = [match["kind"] for match in _PERCENT.finditer(template) if match["kind"] != "%"]
    if "*" in template and re.search(r"%[^%a-zA-Z]*\*", template):
        return Unknown("a format with a computed width")
    if isinstance(mapping, dict):
        return interpreter.natively(
            template.__mod__, {key: _for_percent(interpreter, each) for key, each in mapping.items()}
        )
    parts = values if isinstance(values, tuple) else (values,)
    ready = tuple(
        _for_percent(interpreter, each, kind) for each, kind in zip(parts, kinds + ["s"] * len(parts), strict=False)
    )
    return interpreter.natively(template.__mod__, ready)


def _for_percent(interpreter: Interpreter, value: Value, kind: str = "s") -> Value:
    if isinstance(value, Unknown):
        raise Undecided(value.reason)
    if kind == "r":
        return _Spelled(representation(interpreter, value))
    value = value if isinstance(value, Instance) else plain(value)
    if isinstance(value, int | float | str):
        return value
    if kind == "s":
        return text(interpreter, value)
    return plain(value)


class _Spelled(str):
    """A text that is its own `repr`."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def by_format(interpreter: Interpreter, template: str, arguments: list[Value], named: dict[str, Value]) -> Value:
    """`template.format(*arguments, **named)`."""
    parts: list[str] = []
    automatic = 0
    for literal, name, spec, conversion in interpreter.natively(_fields, template):
        parts.append(literal)
        if name is None:
            continue
        first, rest = interpreter.natively(_split_field, name)
        if first == "":
            first, automatic = automatic, automatic + 1
        value = _argument(interpreter, first, arguments, named)
        for is_attribute, key in rest:
            value = attributes.get(interpreter, value, key) if is_attribute else _item(interpreter, value, key)
        if conversion == "r":
            value = representation(interpreter, value)
        elif conversion == "s":
            value = text(interpreter, value)
        inner = _as_text(by_format(interpreter, spec, arguments[automatic:], named)) if "{" in spec else spec
        parts.append(formatted(interpreter, value, inner))
    interpreter.budget.length(sum(map(len, parts)))
    return "".join(parts)


def _fields(template: str) -> list[tuple[str, str | None, str, str | None]]:
    import string

    return [(literal, name, spec or "", kind) for literal, name, spec, kind in string.Formatter().parse(template)]


def _split_field(name: str) -> tuple[Any, list[tuple[bool, Any]]]:
    match = re.match(r"[^.\[]*", name)
    first = match.group() if match else ""
    rest = [(bool(a), a or (int(b) if b.isdigit() else b)) for a, b in re.findall(r"\.([^.\[]+)|\[([^\]]+)\]", name)]
    return int(first) if first.isdigit() else first, rest


def _argument(interpreter: Interpreter, key: Any, arguments: list[Value], named: dict[str, Value]) -> Value:
    if isinstance(key, int):
        if key >= len(arguments):
            raise interpreter.error("IndexError", "Replacement index out of range for positional args tuple")
        return arguments[key]
    if key not in named:
        raise interpreter.error("KeyError", key)
    return named[key]


def _item(interpreter: Interpreter, value: Value, key: Any) -> Value:
    from wftools.scan.interpreter import containers

    return containers.get_item(interpreter, value, key)
