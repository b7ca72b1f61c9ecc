"""What one side took away and the other still needs, and links that go round.

A side that deletes a node has its edits of that node lost, and its links to it: so a node that the other side edited or
linked to is kept, with the links of base of which the other ends are there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from wftools.diff.changes import ROOT, Added, Changed, Endpoint, Subject
from wftools.merge.sides import is_meant, starts_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wftools.diff.changes import Key
    from wftools.merge.decisions import ConflictKind, Three, Value
    from wftools.merge.sides import Side, Sides

By: TypeAlias = Literal["ours", "theirs"]
Place: TypeAlias = "tuple[Subject, Key]"
"""Where a fact is: its subject and its key."""


@dataclass(frozen=True)
class Kept:
    """Something that one side took away and that is kept."""

    by: By  # the side that keeps it
    kind: ConflictKind | None  # None: because of something else that is kept, or that is there


def kept(sides: Sides) -> dict[Subject, Kept]:
    """What one side took away and the other still needs."""
    found: dict[Subject, Kept] = {}
    for by, keeper, remover in (("ours", sides.ours, sides.theirs), ("theirs", sides.theirs, sides.ours)):
        for subject in remover.went:
            if subject not in keeper.went:
                kind = _need(subject, keeper, sides)
                if kind is not None:
                    found[subject] = Kept(by, kind)  # type: ignore[arg-type]
        found |= _kept_along(found, by, keeper, remover, sides)  # type: ignore[arg-type]
    return found


def _kept_along(
    found: Mapping[Subject, Kept], by: By, keeper: Side, remover: Side, sides: Sides
) -> dict[Subject, Kept]:
    """The instances of definitions that are kept because of edits, and the definitions of instances that are kept."""
    along: dict[Subject, Kept] = {}
    gone = {subject.id for subject in remover.went if subject.kind == "subgraph"}
    edited = {subject.id for subject, each in found.items() if subject.kind == "subgraph" and each.by == by}
    for subject in remover.went:
        if subject.kind == "node" and subject not in keeper.went and sides.base.parts[subject].type in edited:
            along[subject] = Kept(by, None)  # edited or not: one conflict is enough
    needed = {sides.base.parts[subject].type for subject, each in {**found, **along}.items() if each.by == by}
    needed |= {added.type for added in keeper.came.values()}
    needed |= {str(facts["type",].new) for facts in keeper.changed.values() if ("type",) in facts}
    pending = [*(needed & gone)]
    while pending:  # definitions stand in one another
        id_ = pending.pop()
        definition = Subject(ROOT, "subgraph", id_)
        if definition in found or definition in along or definition in keeper.went:
            continue
        along[definition] = Kept(by, None)
        pending += [part.type for part in sides.base.of_kind("node", id_) if part.type in gone]
    return along


def _need(subject: Subject, keeper: Side, sides: Sides) -> ConflictKind | None:
    """Why a side still needs what the other took away; None if it does not."""
    if subject.kind == "reroute":
        return None
    if subject.kind == "subgraph":
        is_edited = any(map(is_meant, _inside(subject, keeper)))
        return "delete/edit" if is_edited else None
    is_io = subject.kind in ("input", "output")
    if any(is_meant(change) and not keeper.is_consequence(change) for change in keeper.of_subject(subject).values()):
        return "io" if is_io else "group" if subject.kind == "group" else "delete/edit"
    if any(starts_at(subject, scope, end, keeper.type_of) for scope, end in _new_links(keeper)):
        return "io" if is_io else "delete/use"
    return "io" if subject.kind == "input" and _is_fed(subject, keeper, sides) else None


def _inside(subject: Subject, side: Side) -> Iterator[Changed | Added]:
    """The changes of a side in a definition, and of it."""
    yield from side.of_subject(subject).values()
    for each, facts in side.changed.items():
        if each.scope == subject.id:
            yield from facts.values()
    yield from (added for each, added in side.came.items() if each.scope == subject.id)
    for each, removed in side.went.items():
        if each.scope == subject.id:
            yield removed  # type: ignore[misc]


def _new_links(side: Side) -> Iterator[tuple[str, Endpoint]]:
    """What inputs were linked to by a side, with the scopes."""
    for subject, added in side.came.items():
        yield from ((subject.scope, end) for end in added.content.links.values())
    for subject, facts in side.changed.items():
        yield from ((subject.scope, change.new) for change in facts.values() if isinstance(change.new, Endpoint))


def _is_fed(subject: Subject, side: Side, sides: Sides) -> bool:
    """Whether an instance of a subgraph was newly linked to an input of it."""
    for each, facts in side.changed.items():
        part = sides.base.parts.get(each)
        change = facts.get(("link", subject.id))
        if part is not None and part.type == subject.scope and change is not None and isinstance(change.new, Endpoint):
            return True
    return any(added.type == subject.scope and subject.id in added.content.links for added in side.came.values())


def is_insert(sides: Sides, scope: str, values: Three) -> bool:
    """Whether both put something of their own in between on a link of base."""
    base = values.base
    return (
        isinstance(base, Endpoint)
        and _leads_back(scope, values.ours, base, sides.ours)
        and _leads_back(scope, values.theirs, base, sides.theirs)
    )


def _leads_back(scope: str, end: Value, base: Endpoint, side: Side) -> bool:
    """Whether links lead from something that a side added back to a source, through what it added."""
    waiting, seen = [end], set[Subject]()
    while waiting:
        each = waiting.pop()
        if not isinstance(each, Endpoint):
            continue
        if each == base and seen:
            return True
        source = Subject(scope, "node", each.node)
        if source in side.came and source not in seen:
            seen.add(source)
            waiting += side.came[source].content.links.values()
    return False


def tied_knots(links: Mapping[Place, Endpoint]) -> list[Place]:
    """The inputs whose links are part of a circle, or lead from one circle to another."""
    needed: dict[Subject, set[Subject]] = {}
    needing: dict[Subject, set[Subject]] = {}
    for (subject, _), end in links.items():
        source = Subject(subject.scope, "node", end.node)
        if subject.kind == "node":
            needed.setdefault(subject, set()).add(source)
            needing.setdefault(source, set()).add(subject)
    loose = _untied(needed, needing) | _untied(needing, needed)
    return [
        (subject, key)
        for (subject, key), end in links.items()
        if subject.kind == "node" and {subject, Subject(subject.scope, "node", end.node)}.isdisjoint(loose)
    ]


def _untied(before: Mapping[Subject, set[Subject]], after: Mapping[Subject, set[Subject]]) -> set[Subject]:
    """All that can be reached in order: what has nothing before it, then what has only such before it."""
    waiting = {subject: len(sources) for subject, sources in before.items()}
    ready = [subject for subject in after if subject not in waiting]
    found = set(ready)
    while ready:
        for subject in after.get(ready.pop(), ()):
            waiting[subject] -= 1
            if not waiting[subject]:
                found.add(subject)
                ready.append(subject)
    return found
