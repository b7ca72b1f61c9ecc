"""What each version has of something that came or went, with the links to it and from it."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from wftools.diff.changes import ABSENT, Content, Endpoint, Subject
from wftools.merge.decisions import Three, Use, Whole
from wftools.merge.sides import is_use, link_key

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wftools.merge.decisions import Value
    from wftools.merge.sides import Side, Sides
    from wftools.merge.structure import Place


class Wholes:
    """Tells what base, ours and theirs have; names are those of `Sides`."""

    def __init__(self, sides: Sides) -> None:
        self._sides = sides
        self.links_of_ours = sides.links(sides.ours)
        self.links_of_theirs = sides.links(sides.theirs)
        self._links_into = {
            id(side): _by_subject(links)
            for side, links in ((sides.ours, self.links_of_ours), (sides.theirs, self.links_of_theirs))
        }

    def content(self, side: Side, subject: Subject) -> Content:
        """What a side has of a subject, links included."""
        if subject in side.came:
            return side.came[subject].content
        return Content(side.tree(subject), self._links_into[id(side)].get(subject, {}))

    def contents(self, subject: Subject) -> Three:
        """What the versions have of a subject."""
        part = self._sides.base.parts.get(subject) if self._sides.has_base else None
        base: Value = Whole(((subject, Content(part.tree, dict(part.links))),)) if part is not None else ABSENT
        sides = (self._sides.ours, self._sides.theirs)
        ours, theirs = (
            Whole(((subject, self.content(side, subject)),)) if side.has(subject) else ABSENT for side in sides
        )
        return Three(base, ours, theirs)

    def with_uses(self, subjects: Sequence[Subject]) -> Three:
        """What the versions have of what comes or goes as one, and what is linked to it: all that it takes to have it
        as one of them later.
        """
        found = [self.contents(subject) for subject in subjects]
        base = {
            (subject, link_key(subject, name)): end
            for subject, part in self._sides.base.parts.items()
            for name, end in part.links.items()
        }
        values = (
            self._united([each.base for each in found], base),
            self._united([each.ours for each in found], self.links_of_ours),
            self._united([each.theirs for each in found], self.links_of_theirs),
        )
        return Three(*values)

    def _united(self, values: Sequence[Value], links: Mapping[Place, Endpoint]) -> Value:
        parts = tuple(part for value in values if isinstance(value, Whole) for part in value.parts)
        there = [subject for subject, _ in parts]
        uses = (Use(each, key, end) for (each, key), end in links.items() if self._is_use(each, key[-1], end, there))
        return Whole(parts, tuple(uses)) if parts else ABSENT

    def _is_use(self, subject: Subject, name: str, end: Endpoint, of: Sequence[Subject]) -> bool:
        """Whether a link is one to a whole from outside: it starts there, or ends at an instance's slot that is it."""
        type_of = self._sides.ours.definition_of.get
        return subject not in of and any(is_use(each, subject, name, end, type_of) for each in of)


def _by_subject(links: Mapping[Place, Endpoint]) -> Mapping[Subject, dict[str, Endpoint]]:
    """What the inputs of each subject are linked to, by their names; the one of an output of a subgraph under ""."""
    found: defaultdict[Subject, dict[str, Endpoint]] = defaultdict(dict)
    for (subject, key), end in links.items():
        found[subject][key[-1] if len(key) > 1 else ""] = end
    return found
