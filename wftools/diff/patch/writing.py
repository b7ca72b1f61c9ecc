"""A comparison -> a patch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeVar

from pydantic import BaseModel

from wftools.diff.apply.words import references, with_references
from wftools.diff.changes import (
    ABSENT,
    ROOT,
    Absent,
    Added,
    Changed,
    Endpoint,
    Removed,
    Subject,
    class_of,
    operation,
)
from wftools.diff.patch.fingerprints import fingerprints
from wftools.diff.patch.model import (
    Content,
    FilePatch,
    GroupName,
    LinkEnd,
    MentionedNode,
    NodeName,
    PatchedChange,
    RerouteName,
    SlotName,
    SubgraphName,
)
from wftools.diff.patch.reading import MisfitError, changes_of
from wftools.errors import InputError, Place
from wftools.graph.authored.scopes import INPUTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from wftools.diff import changes as c
    from wftools.diff.changes import Change, FactValue, Key
    from wftools.diff.compare import Comparison
    from wftools.diff.version import Part

Model = TypeVar("Model", bound=BaseModel)

_SPELLING: Final = (("property", "proxyWidgets"), ("property", "previewExposures"), ("widgets",))
_RESPELLED: Final = "spelling of values"  # the topic of such changes
_OF_SLOTS: Final = frozenset({"name", "label", "inputs", "outputs"})  # keys that say which slot is where


def patch_of(comparison: Comparison, name: str = "", *, is_whole: bool = False) -> FilePatch:
    """The patch that makes the new version of the old one: all but what opening, running and saving a workflow changes.

    `is_whole`: that as well, and to the last byte.
    """
    old, new = comparison.old.document, comparison.new.document
    if old.form != new.form:
        raise InputError("one version is a workflow of the editor, the other a prompt: there is no patch between them")
    patch = _Writing(comparison, is_whole=is_whole).patch(name)
    if is_whole:
        from wftools.diff.patch.residual import with_residual

        return with_residual(patch, old, new, comparison.old.catalogue)
    try:
        changes_of(patch)
    except MisfitError as error:
        raise InputError(
            f"what changed cannot be said in a patch: {error.message}",
            place=Place(new.source.name),
            hint="a patch of `--level all` takes malformed files, too",
        ) from error
    return patch


class _Writing:
    def __init__(self, comparison: Comparison, *, is_whole: bool) -> None:
        self._comparison = comparison
        self._old = comparison.old
        self._is_whole = is_whole
        self._fingerprints = fingerprints(comparison.old)
        self._new_types = {each.subject: each.type for each in comparison.changes if isinstance(each, Added)}

    def patch(self, name: str) -> FilePatch:
        chosen = [*self._chosen()]
        return _given(
            FilePatch,
            file=name,
            form=self._old.document.form,
            subgraphs=[self._subgraph(part.subject.id) for part in self._old.of_kind("subgraph")] or None,
            nodes=[*self._mentioned(chosen)] or None,
            changes=[*map(self._written, chosen)],
        )

    def _mentioned(self, changes: Iterable[Change]) -> Iterator[MentionedNode]:
        """The nodes that changes name in keys and in values that are JSON."""
        found: dict[Subject, None] = {}
        for change in changes:
            if isinstance(change, Changed):
                inside = self._old.parts[change.subject].type
                for name in _widgets_in(change):
                    found[Subject(inside, "node", name.partition(".")[0])] = None
                scope = ROOT if change.key[0] == "extra" else inside
                for value in (change.old, change.new):
                    for id_ in references(change.key, value):
                        found[Subject(scope, "node", id_)] = None
        for subject in found:
            if subject in self._old.parts:
                named = self._node(subject).model_dump(exclude_unset=True)
                yield _given(MentionedNode, **named, scope=subject.scope or None)

    def _chosen(self) -> Iterator[Change]:
        """The changes that the patch makes: those that are meant, and how the values and slots of them are saved."""
        changes = self._comparison.changes
        respelled = {
            each.subject
            for each in changes
            if isinstance(each, Changed) and each.key[0] == "widget" and ABSENT in (each.old, each.new)
        }
        for each in changes:
            if self._is_whole or class_of(each) != "volatile":
                yield each
            elif isinstance(each, Changed):
                is_value = each.key[0] == "widget" and each.topic == _RESPELLED
                is_spelling = each.key[0] == "widget" or each.key in _SPELLING
                if is_value or each.key[0] in _OF_SLOTS or (is_spelling and each.subject in respelled):
                    yield each

    def _written(self, change: Change) -> PatchedChange:
        given: dict[str, Any] = {"op": operation(change)}
        if change.subject.scope != ROOT:
            given["scope"] = change.subject.scope
        name = self._name(change.subject)
        if name is not None:
            given[change.subject.kind] = name
        match change:
            case Added():
                given["new"] = self._content(change.subject, change.content, is_new=True)
            case Removed():
                given["old"] = self._content(change.subject, change.content, is_new=False)
            case Changed():
                given |= {"key": [*change.key], "class_": change.fact_class}
                for side in ("old", "new"):
                    value = getattr(change, side)
                    if not isinstance(value, Absent):
                        given[side] = self._value(change, value, is_new=side == "new")
        return PatchedChange(**given)

    # Names

    def _name(self, subject: Subject) -> Any:
        part = self._old.parts.get(subject)
        title = part.title if part is not None else ""
        match subject.kind:
            case "node":
                return self._node(subject)
            case "group":
                return _given(GroupName, id=subject.id, title=title, new_id=self._new_id(subject))
            case "reroute":
                return RerouteName(id=subject.id)
            case "subgraph":
                return self._subgraph(subject.id)
            case "input" | "output":
                id_ = part.tree.get("id") if part is not None else None
                return _given(SlotName, name=subject.id, id=id_ if isinstance(id_, str) else None)
        return None

    def _node(self, subject: Subject) -> NodeName:
        part = self._old.parts.get(subject)
        if part is None:
            return NodeName(id=subject.id, type=self._new_types.get(subject, ""))
        pair = self._comparison.matching.pairs.get(subject)
        other = self._comparison.new.parts[pair.new] if pair is not None else None
        return _given(
            NodeName,
            id=subject.id,
            type=part.type,
            fingerprint=self._fingerprints.get(subject),
            new_id=self._new_id(subject),
            widgets=_unnamed(part),
            new_widgets=_unnamed(other) if other is not None else None,
        )

    def _subgraph(self, id_: str) -> SubgraphName:
        subject = Subject(ROOT, "subgraph", id_)
        part = self._old.parts.get(subject)
        return _given(
            SubgraphName,
            id=id_,
            name=part.title if part is not None else "",
            fingerprint=self._fingerprints.get(subject),
            new_id=self._new_id(subject),
        )

    def _new_id(self, subject: Subject) -> str | None:
        """The id that a subject has in the new version, where that is another one."""
        pair = self._comparison.matching.pairs.get(subject)
        return pair.new.id if pair is not None and pair.new.id != subject.id else None

    # Values

    def _value(self, change: Changed, value: FactValue, *, is_new: bool) -> Any:
        if isinstance(value, Endpoint):
            return self._dumped(self._end(change.subject.scope, value))
        if is_new and not self._is_whole:
            part = self._old.parts.get(change.subject)
            return self._in_old_words(change.key, value, part.type if part is not None else "")
        return value

    def _end(self, scope: str, end: Endpoint) -> LinkEnd:
        node = None if end.node == INPUTS else self._node(Subject(scope, "node", end.node))
        return _given(LinkEnd, node=node, output=end.output, index=end.index)

    def _content(self, subject: Subject, content: c.Content, *, is_new: bool) -> Any:
        tree: Any = content.tree
        if is_new and not self._is_whole and subject.kind == "node":
            tree = self._tree_in_old_words(tree)
        links = {name: self._end(subject.scope, end) for name, end in content.links.items()}
        return self._dumped(Content(tree=tree, links=links) if links else Content(tree=tree))

    def _tree_in_old_words(self, tree: Any) -> Any:
        properties, type_ = tree.get("properties"), tree.get("type")
        if not isinstance(properties, dict) or not isinstance(type_, str):
            return tree
        inside = self._comparison.matching.scope(type_)
        made = {key: self._in_old_words(("property", key), value, inside) for key, value in properties.items()}
        return {**tree, "properties": made, "type": inside}

    def _in_old_words(self, key: Key, value: Any, inside: str) -> Any:
        """A new value of which the nodes that it names are called as in the old version: a patch renumbers nothing."""
        scope = ROOT if key[0] == "extra" else inside
        named: Callable[[str], str] = lambda id_: self._known_as(scope, id_)  # noqa: E731
        return with_references(key, value, named)

    def _known_as(self, scope: str, id_: str) -> str:
        pair = self._comparison.matching.pairs.get(Subject(ROOT, "subgraph", scope))
        there = pair.new.id if pair is not None else scope
        return self._comparison.matching.known_as(Subject(there, "node", id_), self._old).id

    @staticmethod
    def _dumped(model: Content | LinkEnd) -> Mapping[str, Any]:
        found: Mapping[str, Any] = model.model_dump(by_alias=True, exclude_unset=True)
        return found


def _widgets_in(change: Changed) -> Iterator[str]:
    """The widgets that a change names."""
    if change.key[0] == "widget" and len(change.key) == 2:
        yield change.key[1]
    for value in (change.old, change.new):
        names = value.get("names") if change.key == ("widgets",) and isinstance(value, dict) else None
        if isinstance(names, list):
            yield from map(str, names)


def _unnamed(part: Part) -> list[str] | None:
    """The names of values that the file of a node alone does not tell."""
    return None if part.places is None or part.places.is_named else [*part.widgets]


def _given(model: type[Model], **members: Any) -> Model:
    """A part of a patch with the members that there are; None stands for none."""
    return model(**{name: value for name, value in members.items() if value is not None})
