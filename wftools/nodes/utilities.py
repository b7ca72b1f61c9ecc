"""Nodes of the category "utilities"."""

import json
from collections.abc import Mapping
from dataclasses import fields
from typing import Annotated, Any, Final

from wftools.catalog.declare import (
    ANY,
    BOOLEAN,
    CONTEXT,
    FLOAT,
    INT,
    IS_LIST,
    STRING,
    Int,
    Socket,
    String,
    choice,
    node,
)
from wftools.catalog.dynamic import Autogrow, Match
from wftools.context import Saved
from wftools.nodes.text import LETTERS
from wftools.values import Audio, Cond, Latent

# How many values of a large tensor are printed at each end of a dimension.
_SHOWN_AT_EDGES: Final = 6


@node("PreviewAny", category="utilities", display_name="Preview as Text", output_node=True)
def preview_any(*, source: ANY, context: CONTEXT) -> STRING:
    """Show a value as text, and return the text."""
    text = as_text(source)
    context.saved.append(Saved("text", text=text))
    return text


def as_text(value: Any) -> str:
    """A value as ComfyUI shows it: text as it is, numbers as Python writes them, lists and objects as indented JSON.

    What is no JSON, such as a tensor or a model, is shown as Python prints it.
    """
    if isinstance(value, str):
        return value
    if value is None or isinstance(value, bool | int | float):
        return str(value)
    try:
        return json.dumps(value, indent=4, ensure_ascii=False)
    except (TypeError, ValueError):
        from torch._tensor_str import printoptions

        with printoptions(edgeitems=_SHOWN_AT_EDGES):
            return str(_as_comfyui_has_it(value))


def _as_comfyui_has_it(value: Any) -> Any:
    """A conditioning as pairs, a latent and a sound as dictionaries; anything else as it is."""
    if isinstance(value, tuple) and value and all(isinstance(each, Cond) for each in value):
        return [[cond.tensor, dict(cond.named())] for cond in value]
    if isinstance(value, Audio | Latent):
        parts = {each.name: getattr(value, each.name) for each in fields(value)}
        return {name: part for name, part in parts.items() if part is not None}
    return value


Anything = Annotated[Any, Match("type")]
Numbers = Annotated[Mapping[str, Any], Autogrow({"value": Socket("FLOAT,INT,BOOLEAN")}, names=LETTERS, least=1)]


@node("CreateList", category="utilities", display_name="Create List", is_input_list=True, outputs=("list",))
def create_list(
    *, inputs: Annotated[Mapping[str, Any], Autogrow({"input": Anything}, least=1)]
) -> Annotated[list[Any], Match("type"), IS_LIST]:
    """All values as one list, over which what it is linked to is mapped."""
    return [value for values in inputs.values() for value in values]


@node("SeedNode", category="utilities", display_name="Seed", outputs=("seed",))
def seed_node(*, seed: Annotated[int, Int(0, 2**63 - 1, control_after_generate="fixed")]) -> INT:
    """The seed of the widget."""
    return seed


@node(
    "CustomCombo",
    category="utilities",
    display_name="Custom Combo",
    outputs=("STRING", "INDEX"),
    experimental=True,
    unlisted={"index": Int()},
)
def custom_combo(*, choice: Annotated[str, choice(())], index: int = 0) -> tuple[STRING, INT]:
    """What is chosen of options that are the workflow's own, and its place among them."""
    return choice, index


@node("ComfyMathExpression", category="utilities", display_name="Math Expression", outputs=("FLOAT", "INT", "BOOL"))
def comfy_math_expression(
    *, expression: Annotated[str, String(multiline=True)] = "a + b", values: Numbers
) -> tuple[FLOAT, INT, BOOLEAN]:
    """The value of an expression over the numbers `a`, `b` …; `values` is all of them."""
    from wftools.numbers import evaluated

    return evaluated(expression, values)


@node("ComfyNumberConvert", category="utilities", display_name="Convert Number", outputs=("FLOAT", "INT"))
def comfy_number_convert(*, value: Annotated[Any, Socket("INT,FLOAT,STRING,BOOLEAN")]) -> tuple[FLOAT, INT]:
    """A number, the number that a text spells, or whether something is so, as a float and cut down to an integer."""
    from wftools.numbers import converted

    return converted(value)
