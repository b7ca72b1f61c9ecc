"""Which calls wait for which, and which of those that are ready goes first."""

from __future__ import annotations

import heapq
from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wftools.graph import NodePath

Rank = tuple[bool, int, int]
"""Lower ones go first: asynchronous calls before others, then in the order of the plan, then as they were added."""


class Agenda:
    """The calls that have been asked for and are not done."""

    def __init__(self) -> None:
        self._missing: dict[NodePath, set[NodePath]] = {}
        self._waiting_for: defaultdict[NodePath, list[NodePath]] = defaultdict(list)
        self._ranks: dict[NodePath, Rank] = {}
        self._ready: list[tuple[Rank, NodePath]] = []

    def add(self, path: NodePath, sources: Iterable[NodePath], rank: Rank) -> None:
        """A call waits for others to be done; for none, if it is ready."""
        self._ranks[path] = rank
        self._missing[path] = set(sources)
        for source in self._missing[path]:
            self._waiting_for[source].append(path)
        if not self._missing[path]:
            heapq.heappush(self._ready, (rank, path))

    def next(self) -> NodePath | None:
        """Take the call that is to go next; None if all others wait."""
        if not self._ready:
            return None
        _, path = heapq.heappop(self._ready)
        del self._missing[path]
        return path

    def done(self, path: NodePath) -> None:
        """A call is done: those that waited for it alone are ready."""
        for waiting in self._waiting_for.pop(path, ()):
            missing = self._missing[waiting]
            missing.remove(path)
            if not missing:
                heapq.heappush(self._ready, (self._ranks[waiting], waiting))

    def cycle(self) -> list[NodePath]:
        """Calls that wait for each other, once nothing is ready and nothing runs; none if nothing waits."""
        way: list[NodePath] = []
        path = min(self._missing, default=None)
        while path is not None and path not in way:
            way.append(path)
            path = min(self._missing[path])
        return [] if path is None else [path, *way[: way.index(path) : -1], path]
