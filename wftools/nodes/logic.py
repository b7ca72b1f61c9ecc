"""Nodes of the category "utilities/logic"."""

from typing import Annotated, Any

from wftools.catalog.declare import BOOLEAN, LAZY, node
from wftools.catalog.dynamic import Match
from wftools.values import PENDING, Need

Switched = Annotated[Any, Match("switch")]


@node(
    "ComfySwitchNode", category="utilities/logic", display_name="If/Else Switch", outputs=("output",), experimental=True
)
def comfy_switch_node(
    *, switch: BOOLEAN, on_false: Annotated[Switched, LAZY], on_true: Annotated[Switched, LAZY]
) -> Switched | Need:
    """One of two values; the other one is not computed."""
    value = on_true if switch else on_false
    return Need(("on_true" if switch else "on_false",)) if value is PENDING else value
