"""The names of saved values from the prompt that the same file holds: it was made of them, at the same moment.

The prompt has the widgets of a node in their order, too, so its values are found again in the list one after another.
What is not found there was replaced when the workflow was queued (a seed, a text with choices) and keeps its place if
its neighbours have theirs.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from wftools.catalog.literals import literal
from wftools.graph.widget_values.order import CONTROL_MODES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MAX_VALUES: Final = 500  # of a node that is laid beside its prompt; no node has so many


def places_by_prompt(values: Sequence[Any], given: Mapping[str, Any]) -> dict[str, int]:
    """For the literals of a node in a prompt the places that they have among the saved values, as far as known."""
    names = list(given)
    if len(names) > MAX_VALUES or len(values) > MAX_VALUES:
        return {}
    pairs = _longest_common(values, [literal(each) for each in given.values()])
    found: dict[str, int] = {}
    ends = [(-1, -1), *pairs, (len(values), len(names))]
    for (place, index), (next_place, next_index) in pairwise(ends):
        if index >= 0:
            found[names[index]] = place
        between = [
            each for each in range(place + 1, next_place) if not _is_beside(values[each], values[each - 1 : each])
        ]
        if len(between) == next_index - index - 1:
            found.update(zip(names[index + 1 : next_index], between, strict=True))
    return found


def _is_beside(value: Any, before: Sequence[Any]) -> bool:
    """Whether a value is that of a button, or says what becomes of a number after a run."""
    after_number = bool(before) and isinstance(before[0], int) and not isinstance(before[0], bool)
    return value is None or value == "" or (after_number and isinstance(value, str) and value in CONTROL_MODES)


def _longest_common(values: Sequence[Any], literals: Sequence[Any]) -> list[tuple[int, int]]:
    """The pairs of equal values, in order, that are most; of several ways that with the earliest places."""
    most = [[0] * (len(literals) + 1) for _ in range(len(values) + 1)]
    for place in reversed(range(len(values))):
        for index in reversed(range(len(literals))):
            if _is_same(values[place], literals[index]):
                most[place][index] = most[place + 1][index + 1] + 1
            else:
                most[place][index] = max(most[place + 1][index], most[place][index + 1])
    pairs: list[tuple[int, int]] = []
    place = index = 0
    while place < len(values) and index < len(literals):
        if _is_same(values[place], literals[index]):
            pairs.append((place, index))
            place, index = place + 1, index + 1
        elif most[place + 1][index] >= most[place][index + 1]:
            place += 1
        else:
            index += 1
    return pairs


def _is_same(one: Any, other: Any) -> bool:
    """Whether two values are one; true is not 1."""
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)
