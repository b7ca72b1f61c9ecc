"""The ids of what is in a document after changes: its own where they are free, else new ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeVar
from uuid import NAMESPACE_URL, uuid5

from wftools.document.ids import as_number

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

Key = TypeVar("Key")

COUNTERS: Final[Mapping[str, tuple[str, str]]] = {  # of what is counted: the key in the workflow, and in `state`
    "node": ("last_node_id", "lastNodeId"),
    "link": ("last_link_id", "lastLinkId"),
    "group": ("", "lastGroupId"),
    "reroute": ("", "lastRerouteId"),
}


def assigned(
    standing: Mapping[Key, Any], renumbered: Mapping[Key, Any], new: Mapping[Key, Any], fresh: Iterator[Any]
) -> dict[Key, Any]:
    """The ids of subjects that get others, and of new ones, by what each wants.

    `standing`: the ids of all that are there and stay. One that wants the id of another one keeps its own.
    """
    wants = {key: id_ for key, id_ in renumbered.items() if key in standing}
    while True:
        kept = {str(id_) for key, id_ in standing.items() if key not in wants}
        refused, taken = [], set(kept)
        for key, id_ in wants.items():
            if str(id_) in taken:
                refused.append(key)
            taken.add(str(id_))
        if not refused:
            break
        for key in refused:
            del wants[key]
    made: dict[Key, Any] = {}
    later = []
    for key, id_ in new.items():
        if id_ is None or str(id_) in taken:
            later.append(key)
        else:
            made[key] = id_
            taken.add(str(id_))
    for key in later:
        made[key] = next(id_ for id_ in fresh if str(id_) not in taken)
        taken.add(str(made[key]))
    return wants | made


def numbers(ids: Iterable[Any]) -> Iterator[int]:
    """The whole numbers among ids, however they are spelled."""
    for id_ in ids:
        number = as_number(str(id_)) if isinstance(id_, int | str) and not isinstance(id_, bool) else None
        if number is not None:
            yield number


def definition_ids(of: str) -> Iterator[str]:
    """Ids for another definition that has an id which is taken: the same ones for the same content."""
    count = 0
    while True:
        yield str(uuid5(NAMESPACE_URL, f"{of}#{count}"))
        count += 1
