"""A version in which links start where their values come from, past what only passes values on.

    compare(through_reroutes(old), through_reroutes(new))

So a Reroute that was put into a link changes no link. Such nodes (Reroute, and pairs that set and get a value by name)
become points that links are drawn through, as the editor has them without nodes too: what happens to them is layout.
An instance of which an output is just one of its inputs passes that on as well, and stays a node.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Final

from wftools.diff.changes import Endpoint, Subject
from wftools.diff.version import Part
from wftools.graph.authored.editor_types import Does, EditorType, editor_type
from wftools.graph.authored.scopes import INPUTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wftools.diff.version import Version

_LINKED: Final = frozenset({"inputs", "outputs", "order"})


def through_reroutes(version: Version) -> Version:
    """The version as its links are meant. Its subjects and pointers are those of the document, but for reroutes."""
    relays = _Relays(version)
    parts: dict[Subject, Part] = {}
    for subject, part in version.parts.items():
        if relays.is_relay(part):
            point = Subject(subject.scope, "reroute", f"{part.type} {subject.id}")
            tree = {key: value for key, value in part.tree.items() if key not in _LINKED}
            parts[point] = Part(point, part.pointer, tree)
        elif part.links:
            links = {name: relays.source(subject.scope, end) for name, end in part.links.items()}
            found = {name: end for name, end in links.items() if end is not None}
            parts[subject] = replace(part, links=found)
        else:
            parts[subject] = part
    return replace(version, parts=parts)


class _Relays:
    """The nodes of a version that pass on what they are given."""

    def __init__(self, version: Version) -> None:
        self._parts = version.parts
        self._catalogue = version.catalogue

    def is_relay(self, part: Part) -> bool:
        """Whether a node only passes a value on, and where that comes from is known."""
        if part.subject.kind != "node":
            return False
        found = self._editor_type(part)
        return found is not None and (found.does in (Does.PASS, Does.SET) or self._setter(part) is not None)

    def source(self, scope: str, end: Endpoint) -> Endpoint | None:
        """Where the value of a link comes from; None if nothing is at the other end of what passes it on."""
        found = self._before_relays(scope, end)
        seen = set()
        while found is not None and (found.node, found.output) not in seen:
            seen.add((found.node, found.output))
            node = self._parts.get(Subject(scope, "node", found.node))
            passed = self._passed.get((node.type, found.output)) if node is not None else None
            if node is None or passed is None:
                return found
            before = node.links.get(passed)
            found = self._before_relays(scope, before) if before is not None else None
        return None  # as has what passes a value round

    def _before_relays(self, scope: str, end: Endpoint) -> Endpoint | None:
        found: Endpoint | None = end
        seen = set()
        while found is not None and found.node not in seen:
            seen.add(found.node)
            node = self._parts.get(Subject(scope, "node", found.node))
            if node is None or not self.is_relay(node):
                return found
            found = next(iter((self._setter(node) or node).links.values()), None)
        return None

    @cached_property
    def _passed(self) -> Mapping[tuple[str, str], str]:
        """The inputs of definitions that are outputs as they are, by definition and output."""
        found = {}
        for part in self._parts.values():
            if part.subject.kind == "output" and part.links:
                given = self._before_relays(part.subject.scope, part.links[""])
                if given is not None and given.node == INPUTS:
                    found[part.subject.scope, part.subject.id] = given.output
        return found

    def _setter(self, part: Part) -> Part | None:
        """The node that sets what a node gets by a name."""
        name, found = _name(part), self._editor_type(part)
        return self._setters.get((part.subject.scope, found.setter, name)) if name and found is not None else None

    @cached_property
    def _setters(self) -> Mapping[tuple[str, str, str], Part]:
        """The nodes that set values, by scope, type and the name of the value; of several, the first."""
        found: dict[tuple[str, str, str], Part] = {}
        for part in self._parts.values():
            editor_type = self._editor_type(part)
            if editor_type is not None and editor_type.does is Does.SET and (name := _name(part)):
                found.setdefault((part.subject.scope, part.type, name), part)
        return found

    def _editor_type(self, part: Part) -> EditorType | None:
        return editor_type(part.type, self._catalogue)


def _name(part: Part) -> str:
    """The name under which a node sets or gets a value: its first widget."""
    found = next(iter(part.widgets.values()), None)
    return found if isinstance(found, str) else ""
