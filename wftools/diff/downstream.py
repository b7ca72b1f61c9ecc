"""Which outputs of a workflow lie downstream of a change: what may come out otherwise because of it."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING, Final

from wftools.diff.changes import ROOT, Added, Endpoint, Removed, Subject
from wftools.graph.authored.editor_types import editor_type
from wftools.graph.authored.scopes import BYPASSED, INPUTS, MUTED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from collections.abc import Set as AbstractSet

    from wftools.diff.changes import Change
    from wftools.diff.compare import Comparison
    from wftools.diff.version import Part, Version

_MATTERS: Final = frozenset({"widget", "link", "mode", "type"})  # facts that decide what comes out
_OFF: Final = (MUTED, BYPASSED)


class Downstream:
    """The outputs downstream of changes: nodes that save or show something, such as SaveImage."""

    def __init__(self, comparison: Comparison) -> None:
        self._comparison = comparison
        self._old = _Flow(comparison.old)
        self._new = _Flow(comparison.new)

    def of(self, changes: Iterable[Change]) -> tuple[Subject, ...]:
        """The outputs of the new version that lie downstream of some changes, in the order of the file.

        What lay downstream of a node that is gone is what fed on it: its outputs of the old version that are still
        there.
        """
        starts: set[Subject] = set()
        for change in changes:
            now = self._comparison.in_new(change.subject)
            if isinstance(change, Removed) or now is None:
                kept = (self._comparison.in_new(each) for each in self._old.outputs([change.subject]))
                starts.update(each for each in kept if each is not None)
            elif isinstance(change, Added) or change.key[0] in _MATTERS:
                starts.add(now)
        return self._new.outputs(starts)


class _Flow:
    """What is fed by what in one version, through the borders of subgraphs."""

    def __init__(self, version: Version) -> None:
        self._version = version
        self._known: dict[Subject, AbstractSet[Subject]] = {}

    def outputs(self, starts: Iterable[Subject]) -> tuple[Subject, ...]:
        """The output nodes downstream of some subjects, themselves included."""
        reached: set[Subject] = set()
        for start in starts:
            if start not in self._known:
                self._known[start] = self._reached(start) & self._outputs.keys()
            reached |= self._known[start]
        return tuple(subject for subject in self._outputs if subject in reached)

    def _reached(self, start: Subject) -> AbstractSet[Subject]:
        """What is fed by a subject, itself included.

        Whoever starts inside a subgraph comes out of all its instances; whoever went into it by one instance does not
        come out again, since what that instance feeds was reached from it.
        """
        waiting = [(start, True)]
        seen = set(waiting)
        while waiting:
            subject, comes_out = waiting.pop()
            part = self._version.parts.get(subject)
            inside = self._inputs.get(part.type, ()) if part is not None else ()
            outside = self._instances.get(subject.scope, ()) if subject.kind == "output" and comes_out else ()
            nexts = {(each, comes_out) for each in (*self._followers.get(subject, ()), *outside)}
            nexts.update((each, False) for each in inside)
            waiting += nexts - seen
            seen |= nexts
        return {subject for subject, _ in seen}

    @cached_property
    def _outputs(self) -> Mapping[Subject, Part]:
        return {part.subject: part for part in self._version.of_kind("node") if self._is_output(part)}

    def _is_output(self, part: Part) -> bool:
        """Whether a node saves or shows something. One that nobody knows does if nothing follows it."""
        if part.tree.get("mode") in _OFF or Subject(ROOT, "subgraph", part.type) in self._version.parts:
            return False
        if editor_type(part.type, self._version.catalogue) is not None:
            return False
        signature = self._version.catalogue.signature(part.type)
        if signature is not None:
            return signature.output_node
        return bool(part.links) and part.subject not in self._followers

    @cached_property
    def _followers(self) -> Mapping[Subject, list[Subject]]:
        """What is linked to each subject, in its scope."""
        found: defaultdict[Subject, list[Subject]] = defaultdict(list)
        for part in self._version.parts.values():
            for end in part.links.values():
                found[_source(part.subject.scope, end)].append(part.subject)
        return dict(found)

    @cached_property
    def _inputs(self) -> Mapping[str, list[Subject]]:
        found: defaultdict[str, list[Subject]] = defaultdict(list)
        for part in self._version.of_kind("input"):
            found[part.subject.scope].append(part.subject)
        return dict(found)

    @cached_property
    def _instances(self) -> Mapping[str, list[Subject]]:
        found: defaultdict[str, list[Subject]] = defaultdict(list)
        for part in self._version.of_kind("node"):
            found[part.type].append(part.subject)
        return dict(found)


def _source(scope: str, end: Endpoint) -> Subject:
    return Subject(scope, "input", end.output) if end.node == INPUTS else Subject(scope, "node", end.node)
