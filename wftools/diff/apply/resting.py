"""Changes that cannot be made without others: what is linked to something that is not there, or still in use."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, TypeAlias, TypeGuard

from wftools.diff.apply.words import list_of
from wftools.diff.changes import ROOT, Absent, Added, Changed, Endpoint, Removed, Subject
from wftools.diff.version import slot_names
from wftools.graph.authored.scopes import INPUTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wftools.diff.apply.words import Words
    from wftools.diff.changes import Change
    from wftools.diff.version import Part

SlotOf: TypeAlias = "tuple[Subject, str, str]"
"""A slot of a node of the target: the node, `input` or `output`, its name."""


def reasons_against(accepted: Mapping[int, Change], words: Words) -> dict[int, str]:
    """Why some of the changes cannot be made if no others are than these, by their numbers."""
    return _Resting(accepted, words).reasons()


class _Resting:
    def __init__(self, accepted: Mapping[int, Change], words: Words) -> None:
        self._accepted = accepted
        self._words = words
        self._coming = {change.subject for change in accepted.values() if isinstance(change, Added)}
        self._gone: dict[Subject, int] = {}
        self._relinked: defaultdict[Subject, set[str]] = defaultdict(set)
        self._retyped: set[Subject] = set()
        for number, change in accepted.items():
            part = words.part(change.subject)
            if part is None:
                continue
            if isinstance(change, Removed):
                self._gone[part.subject] = number
            elif isinstance(change, Changed) and change.key[0] == "link":
                self._relinked[part.subject].add("".join(words.key(part, change.key)[1:]))
            elif isinstance(change, Changed) and change.key == ("type",):
                self._retyped.add(part.subject)
        self._scopes_gone = {subject.id for subject in self._gone if subject.kind == "subgraph"}
        self._slots_gone = self._slots_that_go()

    def reasons(self) -> dict[int, str]:
        found: dict[int, str] = {}
        for number, change in self._accepted.items():
            for end in _ends(change):
                reason = self._reason_against_link(change.subject.scope, end)
                if reason:
                    found[number] = reason
            if self._is_in_place_of_node(change):
                found[number] = f"node {change.key[-1]} stands there"
        for subject, part in self._words.target.parts.items():
            if subject not in self._gone and subject.scope not in self._scopes_gone:
                found |= dict(self._kept_by(part))
        return found

    def _is_in_place_of_node(self, change: Change) -> TypeGuard[Changed]:
        """Whether an entry of a prompt that is no node is to stand under the id of one that stays."""
        if not isinstance(change, Changed) or change.key[0] != "malformed" or isinstance(change.new, Absent):
            return False
        subject = Subject(ROOT, "node", change.key[-1])
        return subject in self._words.target.parts and subject not in self._gone

    def _slots_that_go(self) -> dict[SlotOf, int]:
        """The slots of nodes that changes take away, but for those that only get another name."""
        found: dict[SlotOf, int] = {}
        self._slots_coming: set[SlotOf] = set()
        renamed: dict[SlotOf, SlotOf] = {}
        for number, change in self._accepted.items():
            part = self._words.part(change.subject)
            if not isinstance(change, Changed) or part is None or part.subject.kind != "node":
                continue
            key, old, new = self._words.key(part, change.key), change.old, change.new
            if key[0] in ("input", "output") and len(key) == 2:
                if isinstance(new, Absent):
                    found[part.subject, key[0], key[1]] = number
                elif isinstance(old, Absent):
                    self._slots_coming.add((part.subject, key[0], key[1]))
            elif key in (("inputs",), ("outputs",)) and isinstance(old, list) and isinstance(new, list):
                pairs = zip(old, new, strict=False)
                kind = key[0].removesuffix("s")
                renamed |= {
                    (part.subject, kind, str(before)): (part.subject, kind, str(after))
                    for before, after in pairs
                    if before not in new and after not in old
                }
        return {slot: number for slot, number in found.items() if not self._is_renamed(slot, renamed.get(slot))}

    def _is_renamed(self, slot: SlotOf, new: SlotOf | None) -> bool:
        """Whether a slot becomes another one, its link with it; not if that one is linked to something by itself."""
        if new not in self._slots_coming:
            return False
        subject, kind, name = slot
        relinked = self._relinked[subject]
        is_linked = name in self._words.target.parts[subject].links and name not in relinked
        return not (kind == "input" and is_linked and new[2] in relinked)

    def _reason_against_link(self, scope: str, end: Endpoint) -> str:
        """Why nothing can be linked to what an endpoint names; "" if it can."""
        word = Subject(scope, "input", end.output) if end.node == INPUTS else Subject(scope, "node", end.node)
        found = self._words.subject(word)
        if found is None:
            is_renamed = word.kind == "input" and self._words.named_by_newer(*word) != word
            return "" if word in self._coming or is_renamed else f"{word.kind} {word.id} is not there"
        if word.kind == "node" and not self._has_output(found, self._words.endpoint(scope, end).output, end):
            return f"node {word.id} has no output {end.output!r} then"
        return ""

    def _has_output(self, node: Subject, name: str, end: Endpoint) -> bool:
        """Whether a node has an output afterwards; `name` is what it is called before, if it is there."""
        if self._words.target.document.form == "api" or end.output == str(end.index):
            return True  # prompts do not list outputs, and neither does a file that is named by numbers
        if (node, "output", name) in self._slots_gone:
            return False
        part = self._words.target.parts[node]
        is_instance = Subject(ROOT, "subgraph", part.type) in self._words.target.parts
        known = slot_names(list_of(part.tree, "outputs"))
        return is_instance or name in known or (node, "output", end.output) in self._slots_coming

    def _kept_by(self, part: Part) -> Iterator[tuple[int, str]]:
        """What cannot be removed as long as a part of the target is what it is."""
        subject = part.subject
        definition = Subject(ROOT, "subgraph", part.type)
        if part.type and definition in self._gone and subject not in self._retyped:
            yield self._gone[definition], f"node {subject.id} is still an instance of it"
        for name, end in part.links.items():
            if name in self._relinked[subject]:
                continue
            if (subject, "input", name) in self._slots_gone:
                yield self._slots_gone[subject, "input", name], "it is still linked"
            used: list[Subject] = [Subject(part.type, "input", name)] if subject.kind == "node" else []
            if end.node == INPUTS:
                used.append(Subject(subject.scope, "input", end.output))
            else:
                source = Subject(subject.scope, "node", end.node)
                of_source = self._words.target.parts.get(source)
                used += [source, Subject(of_source.type if of_source is not None else "", "output", end.output)]
                if (source, "output", end.output) in self._slots_gone:
                    yield self._slots_gone[source, "output", end.output], f"{_told(subject)} is still linked to it"
            for each in used:
                if each in self._gone:
                    yield self._gone[each], f"{_told(subject)} is still linked to it"


def _told(subject: Subject) -> str:
    return f"{subject.kind} {subject.id}"


def _ends(change: Change) -> list[Endpoint]:
    """What a change links something to."""
    if isinstance(change, Added):
        return [*change.content.links.values()]
    return [change.new] if isinstance(change, Changed) and isinstance(change.new, Endpoint) else []
