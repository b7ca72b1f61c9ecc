"""The inputs that a node has, given what the prompt says of it: dynamic inputs spelled out.

ComfyUI's server spells them out before it validates: rows of an autogrow input are named `images.image0`, the inputs of
the chosen option of a dynamic combo `format.codec`. What is not in the resulting table is an undeclared input: it is
neither checked nor followed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from wftools.catalog.signature import Input, NodeSignature, Rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping


def expand(signature: NodeSignature, given: Mapping[str, Any], *, rows_required: bool = True) -> Mapping[str, Input]:
    """The declared inputs of a node by name; `given` are the inputs in the prompt.

    `rows_required`: whether the rows of an autogrow input below its minimum have to be there, as in ComfyUI 0.33.0.
    """
    if signature.is_static:
        return signature.by_name
    expanded = _expand(signature.inputs, "", given, rows_required=rows_required)
    return {declared.name: declared for declared in expanded}


def _expand(
    declared: Iterable[Input], prefix: str, given: Mapping[str, Any], *, rows_required: bool
) -> Iterator[Input]:
    for each in declared:
        name = prefix + each.name
        if isinstance(each.dynamic, Rows):
            yield from each.dynamic.inputs_of(name, required=rows_required)
            continue
        inner = each.brings(given.get(name))
        if inner is not None:
            yield replace(each, name=name) if prefix else each
            yield from _expand(inner, f"{name}.", given, rows_required=rows_required)
