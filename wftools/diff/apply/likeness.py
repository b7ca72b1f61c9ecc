"""Whether what came or went in changes is what stands in the document: the same but for how it looks and was saved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from wftools.diff.apply.words import with_references
from wftools.diff.changes import ABSENT, ROOT, Added, Subject, class_of
from wftools.diff.compare import compare, same
from wftools.diff.facts import meaning
from wftools.diff.matching import Matching, Pair
from wftools.diff.version import Version
from wftools.document.document import Document
from wftools.document.source import SourceText

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wftools.diff.apply.words import Words
    from wftools.diff.changes import Change, Removed
    from wftools.diff.version import Part

_DERIVED: Final = frozenset({"id", "linkIds"})


def alike(pairs: Sequence[tuple[Added | Removed, Part]], words: Words) -> list[bool]:
    """Whether each subject that came or went is a part of the target, links apart."""
    is_ui = words.target.document.form == "ui"
    nodes = iter(_are_nodes([pair for pair in pairs if pair[0].subject.kind == "node"], words) if is_ui else ())
    return [
        next(nodes) if is_ui and change.subject.kind == "node" else _is_alike(change, part, words)
        for change, part in pairs
    ]


def _is_alike(change: Added | Removed, part: Part, words: Words) -> bool:
    tree: Any = change.content.tree
    if not isinstance(tree, dict):
        return same(tree, part.tree)
    match part.subject.kind:
        case "node":
            return _is_node_of_prompt(change, part)
        case "subgraph":
            return _is_definition(tree, part, words)
        case "group" if isinstance(change, Added) and not same(tree.get("bounding"), part.tree.get("bounding")):
            return False  # another frame of that title, as titles of groups are often the same
    return not any(
        not same(tree.get(key), part.tree.get(key))
        and meaning(part.subject.kind, (key,), tree.get(key, ABSENT), part.tree.get(key, ABSENT))[0] == "semantic"
        for key in {**tree, **part.tree}
        if key not in _DERIVED
    )


def _is_node_of_prompt(change: Added | Removed, part: Part) -> bool:
    tree: Any = change.content.tree
    given = tree.get("inputs")
    inputs = given if isinstance(given, dict) else {}
    widgets = {name: value for name, value in inputs.items() if name not in change.content.links}
    is_titled_alike = same(tree.get("_meta"), part.tree.get("_meta"))
    return tree.get("class_type") == part.tree.get("class_type") and is_titled_alike and same(widgets, part.widgets)


def _is_definition(tree: Mapping[str, Any], part: Part, words: Words) -> bool:
    """Whether two definitions are one: compared as versions of it among the definitions of the target."""
    if same(tree, part.tree):
        return True
    others = [each.tree for each in words.target.of_kind("subgraph") if each is not part]
    old, new = (_workflow([], [each, *others], words) for each in ({**tree, "id": part.subject.id}, part.tree))
    return not _meant(compare(old, new, matching=None).changes)


def _are_nodes(pairs: Sequence[tuple[Added | Removed, Part]], words: Words) -> list[bool]:
    """Whether nodes are the same, each compared alone."""
    if not pairs:
        return []
    definitions = [each.tree for each in words.target.of_kind("subgraph")]
    mine = [_alone(_in_words_of_target(change, words), number) for number, (change, _) in enumerate(pairs)]
    others = [_alone(part.tree, number) for number, (_, part) in enumerate(pairs)]
    old, new = (_workflow(nodes, definitions, words) for nodes in (mine, others))
    subjects = {subject: Pair(subject, "id") for subject in old.parts if subject in new.parts}
    changed = {change.subject.id for change in _meant(compare(old, new, matching=Matching(subjects)).changes)}
    lost = {str(number) for number, _ in enumerate(pairs) if Subject(ROOT, "node", str(number)) not in subjects}
    return [str(number) not in changed | lost for number in range(len(pairs))]


def _in_words_of_target(change: Added | Removed, words: Words) -> dict[str, Any]:
    tree: Any = change.content.tree
    if not isinstance(tree, dict):
        return {}
    made = dict(tree)
    type_ = tree.get("type")
    if isinstance(type_, str):
        definition = words.subject(words.named_by_newer(ROOT, "subgraph", type_))
        made["type"] = definition.id if definition is not None else type_
        properties = tree.get("properties")
        if isinstance(properties, dict) and definition is not None:

            def named(id_: str) -> str:
                found = words.subject(words.named_by_newer(type_, "node", id_))
                return found.id if found is not None else id_

            made["properties"] = {
                key: with_references(("property", key), value, named) for key, value in properties.items()
            }
    return made


def _alone(tree: Mapping[str, Any], number: int) -> dict[str, Any]:
    return {**tree, "id": number}


def _workflow(nodes: list[Any], definitions: list[Any], words: Words) -> Version:
    tree = {"nodes": nodes, "links": [], "definitions": {"subgraphs": definitions}, "version": 0.4}
    return Version.of(Document("ui", tree, SourceText("", ""), tree), words.target.catalogue)


def _meant(changes: Sequence[Change]) -> list[Change]:
    return [change for change in changes if class_of(change) == "semantic"]
