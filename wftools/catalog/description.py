"""Node types as text and as JSON."""

from __future__ import annotations

import json
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from wftools.catalog.object_info import object_info
from wftools.catalog.signature import AUTOGROW, COMBO, DYNAMIC_COMBO, Input, NodeSignature
from wftools.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wftools.catalog.lookup import Catalogue


def listing(catalogue: Catalogue, pattern: str | None, *, implemented: bool, as_json: bool) -> str:
    """The node types that match, by name."""
    ours = _implemented()
    found = [
        signature
        for name in sorted(catalogue.types())
        if (signature := catalogue.signature(name)) is not None
        and _matches(signature, pattern)
        and (not implemented or name in ours)
    ]
    if as_json:
        return json.dumps([_entry(signature, signature.type in ours) for signature in found], indent=2)
    width = max((len(signature.type) for signature in found), default=0)
    return "\n".join(f"{signature.type:<{width}}  {signature.category}" for signature in found)


def description(catalogue: Catalogue, node_type: str, *, as_json: bool) -> str:
    """What a node type takes and gives. Raises InputError for one that is not known."""
    signature = catalogue.signature(node_type)
    if signature is None:
        near = get_close_matches(node_type, catalogue.types(), n=1)
        hint = f"did you mean {near[0]!r}?" if near else "give --object-info for custom nodes"
        raise InputError(f"node type {node_type!r} is not known", hint=hint)
    if as_json:
        return json.dumps(object_info(signature), indent=2, ensure_ascii=False)
    return "\n".join(_lines(catalogue, signature))


def _matches(signature: NodeSignature, pattern: str | None) -> bool:
    return pattern is None or pattern.lower() in f"{signature.type}\n{signature.category}/".lower()


def _entry(signature: NodeSignature, implemented: bool) -> dict[str, Any]:
    return {
        "type": signature.type,
        "display_name": signature.display_name,
        "category": signature.category,
        "output_node": signature.output_node,
        "deprecated": signature.deprecated,
        "implemented": implemented,
    }


def _lines(catalogue: Catalogue, signature: NodeSignature) -> Iterator[str]:
    yield f"{signature.type}: {signature.display_name}"
    yield f"  category  {signature.category or '-'}"
    yield f"  known to  {', '.join(_sources(catalogue, signature))}"
    yield f"  runs here {'yes' if signature.type in _implemented() else 'not yet'}"
    flags = [flag for flag in ("output_node", "deprecated", "experimental", "api_node") if getattr(signature, flag)]
    if flags:
        yield f"  is        {', '.join(flags)}"
    yield "inputs"
    width = max((len(each.name) for each in signature.inputs), default=0)
    for each in signature.inputs:
        yield f"  {each.name:<{width}}  {each.type}{'' if each.required else ', optional'}{_details(each)}"
    yield "outputs"
    for index, output in enumerate(signature.outputs):
        yield f"  {index}  {output.name}  {output.type}{' (list)' if output.is_list else ''}"


def _sources(catalogue: Catalogue, signature: NodeSignature) -> list[str]:
    versions = [v for each in catalogue.variants(signature.type) for v in each.versions]
    return [f"ComfyUI {version}" for version in versions] or ["the given object_info"]


def _details(declared: Input) -> str:
    parts = []
    options = declared.options
    if declared.folder:
        parts.append(f"a file of {declared.folder}")
    if declared.type == COMBO and declared.choices:
        parts.append("one of " + ", ".join(str(choice) for choice in declared.choices))
    if declared.type == DYNAMIC_COMBO:
        parts.append("one of " + ", ".join(str(option["key"]) for option in options.get("options") or ()))
    if declared.type == AUTOGROW:
        template = declared.template
        parts.append(f"{template.get('min', 0)} to {template.get('max', len(template.get('names') or ()))} rows")
    if "min" in options and "max" in options:
        parts.append(f"{options['min']} to {options['max']}")
    if declared.default is not None:
        parts.append(f"default {declared.default!r}")
    return "".join(f"; {part}" for part in parts)


def _implemented() -> frozenset[str]:
    from wftools.catalog.nodes import NodeTypes

    return frozenset(NodeTypes())
