"""UI workflow -> API prompt: the editor's own export."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from wftools.convert.non_finite import without_non_finite
from wftools.errors import foreseen
from wftools.graph.sending import as_queued

if TYPE_CHECKING:
    from datetime import datetime

    from wftools.graph import Node, WorkflowGraph

_NO_INDEX: Final = 2**32 - 1  # the first number that is no index of an array in JavaScript
_DIGITS: Final = 10  # of the largest index

# What the editor passes on of a node's origin, and what it takes for well formed.
_ORIGIN: Final = {
    "cnr_id": re.compile(r".+"),
    "aux_id": re.compile(r"[^/]+/[^/]+"),
    "ver": re.compile(r"unknown|v?\d+\.\d+\.\d+([-+][0-9A-Za-z.+-]+)?|[0-9a-fA-F]{4,40}"),
}


@dataclass(frozen=True, slots=True)
class Converted:
    """An API prompt, and what could not be known about it."""

    prompt: dict[str, Any]
    warnings: tuple[str, ...] = ()


def to_api(graph: WorkflowGraph, *, seed: int = 0, now: datetime | None = None) -> Converted:
    """The prompt that the editor would send for a UI workflow; an API prompt is given back as it is.

    `seed` decides random choices in prompts (`{red|green}`), `now` the date in file names. NaN and infinity become
    null, and a warning says where. Raises LimitError for subgraphs that multiply without end.
    """
    with foreseen(graph.document.source.name):
        if graph.authored is None:
            return Converted(*without_non_finite(graph.document.tree))
        nodes = as_queued(graph.flat, seed=seed, now=now).nodes
        prompt, about_numbers = without_non_finite({path: _entry(nodes[path]) for path in sorted(nodes, key=_rank)})
        unknown = sorted({node.type for node in graph.flat.nodes.values() if not graph.catalogue.variants(node.type)})
        if unknown:
            types = ", ".join(unknown)
            about_types = f"converted from what the file itself says, since the node types are not known: {types}"
            return Converted(prompt, (*about_numbers, about_types))
        return Converted(prompt, tuple(about_numbers))


def _entry(node: Node) -> dict[str, Any]:
    properties = (node.ui.properties or {}) if node.ui is not None else {}
    origin = {
        key: properties[key]
        for key, form in _ORIGIN.items()
        if isinstance(properties.get(key), str) and form.fullmatch(properties[key])
    }
    return {"inputs": node.values, "class_type": node.type, "_meta": {"title": node.title, **origin}}


def _rank(path: str) -> int:
    """JavaScript keeps keys that are indices of arrays in front, in ascending order."""
    is_index = path.isascii() and path.isdigit() and (path[0] != "0" or path == "0") and len(path) <= _DIGITS
    return min(int(path), _NO_INDEX) if is_index else _NO_INDEX
