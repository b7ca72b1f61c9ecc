"""Where a changed fact stands in the files of both versions."""

from __future__ import annotations

from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Final

from wftools.diff.changes import ROOT, Changed, Removed, Subject
from wftools.diff.version import slot_names
from wftools.document.pointer import pointer, value_at
from wftools.graph import build

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wftools.diff.changes import Change, Key
    from wftools.diff.compare import Comparison
    from wftools.diff.version import Part, Version
    from wftools.document import Document
    from wftools.errors import Place


class Whereabouts:
    """The places of one comparison, in the files that were compared.

    What was compared may be prompts that were made of the workflows in these files: then a node stands where the editor
    saved it, and what is in it is not told apart.
    """

    def __init__(self, comparison: Comparison, old: Document, new: Document) -> None:
        self._comparison = comparison
        self._old = _Side(comparison.old, old)
        self._new = _Side(comparison.new, new)

    def old(self, change: Change) -> Place | None:
        """Where a change's fact stood; of one that is new, where its subject did. None if that is new as well."""
        part = self._comparison.old.parts.get(change.subject)
        return self._old.place(part, change.key if isinstance(change, Changed) else ()) if part is not None else None

    def new(self, change: Change) -> Place | None:
        """Where a change's fact stands now; of one that is gone, where its subject does. None if that is gone too."""
        subject = self._comparison.in_new(change.subject)
        part = self._comparison.new.parts.get(subject) if subject is not None else None
        if part is None or isinstance(change, Removed):
            return None
        return self._new.place(part, self._key_in_new(part, change.key) if isinstance(change, Changed) else ())

    def _key_in_new(self, part: Part, key: Key) -> Key:
        """A key in the new version's words: an instance names values and slots after what is inside."""
        if len(key) < 2 or Subject(ROOT, "subgraph", part.type) not in self._comparison.new.parts:
            return key
        definition = self._comparison.matching.scope(part.type)
        if key[0] == "widget":
            node, dot, name = key[1].partition(".")
            inner = self._comparison.in_new(Subject(definition, "node", node)) if dot else None
            return (key[0], f"{inner.id}.{name}") if inner is not None else key
        slot = self._comparison.in_new(Subject(definition, "output" if key[0] == "output" else "input", key[1]))
        return (key[0], slot.id, *key[2:]) if slot is not None else key


class _Side:
    def __init__(self, version: Version, document: Document) -> None:
        self._version = version
        self._document = document

    def place(self, part: Part, key: Key) -> Place | None:
        if self._document is self._version.document:
            return self._document.place(pointer_of(part, key))
        found = self._saved_at.get(part.subject.id)
        return self._document.place(found) if found is not None else None

    @cached_property
    def _saved_at(self) -> Mapping[str, str]:
        """The pointers of nodes in the workflow, by their paths in the prompt that was made of it."""
        nodes = build(self._document, self._version.catalogue).flat.nodes
        return {path: node.pointer for path, node in nodes.items()}


def pointer_of(part: Part, key: Key) -> str:
    """The JSON Pointer of a fact; of one that the version does not have, of what it would stand in."""
    way = _way(part, key) if key else ()
    for length in range(len(way), 0, -1):
        found = pointer(*way[:length])
        with suppress(LookupError):
            value_at(part.tree, found)
            return part.pointer + found
    return part.pointer


_OWNERS: Final[Mapping[str, tuple[str, ...]]] = {  # what the facts of these keys are members of
    "property": ("properties",),
    "flag": ("flags",),
    "meta": ("_meta",),
}


def _way(part: Part, key: Key) -> tuple[str | int, ...]:
    """The way from a part to one of its facts."""
    head, name = key[0], key[1] if len(key) > 1 else ""
    if part.subject.kind == "node" and head in ("widget", "link", "link id", "through", "input", "output"):
        return _way_in_node(part, head, name, key[2:])
    if head in _OWNERS:
        return (*_OWNERS[head], *key[1:])
    if head == "malformed":
        return tuple(name.split("/"))
    if part.subject.kind == "node" and part.places is None:  # of a prompt
        return {"title": ("_meta", "title"), "type": ("class_type",)}.get(head, key)
    return {"model": ("properties", "models"), "widgets": ("widgets_values",), "link": ("linkIds",)}.get(head, key)


def _way_in_node(part: Part, head: str, name: str, more: Key) -> tuple[str | int, ...]:
    if part.places is None:
        return ("inputs", name)
    if head == "widget":
        names = [*part.widgets]
        is_list = isinstance(part.tree.get("widgets_values"), list)
        return ("widgets_values", names.index(name) if is_list and name in names else name)
    slots = "outputs" if head == "output" else "inputs"
    found = part.tree.get(slots)
    slot_list = slot_names(found) if isinstance(found, list) else ()
    return (slots, slot_list.index(name), *more) if name in slot_list else (slots,)
