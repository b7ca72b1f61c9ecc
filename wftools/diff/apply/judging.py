"""Which changes can be made: those whose old value is what stands there, and that leave nothing behind."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final

from wftools.diff.apply.likeness import alike
from wftools.diff.apply.resting import reasons_against
from wftools.diff.changes import ABSENT, Absent, Added, Changed, Endpoint, Removed, Subject, class_of
from wftools.diff.compare import same
from wftools.errors import shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from wftools.diff.apply.words import Words
    from wftools.diff.changes import Change, FactValue, Key
    from wftools.diff.version import Part

_MOST_ALIKE: Final = 20  # nodes of a type that are looked at for one that has been added already, with another id

# What is worked out anew from both sides, whatever stands there: orders of lists, counters, ids of rows.
_WORKED_OUT: Final = frozenset(
    {("nodes",), ("groups",), ("links",), ("definitions",), ("inputs",), ("outputs",), ("widgets",), ("spelling",)}
    | {("last_node_id",), ("last_link_id",), ("state",)}
)


@dataclass(frozen=True, slots=True)
class Rejected:
    """A change that was not made, and why."""

    change: Change
    reason: str


@dataclass(frozen=True, slots=True)
class Note:
    """What happened to a change beyond what it asked for; or that it held already."""

    change: Change
    text: str
    is_held: bool = False  # whether the change held already


@dataclass(frozen=True)
class Judged:
    """The changes to be made, and the others."""

    accepted: tuple[Change, ...]
    rejected: tuple[Rejected, ...]
    notes: tuple[Note, ...]


def judge(changes: Sequence[Change], words: Words, *, keeps_ids: bool = False) -> Judged:
    """Judge changes by what stands in the target before any of them is made."""
    return _Judging(changes, words, keeps_ids=keeps_ids).judged()


class _Judging:
    def __init__(self, changes: Sequence[Change], words: Words, *, keeps_ids: bool) -> None:
        self._changes = changes
        self._words = words
        self._keeps_ids = keeps_ids
        self._accepted: dict[int, Change] = {}
        self._rejected: dict[int, str] = {}
        self._notes: dict[int, str] = {}
        self._held: set[int] = set()

    def judged(self) -> Judged:
        self._find_standing()
        self._judge_removed()
        for number, change in enumerate(self._changes):
            if isinstance(change, Added):
                self._judge_added(number, change)
            elif isinstance(change, Changed):
                self._judge_changed(number, change)
        while reasons := reasons_against(self._accepted, self._words):
            for number, reason in reasons.items():
                self._reject(number, reason)
        return Judged(
            tuple(self._accepted.values()),
            tuple(Rejected(self._changes[number], reason) for number, reason in sorted(self._rejected.items())),
            tuple(
                Note(self._changes[number], text, is_held=number in self._held)
                for number, text in sorted(self._notes.items())
            ),
        )

    def _hold(self, number: int, text: str) -> None:
        self._notes[number] = text
        self._held.add(number)

    def _reject(self, number: int, reason: str) -> None:
        self._accepted.pop(number, None)
        self._rejected[number] = reason

    # What came, and what went

    def _find_standing(self) -> None:
        """Find new subjects that the target has already: of the same id, content and links."""
        words = self._words
        pairs = [(change, part) for change in words.added.values() for part in self._candidates(change)]
        possible: dict[Subject, list[Part]] = {}
        for (change, part), is_alike in zip(pairs, alike(pairs, words), strict=True):
            if is_alike:
                possible.setdefault(change.subject, []).append(part)
        while True:  # what is linked to what is not there is not there
            left = {
                word: [part for part in parts if self._may_be_linked_so(words.added[word], part, possible)]
                for word, parts in possible.items()
            }
            left = {word: parts for word, parts in left.items() if parts}
            if left == possible:
                break
            possible = left
        for word, parts in possible.items():
            free = [part.subject for part in parts if part.subject not in words.standing.values()]
            if free:
                words.standing[word] = free[0]
        while True:
            others = [word for word in words.standing if not self._is_linked_alike(words.added[word])]
            if not others:
                break
            for word in others:
                del words.standing[word]

    def _candidates(self, change: Added) -> Iterator[Part]:
        """What may be a new subject: what has its id, or if that is another one, what has its type."""
        words, target = self._words, self._words.target
        scope = words.scope(change.subject.scope)
        if scope is None:
            return
        ids = dict.fromkeys((_written(change), change.subject.id))
        of_id = [
            target.parts[each] for id_ in ids if (each := Subject(scope, change.subject.kind, id_)) in target.parts
        ]
        yield from (part for part in of_id if not words.is_anchor(part.subject))
        if of_id and change.subject.kind in ("node", "group"):
            others = (part for part in target.of_kind(change.subject.kind, scope) if part.type == change.type)
            free = (part for part in others if part not in of_id and not words.is_anchor(part.subject))
            yield from islice(free, _MOST_ALIKE)

    def _may_be_linked_so(self, change: Added, part: Part, possible: Mapping[Subject, list[Part]]) -> bool:
        """Whether a part is linked to what a new subject is linked to, or to what that may be."""
        links = change.content.links
        if links.keys() != part.links.keys():
            return False
        for name, end in links.items():
            found = part.links[name]
            parts = possible.get(Subject(change.subject.scope, "node", end.node))
            if parts is None and self._words.endpoint(change.subject.scope, end) != found:
                return False
            if parts is not None and (found.output, found.node) not in {
                (end.output, each.subject.id) for each in parts
            }:
                return False
        return True

    def _is_linked_alike(self, change: Added | Removed) -> bool:
        part = self._words.part(change.subject)
        if part is None:
            return False
        links = {name: self._words.endpoint(change.subject.scope, end) for name, end in change.content.links.items()}
        return links == part.links

    def _judge_added(self, number: int, change: Added) -> None:
        if change.subject in self._words.standing:
            self._hold(number, "is there already")
        elif self._words.scope(change.subject.scope) is None:
            self._reject(number, f"the subgraph {change.subject.scope} is not there")
        else:
            self._accepted[number] = change

    def _judge_removed(self) -> None:
        pairs = {}
        for number, change in enumerate(self._changes):
            if isinstance(change, Removed):
                part = self._words.part(change.subject)
                if part is None:
                    self._hold(number, "is gone already")
                else:
                    pairs[number] = (change, part)
        for (number, (change, _)), is_alike in zip(pairs.items(), alike([*pairs.values()], self._words), strict=True):
            if is_alike and self._is_linked_alike(change):
                self._accepted[number] = change
            else:
                self._reject(number, "it has been edited")

    # What is another

    def _judge_changed(self, number: int, change: Changed) -> None:
        words = self._words
        part = words.part(change.subject)
        if part is None:
            self._reject(number, f"{change.subject.kind} {change.subject.id} is not there")
            return
        key = words.key(part, change.key)
        if key == ("id",) and self._keeps_ids:
            self._notes[number] = "keeps its id"
            return
        actual = part.facts.get(key, ABSENT)
        wanted = words.value(change.subject, part, key, change.new, is_newer=True)
        if same(actual, wanted):
            self._hold(number, "holds already")
        elif key in _WORKED_OUT or key[0] == "link id" or same(actual, self._old(change, part, key)):
            self._accepted[number] = change
        elif class_of(change) == "volatile":
            self._notes[number] = f"stays {_told(actual)}"
        else:
            self._reject(number, f"it is {_told(actual)}, not {_told(change.old)}")

    def _old(self, change: Changed, part: Part, key: Key) -> FactValue:
        """What has to stand there; a widget that is not saved has the value that its declaration gives it."""
        old = self._words.value(change.subject, part, key, change.old)
        if key[0] == "widget" and len(key) == 2 and part.places is not None and key not in part.facts:
            declared = part.places.declared.get(key[1], ABSENT)
            return ABSENT if same(declared, old) else old
        return old


def _written(change: Added) -> str:
    tree = change.content.tree
    found = tree.get("id") if isinstance(tree, dict) else None
    return str(found) if found is not None else change.subject.id


def _told(value: FactValue) -> str:
    if isinstance(value, Endpoint):
        return f"{value.node}.{value.output}"
    return "absent" if isinstance(value, Absent) else shown(value)
