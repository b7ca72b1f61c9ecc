"""UI workflow -> API prompt: the editor's own export."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from wftools.convert.non_finite import without_non_finite
from wftools.convert.unseen_links import about_unseen_links
from wftools.errors import counted, foreseen, listed
from wftools.graph.sending import as_queued

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from wftools.graph import Node, NodePath, View, WorkflowGraph

_NO_INDEX: Final = 2**32 - 1  # the first number that is no index of an array in JavaScript
_DIGITS: Final = 10  # of the largest index

# What the editor passes on of a node's origin, and what it takes for well formed.
_ORIGIN: Final = {
    "cnr_id": re.compile(r".+"),
    "aux_id": re.compile(r"[^/]+/[^/]+"),
    "ver": re.compile(r"unknown|v?\d+\.\d+\.\d+([-+][0-9A-Za-z.+-]+)?|[0-9a-fA-F]{4,40}"),
}


_MAX_NAMED: Final = 5  # nodes in a message


@dataclass(frozen=True, slots=True)
class Lost:
    """Values of a node that no input of the prompt has: nothing says what they are called."""

    path: NodePath
    type: str
    title: str | None
    values: int  # how many


@dataclass(frozen=True, slots=True)
class Converted:
    """An API prompt, and what could not be known about it."""

    prompt: dict[str, Any]
    warnings: tuple[str, ...] = ()
    lost: tuple[Lost, ...] = ()  # the warnings tell of it, too


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
        about_types = (
            (f"converted from what the file itself says, since the node types are not known: {', '.join(unknown)}",)
            if unknown
            else ()
        )
        lost = tuple(_lost(graph.flat))
        return Converted(prompt, (*about_numbers, *about_types, *_told(lost), *about_unseen_links(graph)), lost)


def _lost(view: View) -> Iterator[Lost]:
    for path in sorted(view.nodes, key=_rank):
        node = view.nodes[path]
        if node.unnamed:
            yield Lost(path, node.type, node.title, node.unnamed)


def _told(lost: Iterable[Lost]) -> Iterator[str]:
    """One message for each type of node: of a type that is not known, a file may have a thousand nodes."""
    by_type: dict[str, list[Lost]] = {}
    for each in lost:
        by_type.setdefault(each.type, []).append(each)
    for node_type, nodes in by_type.items():
        values = counted(sum(each.values for each in nodes), "value")
        named = [each.path if each.title in (None, each.type) else f"{each.path} {each.title!r}" for each in nodes]
        noun = "node" if len(nodes) == 1 else f"{len(nodes)} nodes"
        yield (
            f"{node_type}: {values} left out, since nothing says which inputs they are for, of {noun} "
            f"{listed(named, _MAX_NAMED)}"
        )


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
