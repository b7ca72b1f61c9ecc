"""Node types as text and as JSON: what `wftools nodes` tells."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from wftools.catalog.near import nearest
from wftools.catalog.nodes import NodeTypes
from wftools.catalog.object_info import object_info
from wftools.catalog.packs.known import COMMIT, how_established
from wftools.catalog.signature import Input, NodeSignature, Rows
from wftools.catalog.validators import ALL
from wftools.errors import InputError, shown
from wftools.escaping import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wftools.catalog.lookup import Catalogue
    from wftools.values import Json


def listed(catalogue: Catalogue, pattern: str | None = None) -> list[NodeSignature]:
    """The node types with `pattern` in their name or category, by name."""
    wanted = (pattern or "").lower()
    found = (catalogue.signature(name) for name in sorted(catalogue.types()))
    return [
        signature
        for signature in found
        if signature is not None and wanted in f"{signature.type}\n{signature.category}/".lower()
    ]


def listing(signatures: list[NodeSignature]) -> str:
    """A line for each node type: its name and its category."""
    width = max((len(each.type) for each in signatures), default=0)
    return "\n".join(printable(f"{each.type:<{width}}  {each.category}") for each in signatures)


def entries(signatures: list[NodeSignature]) -> list[Json]:
    """The same for machines, with a few facts more."""
    ours = frozenset(NodeTypes())
    return [
        {
            "type": each.type,
            "display_name": each.display_name,
            "category": each.category,
            "pack": each.origin.pack if each.origin is not None else each.pack,
            "output_node": each.output_node,
            "deprecated": each.deprecated,
            "implemented": each.type in ours,
        }
        for each in signatures
    ]


def description(catalogue: Catalogue, node_type: str) -> str:
    """What a node type takes and gives, on several lines. Raises InputError for one that is not known."""
    return "\n".join(map(printable, _lines(catalogue, known(catalogue, node_type))))


def entry(catalogue: Catalogue, node_type: str) -> dict[str, Any]:
    """The same as a ComfyUI server gives it."""
    return object_info(known(catalogue, node_type))


def known(catalogue: Catalogue, node_type: str) -> NodeSignature:
    """The signature of a node type. Raises InputError, with a name that may have been meant, if it is not known."""
    signature = catalogue.signature(node_type)
    if signature is None:
        core = replace(catalogue, has_custom=False).types()
        near = catalogue.near(node_type) or nearest(node_type, tuple(sorted(core)))
        hint = f"did you mean {shown(near)}?" if near else "give --object-info for custom nodes"
        raise InputError(f"node type {shown(node_type)} is not known", hint=hint)
    return signature


def _lines(catalogue: Catalogue, signature: NodeSignature) -> Iterator[str]:
    yield f"{signature.type}: {signature.display_name}"
    yield f"  category  {signature.category or '-'}"
    yield f"  known to  {_known_to(catalogue, signature)}"
    if signature.origin is not None:
        origin = signature.origin
        yield f"  is of     {origin.repository} at {origin.commit[:COMMIT]}, {origin.until or origin.date or '-'}"
        yield f"  because   {how_established(origin.pack, signature.type)}"
    is_given = signature.type in catalogue.declared
    yield f"  runs here {'yes' if is_given or signature.type in NodeTypes() else 'not yet'}"
    flags = [flag for flag in ("output_node", "deprecated", "experimental", "api_node") if getattr(signature, flag)]
    if flags:
        yield f"  is        {', '.join(flags)}"
    for why in signature.partly:
        yield f"  in part   {why}"
    yield "inputs"
    width = max((len(each.name) for each in signature.inputs), default=0)
    for each in signature.inputs:
        details = "".join(f"; {part}" for part in _details(signature, each))
        yield f"  {each.name:<{width}}  {each.type}{'' if each.required else ', optional'}{details}"
    if signature.is_flexible:
        yield "  and any further ones"
    yield "outputs"
    for index, output in enumerate(signature.outputs):
        yield f"  {index}  {output.name}  {output.type}{' (list)' if output.is_list else ''}"
    before = [each for each in catalogue.variants(signature.type) if each.origin is not None and each.is_older]
    if before:
        yield "inputs before"
    for older in before:
        yield f"  {_when(older)}  {', '.join(f'{each.name} {each.type}' for each in older.inputs)}"


def _known_to(catalogue: Catalogue, signature: NodeSignature) -> str:
    if signature.type in catalogue.declared:
        return "the given nodes"
    found = catalogue.variants(signature.type)
    versions = [f"ComfyUI {version}" for each in found for version in each.versions]
    of_packs = [each for each in found if each.origin is not None and (not each.is_older or each is found[0])]
    packs = dict.fromkeys(f"the pack {each.origin}" for each in of_packs)
    given = "the given object_info" if signature.pack is None else f"the pack {signature.pack}"
    return ", ".join((*versions, *packs)) or given


def _when(before: NodeSignature) -> str:
    origin = before.origin
    return f"{origin.since} to {origin.until}" if origin is not None else ""


def _details(signature: NodeSignature, declared: Input) -> Iterator[str]:
    options = declared.options
    if declared.folders:
        yield "a file of " + " or ".join(declared.folders)
    if declared.choices:
        yield "one of " + ", ".join(map(str, declared.choices))
    if declared.is_open:
        yield "others may be offered" if declared.choices else "what is offered is not known"
    if isinstance(declared.dynamic, Rows):
        yield f"{declared.dynamic.least} to {len(declared.dynamic.names)} rows"
    if "min" in options and "max" in options:
        yield f"{options['min']} to {options['max']}"
    if declared.default is not None:
        yield f"default {declared.default!r}"
    if "default_omitted" in options:
        yield f"default of {options['default_omitted']} characters"
    if isinstance(options.get("unknown"), list):
        yield f"{', '.join(map(str, options['unknown']))} not known"
    if not signature.own_checks.isdisjoint((declared.name, ALL)):
        yield "checked by the node itself"
