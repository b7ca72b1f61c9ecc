"""The values of a run, each kept until the last node that may use it is done."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from wftools.runtime.plan.call import Upstream

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wftools.graph import NodePath
    from wftools.runtime.calls.invoke import Items, Outputs
    from wftools.runtime.plan.call import Call


class Store:
    """Counts, for every output, the calls that may still use it, and drops its value when there are none left.

    A call is *live* from the time it is planned until it is done. A live call that nobody can use any more, such as the
    branch of a switch that was not taken, will never run: it stops being live, so that what it would have used is
    dropped as well.
    """

    def __init__(self) -> None:
        self.live: dict[NodePath, Call] = {}
        self._users: Counter[Upstream] = Counter()
        self._users_of_node: Counter[NodePath] = Counter()
        self._items: dict[Upstream, Items] = {}

    def enter(self, call: Call) -> None:
        """A call is planned, or wanted again: keep what it is linked to."""
        if call.path not in self.live:
            self.live[call.path] = call
            self.hold(call.links.values())

    def leave(self, call: Call) -> None:
        """A call is done: let go of what it is linked to."""
        if self.live.pop(call.path, None) is not None:
            self.release(call.links.values())

    def leave_unused(self, calls: Iterable[Call]) -> None:
        """Let go of those calls that nobody can use, of some that were just entered."""
        for call in calls:
            if not self._users_of_node[call.path] and not call.signature.output_node:
                self.leave(call)

    def hold(self, sources: Iterable[Upstream]) -> None:
        """Keep these outputs for one user more."""
        for source in sources:
            self._users[source] += 1
            self._users_of_node[source.path] += 1

    def release(self, sources: Iterable[Upstream]) -> None:
        """One user of each of these outputs is done."""
        stack = list(sources)
        while stack:
            source = stack.pop()
            self._users[source] -= 1
            if not self._users[source]:
                del self._users[source]
                self._items.pop(source, None)
            self._users_of_node[source.path] -= 1
            unused = self.live.get(source.path) if not self._users_of_node[source.path] else None
            if unused is not None and not unused.signature.output_node:
                del self.live[unused.path]
                stack += unused.links.values()

    def put(self, path: NodePath, outputs: Outputs) -> None:
        """Keep what a node gave, as far as somebody may use it."""
        for slot, items in enumerate(outputs):
            if self._users[Upstream(path, slot)]:
                self._items[Upstream(path, slot)] = items

    def holds(self, source: Upstream) -> bool:
        """Whether an output is there."""
        return source in self._items

    def get(self, source: Upstream) -> Items:
        """The items of an output that is there."""
        return self._items[source]
