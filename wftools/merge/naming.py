"""What the merged document calls the things that decisions speak of."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING

from wftools.diff.apply.words import Words
from wftools.diff.changes import Content, Endpoint, Subject
from wftools.merge.decisions import Conflict, Decision, Labels, Three, Use, Value, Whole

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from wftools.diff.changes import Key
    from wftools.diff.version import Version


class Naming:
    """Says things as the merged document calls them; what is not in it keeps its name."""

    def __init__(self, merged: Version, known: Mapping[Subject, Subject]) -> None:
        self._words = Words(merged, known, ())

    def decision(self, decision: Decision) -> Decision:
        """A decision, and its conflict."""
        subject, key = self.subject(decision.subject), self._key(decision.subject, decision.key)
        values = self._three(decision.subject, decision.key, decision.values)
        conflict = self.conflict(decision.conflict) if decision.conflict is not None else None
        return replace(decision, subject=subject, key=key, values=values, conflict=conflict)

    def conflict(self, conflict: Conflict) -> Conflict:
        """A conflict, with what each version says."""
        subject, key = self.subject(conflict.subject), self._key(conflict.subject, conflict.key)
        return replace(
            conflict, subject=subject, key=key, values=self._three(conflict.subject, conflict.key, conflict.values)
        )

    def subject(self, subject: Subject) -> Subject:
        """A subject."""
        found = self._words.subject(subject)
        scope = self._words.scope(subject.scope)
        return found or (subject if scope is None else subject._replace(scope=scope))

    def _key(self, subject: Subject, key: Key) -> Key:
        part = self._words.part(subject)
        return self._words.key(part, key) if part is not None else key

    def _three(self, subject: Subject, key: Key, values: Three) -> Three:
        return Three(*(self._value(subject, key, value) for value in (values.base, values.ours, values.theirs)))

    def _value(self, subject: Subject, key: Key, value: Value) -> Value:
        if isinstance(value, Whole):
            parts = ((self.subject(each), self._content(each, content)) for each, content in value.parts)
            uses = (
                Use(self.subject(use.subject), self._key(use.subject, use.key), self._end(use.subject, use.source))
                for use in value.uses
            )
            return Whole(tuple(parts), tuple(uses))
        part = self._words.part(subject)
        return self._words.value(subject, part, key, value) if part is not None else value

    def _content(self, subject: Subject, content: Content) -> Content:
        links = {self._key(subject, ("link", name))[-1]: self._end(subject, end) for name, end in content.links.items()}
        return Content(content.tree, links)

    def _end(self, subject: Subject, end: Endpoint) -> Endpoint:
        return self._words.endpoint(subject.scope, end)


def numbered(
    decisions: Iterable[Decision], taken: Collection[str], labels: Labels
) -> tuple[tuple[Decision, ...], tuple[Conflict, ...]]:
    """Decisions of which the conflicts have ids and labels, and those conflicts. Ids that are taken are passed over."""
    free = _free_ids(taken)
    made, conflicts = [], []
    for decision in decisions:
        conflict = decision.conflict
        if conflict is not None:
            conflict = replace(conflict, id=next(free), labels=labels)
            conflicts.append(conflict)
        made.append(replace(decision, conflict=conflict))
    return tuple(made), tuple(conflicts)


def told_apart(conflicts: Sequence[Conflict]) -> tuple[Conflict, ...]:
    """Conflicts of two records with ids of which no two are alike: the first of an id keeps it."""
    taken: set[str] = set()
    free = _free_ids({conflict.id for conflict in conflicts})
    made = []
    for conflict in conflicts:
        made.append(replace(conflict, id=next(free)) if conflict.id in taken else conflict)
        taken.add(conflict.id)
    return tuple(made)


def _free_ids(taken: Collection[str]) -> Iterator[str]:
    return (id_ for number in count(1) if (id_ := f"c{number}") not in taken)
