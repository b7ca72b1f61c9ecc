"""What to make of code that may or may not run, as the test before it is unknown.

All its branches are followed. Afterwards a name has the value that every branch gives it, and is unknown if they
differ. Where it means a definition (a class, a function, a module), the first one is kept, and tables of classes are
put together, so that the nodes of a pack are found whatever machine it is made for. What such code does to lists and
dicts that existed before leaves an `Unknown` in them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wftools.scan.interpreter.limits import Bound, Budget
from wftools.scan.interpreter.values import (
    MISSING,
    BoundMethod,
    ClassMethod,
    ClassValue,
    Foreign,
    FunctionValue,
    Instance,
    ModuleValue,
    Property,
    StaticMethod,
    Undecided,
    Unknown,
    Value,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

DEFINITIONS = (ClassValue, FunctionValue, ModuleValue, BoundMethod, ClassMethod, StaticMethod, Property, Foreign)


class Doubt:
    """The tests that the code now followed depends on, and what it has made itself since."""

    def __init__(self) -> None:
        self.reasons: list[str] = []
        self._own: list[dict[int, Any]] = []  # by identity; the objects are kept, so that no other takes their place

    def __bool__(self) -> bool:
        return bool(self.reasons)

    def __len__(self) -> int:
        return len(self.reasons)

    def begin(self, reason: str) -> None:
        self.reasons.append(reason)
        self._own.append({})

    def back_to(self, depth: int) -> None:
        """End what began since there were `depth` tests."""
        while len(self.reasons) > depth:
            self.reasons.pop()
            own = self._own.pop()
            if self._own:
                self._own[-1].update(own)

    def made(self, value: Value) -> Value:
        """Note that the code made this itself, so that it may do with it what it likes."""
        if self._own:
            self._own[-1][id(value)] = value
        return value

    def about(self, value: Value) -> Unknown | None:
        """The doubt about a change of this value, if there is one."""
        if not self.reasons or id(value) in self._own[-1]:
            return None
        return Unknown(self.reasons[-1], many=True)


def either(values: Iterable[Value], reason: str, budget: Budget) -> Value:
    """The one value that it is in any case, or the definition that comes first, or `Unknown`."""
    present = [value for value in values if value is not MISSING]
    if not present:
        return MISSING
    first = present[0]
    if all(value is first or same(value, first, budget) for value in present[1:]):
        return first
    tables = [value for value in present if _is_table(value)]
    if tables and all(
        value is None or _is_table(value) or value == {} for value in present if not isinstance(value, Unknown)
    ):
        return {key: value for table in reversed(tables) for key, value in table.items()}
    definitions = [value for value in present if isinstance(value, DEFINITIONS)]
    return definitions[0] if definitions else Unknown(reason)


def _is_table(value: Value) -> bool:
    """Whether a value is a table of classes, as far as it is known."""
    return (
        isinstance(value, dict)
        and any(isinstance(each, ClassValue) for each in value.values())
        and all(isinstance(each, ClassValue | Unknown) for each in value.values())
    )


def same(one: Value, other: Value, budget: Budget) -> bool:
    """Whether two values are surely the same, also in type, as far down as they go."""
    if one is other:
        return True
    if type(one) is not type(other) or isinstance(one, (Unknown, Instance, *DEFINITIONS)):
        return False
    try:
        budget.measure(one)
        budget.measure(other)
        return bool(one == other and _types_of(one) == _types_of(other))
    except (Bound, Undecided):
        return False


def _types_of(value: Value) -> list[Any]:
    """The types of a value's parts: 1, 1.0 and True are equal for Python, but not as a default."""
    if isinstance(value, dict):
        return [dict, *(part for each in value.values() for part in _types_of(each))]
    if isinstance(value, list | tuple):
        return [type(value), *(part for each in value for part in _types_of(each))]
    return [type(value)]
