"""Nodes of custom types as an editor with a certain version of their pack saves them."""

from __future__ import annotations

import gzip
import json
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from wftools.catalog import packs
from wftools.catalog.lookup import shipped
from wftools.document import read
from wftools.graph import WorkflowGraph, build
from wftools.graph.widget_values import added
from wftools.graph.widget_values.order import brought, companions, is_saved, is_widget, widget_places

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from random import Random

    from wftools.catalog.lookup import Catalogue
    from wftools.catalog.signature import Input, NodeSignature


def workflow(*nodes: Mapping[str, Any]) -> dict[str, Any]:
    rows = [{"id": index, "pos": [0, 0], "size": [1, 1], **node} for index, node in enumerate(nodes, 1)]
    return {"nodes": rows, "links": [], "version": 0.4}


def graph_of(*nodes: Mapping[str, Any], catalogue: Catalogue | None = None) -> WorkflowGraph:
    return build(read(json.dumps(workflow(*nodes)).encode()), catalogue)


def types() -> Sequence[str]:
    """All types of shipped packs, or that were once of one."""
    text = gzip.decompress(files(packs).joinpath(packs.INDEX).read_bytes())
    return sorted(json.loads(text)["nodes"])


def signatures(node_type: str) -> Iterator[tuple[NodeSignature, dict[str, Input]]]:
    """All that are known of a type, each with the inputs that its pack has today."""
    known = [each for each in shipped().variants(node_type) if each.origin is not None]
    today = {each.origin.pack: each.by_name for each in known if not each.is_older}
    yield from ((each, dict(today.get(each.origin.pack, {}))) for each in known)


def value(today: dict[str, Input], dice: Random, declared: Input) -> Any:
    """A value that a widget takes."""
    kind = declared.options.get("widgetType", declared.type)
    if kind == "COMBO":
        known = declared.choices or (today[declared.name].choices if declared.name in today else None)
        return dice.choice(list(known or ("alpha", "beta.safetensors")))
    match kind:
        case "INT" | "INT:seed":
            return dice.randrange(1, 50)
        case "FLOAT":
            return dice.choice([1, 0.5, 2.25])
        case "BOOLEAN":
            return dice.choice([True, False])
        case "STRING":
            return dice.choice(["a fox", "red, green", ""])
    return {"of": "its own"}


def saved(signature: NodeSignature, value: Callable[[Input], Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """A node of a signature with its values in their places, and the values by name."""
    values: list[Any] = []
    named: dict[str, Any] = {}

    def walk(places: Iterable[Any], prefix: str = "") -> None:
        for place in places:
            if isinstance(place, tuple):
                values.extend(each for _, each in place)
            elif is_saved(place):
                chosen = named[prefix + place.name] = value(place)
                values.append(chosen)
                values.extend(each for _, each in companions(place, chosen))
                more = brought(place, chosen)
                if more is not None:
                    walk(widget_places(more.inputs), more.prefix)

    walk(widget_places(added.with_editor_widgets(signature, None).inputs))
    sockets = [each for each in signature.inputs if not is_widget(each) and each.dynamic is None]
    node = {
        "type": signature.type,
        "inputs": [{"name": each.name, "type": each.type, "link": None} for each in sockets],
        "outputs": [{"name": each.name, "type": each.type, "links": None} for each in signature.outputs],
        "properties": {"cnr_id": signature.origin.pack} if signature.origin is not None else {},
        "widgets_values": values,
    }
    return node, named
