"""What a call of a node's function answered, as items of its outputs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wftools.errors import RunError
from wftools.values import Block

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wftools.runtime.arguments import Items
    from wftools.runtime.call import Call

Outputs = tuple["Items", ...]
"""What a node gives, by slot."""


def outputs_of(call: Call, answer: Any) -> Outputs:
    """The values that a function returned. Raises RunError if they are not as many or not of the form it declares."""
    declared = call.signature.outputs
    if isinstance(answer, Block):
        return ((answer,),) * len(declared)
    values = _values(call, answer)
    return tuple(
        _elements(value, output.name) if output.is_list else (value,)
        for output, value in zip(declared, values, strict=True)
    )


def concatenated(call: Call, answers: Iterable[Outputs]) -> Outputs:
    """The outputs of a node whose function was called several times."""
    columns: list[list[Any]] = [[] for _ in call.signature.outputs]
    for answer in answers:
        for column, items in zip(columns, answer, strict=True):
            column.extend(items)
    return tuple(map(tuple, columns))


def _values(call: Call, answer: Any) -> tuple[Any, ...]:
    count = len(call.signature.outputs)
    if count == 0:
        return ()
    if not call.declared.returns_tuple:
        return (answer,)
    if not isinstance(answer, tuple) or len(answer) != count:
        given = f"{len(answer)} values" if isinstance(answer, tuple) else f"a {type(answer).__name__}"
        raise RunError(f"the node declares {count} outputs and returned {given}")
    return answer


def _elements(value: Any, name: str) -> Items:
    if isinstance(value, Block):
        return (value,)
    if not isinstance(value, list | tuple):
        raise RunError(f"output {name!r} is declared as a list and is a {type(value).__name__}")
    return tuple(value)
