"""Which changes follow from which: a node that was put in or taken out changes the links around it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wftools.diff.changes import Added, Changed, Endpoint, Removed, Subject
from wftools.graph.authored.scopes import INPUTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from wftools.diff.changes import Change


@dataclass
class Around:
    """Changed links that follow from one subject that came or went."""

    between: list[Changed] = field(default_factory=list)  # it was put into this link, or taken out of it
    others: list[Changed] = field(default_factory=list)  # it feeds that input, or fed it


class Folded:
    """Changes, and the causes of those that follow from others."""

    def __init__(self, changes: Sequence[Change]) -> None:
        self.added = {change.subject: change for change in changes if isinstance(change, Added)}
        self.removed = {change.subject: change for change in changes if isinstance(change, Removed)}
        self.around: Mapping[Subject, Around] = self._links(changes)

    def _links(self, changes: Iterable[Change]) -> Mapping[Subject, Around]:
        around: defaultdict[Subject, Around] = defaultdict(Around)
        for change in changes:
            if not isinstance(change, Changed) or change.key[0] != "link":
                continue
            scope, old, new = change.subject.scope, change.old, change.new
            came = _source(scope, new) if isinstance(new, Endpoint) else None
            went = _source(scope, old) if isinstance(old, Endpoint) else None
            if came in self.added:
                is_between = isinstance(old, Endpoint) and old in _sources(came, self.added)
                (around[came].between if is_between else around[came].others).append(change)
            elif went in self.removed and not isinstance(new, Endpoint):
                around[went].others.append(change)
            elif went in self.removed and new in _sources(went, self.removed):
                around[went].between.append(change)
        return around


def _source(scope: str, end: Endpoint) -> Subject:
    """The subject that a link comes from."""
    return Subject(scope, "input", end.output) if end.node == INPUTS else Subject(scope, "node", end.node)


def _sources(subject: Subject, among: Mapping[Subject, Added] | Mapping[Subject, Removed]) -> set[Endpoint]:
    """What a subject is fed by, directly and through others that came or went with it."""
    found: set[Endpoint] = set()
    waiting, seen = [subject], {subject}
    while waiting:
        for end in among[waiting.pop()].content.links.values():
            found.add(end)
            source = _source(subject.scope, end)
            if source in among and source not in seen:
                seen.add(source)
                waiting.append(source)
    return found
