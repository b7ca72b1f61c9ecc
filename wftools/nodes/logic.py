"""Nodes of the category "utilities/logic"."""

from collections.abc import Mapping
from typing import Annotated, Any

from wftools.catalog.declare import ANY, BOOLEAN, LAZY, node
from wftools.catalog.dynamic import Autogrow, Match
from wftools.errors import RunError
from wftools.values import PENDING, Need

Switched = Annotated[Any, Match("switch")]
Values = Annotated[Mapping[str, Any], Autogrow({"value": ANY}, least=1)]


@node(
    "ComfySwitchNode", category="utilities/logic", display_name="If/Else Switch", outputs=("output",), experimental=True
)
def comfy_switch_node(
    *, switch: BOOLEAN, on_false: Annotated[Switched, LAZY], on_true: Annotated[Switched, LAZY]
) -> Switched | Need:
    """One of two values; the other one is not computed."""
    value = on_true if switch else on_false
    return Need(("on_true" if switch else "on_false",)) if value is PENDING else value


@node("ComfyNotNode", category="utilities/logic", display_name="Not")
def comfy_not_node(*, value: ANY) -> BOOLEAN:
    """Whether a value is nothing: false, 0, or empty."""
    return not truth(value)


@node("ComfyAndNode", category="utilities/logic", display_name="And")
def comfy_and_node(*, values: Values) -> BOOLEAN:
    """Whether every value is something."""
    return all(truth(value) for value in values.values())


@node("ComfyOrNode", category="utilities/logic", display_name="Or")
def comfy_or_node(*, values: Values) -> BOOLEAN:
    """Whether any value is something."""
    return any(truth(value) for value in values.values())


def truth(value: Any) -> bool:
    """Whether Python takes a value for something. Raises RunError for what has no such answer, as a picture."""
    try:
        return bool(value)
    except (RuntimeError, ValueError, TypeError) as error:
        raise RunError(
            f"a {type(value).__name__} is neither true nor false", hint="connect a number, a text or a boolean"
        ) from error
