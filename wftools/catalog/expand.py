"""The inputs that a node has, given what the prompt says of it: dynamic inputs spelled out.

ComfyUI's server spells them out before it validates: rows of an autogrow input are named `images.image0`, the inputs of
the chosen option of a dynamic combo `format.codec`. What is not in the resulting table is an undeclared input: it is
neither checked nor followed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from wftools.catalog.object_info import inputs
from wftools.catalog.signature import AUTOGROW, DYNAMIC_COMBO, DYNAMIC_SLOT, Input, NodeSignature

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping


def expand(signature: NodeSignature, given: Mapping[str, Any], *, rows_required: bool = True) -> dict[str, Input]:
    """The declared inputs of a node by name; `given` are the inputs in the prompt.

    `rows_required`: whether the rows of an autogrow input below its minimum have to be there, as in ComfyUI 0.33.0.
    """
    if signature.is_static:
        return {declared.name: declared for declared in signature.inputs}
    expanded = _expand(signature.inputs, "", given, rows_required=rows_required)
    return {declared.name: declared for declared in expanded}


def _expand(
    declared: Iterable[Input], prefix: str, given: Mapping[str, Any], *, rows_required: bool
) -> Iterator[Input]:
    for each in declared:
        name = prefix + each.name
        if each.type == AUTOGROW:
            grown = rows(each, f"{name}.")
            if not rows_required:
                grown = (replace(row, required=False) for row in grown)
            yield from _expand(grown, "", given, rows_required=rows_required)
        elif each.type == DYNAMIC_COMBO:
            option = chosen(each, given.get(name))
            if option is not None:
                yield replace(each, name=name)
                inner = inputs(option.get("inputs") or {})
                yield from _expand(inner, f"{name}.", given, rows_required=rows_required)
        elif each.type == DYNAMIC_SLOT:
            if name in given:
                yield replace(each, name=name)
                inner = inputs(each.options.get("inputs") or {})
                yield from _expand(inner, f"{name}.", given, rows_required=rows_required)
        else:
            yield replace(each, name=name) if prefix else each


def rows(autogrow: Input, prefix: str = "") -> Iterator[Input]:
    """The possible rows of an autogrow input, named as in the prompt; `prefix` is the input's own name with a dot."""
    template = autogrow.template
    row = next(inputs(template.get("input") or {}), None)
    if row is None:
        return
    names = template.get("names")
    if names is None:
        names = [f"{template.get('prefix', row.name)}{index}" for index in range(int(template.get("max", 0)))]
    minimum = int(template.get("min", 0))
    for index, name in enumerate(names):
        yield Input(f"{prefix}{name}", row.type, row.required and index < minimum, row.options, row.listed)


def chosen(combo: Input, value: Any) -> Mapping[str, Any] | None:
    """The option of a dynamic combo whose key this value is, in type and case; None if there is none."""
    options = combo.options.get("options") or ()
    return next((o for o in options if type(o["key"]) is type(value) and o["key"] == value), None)
