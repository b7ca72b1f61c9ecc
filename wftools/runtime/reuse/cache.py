"""Results that are used again: by a twin of the node in the same workflow, or by a later workflow of the same call."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from wftools.graph import NodePath
from wftools.runtime.plan import Plan

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wftools.runtime.calls.invoke import Outputs

Foreseen = tuple[Plan, Mapping[NodePath, str]]
"""A workflow that is still to come: its plan, and the keys of its calls as far as they can be told already."""

NOTHING: Final[Foreseen] = (Plan({}, (), {}), {})  # it asks for no results and makes none for others


class Cache:
    """Outputs by content key, each kept exactly as long as a workflow that is foreseen will ask for it.

    Why not the last N results, or all that fit a budget: the workflows that come next are known, so it is known what
    will be used again. A checkpoint that ten workflows share is loaded once and dropped after the tenth; a single
    workflow keeps nothing; and no number has to be chosen.
    """

    def __init__(self) -> None:
        self._to_come: list[Counter[str]] = []  # how often each workflow will ask for which keys; the first one runs
        self._kept: dict[str, Outputs] = {}

    def expect(self, asks: Iterable[Mapping[str, int]]) -> None:
        """For each workflow that is foreseen, in order, how often it will ask for which keys (see `foresee`)."""
        self._to_come = [Counter(each) for each in asks]
        self._drop_unwanted(*self._kept)

    def kept(self) -> frozenset[str]:
        """The keys of the outputs that are there."""
        return frozenset(self._kept)

    def get(self, key: str | None) -> Outputs | None:
        """The outputs of that key, if they are there. This is one of the times that were foreseen."""
        if key is None or key not in self._kept:
            return None
        outputs = self._kept[key]
        if self._to_come and self._to_come[0][key]:
            self._to_come[0][key] -= 1
        self._drop_unwanted(key)
        return outputs

    def put(self, key: str | None, outputs: Outputs) -> None:
        """Keep outputs if they will be asked for."""
        if key is not None and self._is_wanted(key):
            self._kept[key] = outputs

    def next_workflow(self) -> None:
        """The first of the workflows is done, whether or not it asked for all that was foreseen."""
        del self._to_come[:1]
        self._drop_unwanted(*self._kept)

    def _is_wanted(self, key: str) -> bool:
        return any(asks[key] for asks in self._to_come)

    def _drop_unwanted(self, *keys: str) -> None:
        for key in keys:
            if not self._is_wanted(key):
                del self._kept[key]


def foresee(workflows: Iterable[Foreseen], kept: Iterable[str]) -> Iterator[Counter[str]]:
    """For each workflow: how often it will ask for results that are kept, or that one before it will have made."""
    made = set(kept)
    for plan, keys in workflows:
        asks: Counter[str] = Counter()
        seen: set[NodePath] = set()
        stack = list(reversed(plan.outputs))
        while stack:
            path = stack.pop()
            if path in seen:
                continue
            seen.add(path)
            call, key = plan.calls[path], keys.get(path)
            if key is not None and not call.signature.output_node:
                if key in made:
                    asks[key] += 1
                    continue  # what is above it is not asked for
                made.add(key)
            stack += (source.path for source in reversed(list(call.links.values())))
        yield asks
