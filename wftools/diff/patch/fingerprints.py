"""Fingerprints of nodes and definitions that are the same on any day and machine, so that patches can hold them."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Final

from wftools.diff.changes import ROOT, Subject
from wftools.diff.matching.fingerprints import ROUNDS
from wftools.diff.matching.sides import Names, frozen, side

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping

    from wftools.diff.matching.sides import Slots
    from wftools.diff.version import Part, Version

_LENGTH: Final = 8  # hexadecimal digits: enough for the nodes of one workflow


def fingerprints(version: Version) -> dict[Subject, str]:
    """The fingerprints of all nodes and definitions: equal where they hold the same and stand in the same links.

    The first half of that of a node is of what it holds alone; see `is_alike`.
    """
    names = {part.subject.id: f"subgraph {part.title}" for part in version.of_kind("subgraph")}
    found: dict[Subject, str] = {}
    for scope in version.scopes:
        nodes = side((part for part in version.parts.values() if part.subject.scope == scope), Names(names, {})).nodes
        known = own = {
            id_: _hash([_spelled((node.type, node.title, _values(version.parts[Subject(scope, "node", id_)])))])
            for id_, node in nodes.items()
        }
        for _ in range(ROUNDS):
            known = {
                id_: _hash([known[id_], *sorted(_around(node.ends, known))])  # no order of links is meant
                for id_, node in nodes.items()
            }
        found |= {Subject(scope, "node", id_): own[id_] + each for id_, each in known.items()}
        if scope != ROOT:
            found[Subject(ROOT, "subgraph", scope)] = _hash([names[scope], *sorted(known.values())])
    return found


def is_alike(one: str, other: str) -> bool:
    """Whether two nodes hold the same, wherever they stand."""
    return one[:_LENGTH] == other[:_LENGTH]


def _values(part: Part) -> Hashable:
    """The values of a node: of a list by their order, since only another version may know their names."""
    is_list = part.places is not None and part.places.spelling["form"] == "list"
    return frozen([*part.widgets.values()] if is_list else part.widgets)


def _around(ends: Mapping[Slots, Iterable[str]], known: Mapping[str, str]) -> Iterable[str]:
    return (_spelled((*slots, known.get(id_, ""))) for slots, ids in ends.items() for id_ in ids)


def _spelled(value: Hashable) -> str:
    """What tells values apart, in one order."""
    if isinstance(value, frozenset):
        return f"{{{','.join(sorted(map(_spelled, value)))}}}"
    if isinstance(value, tuple):
        return f"({','.join(map(_spelled, value))})"
    if isinstance(value, float) and value.is_integer():
        return repr(int(value))
    return repr(value)


def _hash(texts: Iterable[str]) -> str:
    return sha256("\n".join(texts).encode("utf-8", "surrogatepass")).hexdigest()[:_LENGTH]
