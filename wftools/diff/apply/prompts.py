"""Makes changes in a copy of an API prompt: nodes by id, whose inputs are values or links."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

from wftools.diff.apply.fields import set_fact
from wftools.diff.apply.ids import assigned, numbers
from wftools.diff.apply.judging import Note
from wftools.diff.apply.rows import copied
from wftools.diff.changes import NEW, ROOT, WORKFLOW, Absent, Added, Changed, Endpoint, Removed, Subject

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from wftools.diff.apply.words import Words
    from wftools.diff.changes import Change, FactValue
    from wftools.document.document import Tree


def make(accepted: Iterable[Change], words: Words) -> tuple[Tree, dict[Subject, Subject], tuple[Note, ...]]:
    """The tree of the target with changes, what new nodes are called in it, and what else there is to say."""
    tree: Tree = copied(words.target.document.tree)
    changes = [*accepted]
    notes = []
    removed = {words.subject(change.subject) for change in changes if isinstance(change, Removed)}
    added = {change.subject: change for change in changes if isinstance(change, Added)}
    standing = {key: key for key in tree if Subject(ROOT, "node", key) not in removed}
    wanted = {word.id: word.id.removesuffix(NEW) for word in added}
    wanted = {f"{word} is new": id_ for word, id_ in wanted.items()}  # apart from the keys of what stands there
    fresh = map(str, count(max(0, *numbers([*tree, *wanted.values()])) + 1))
    given = assigned(standing, {}, wanted, fresh)
    ids = {word: Subject(ROOT, "node", given[f"{word.id} is new"]) for word in added}
    called = {**words.standing, **ids}

    def linked(end: Endpoint) -> list[Any]:
        word = Subject(ROOT, "node", end.node)
        found = called.get(word) or words.subject(word)
        return [found.id if found is not None else end.node, end.index]

    for subject in removed:
        if subject is not None:
            tree.pop(subject.id, None)
    for change in changes:
        found = words.subject(change.subject)
        if not isinstance(change, Changed) or found is None or found in removed:
            continue
        if found == WORKFLOW:
            set_fact(tree, change.key[-1:], copied(change.new))
    for subject, mine in _by_node(changes, words).items():
        if subject.id in tree:
            _change(tree[subject.id], mine, linked)
            if any(change.key == ("type",) for change in mine):
                _relink(tree, subject, words)
    for word, change in added.items():
        node: Any = copied(change.content.tree)
        if isinstance(node.get("inputs"), dict):
            node["inputs"] |= {name: linked(end) for name, end in change.content.links.items()}
        tree[ids[word].id] = node
        if ids[word].id != word.id.removesuffix(NEW):
            notes.append(Note(change, f"is node {ids[word].id}, since there is another one of its id"))
    return tree, called, tuple(notes)


def _by_node(changes: Iterable[Change], words: Words) -> Mapping[Subject, list[Changed]]:
    found: dict[Subject, list[Changed]] = {}
    for change in changes:
        subject = words.subject(change.subject)
        if isinstance(change, Changed) and subject is not None and subject != WORKFLOW:
            found.setdefault(subject, []).append(change)
    return found


def _relink(tree: Tree, retyped: Subject, words: Words) -> None:
    """Have links start at the outputs of a node that have the names which they started at before it got another type."""
    signature = words.target.catalogue.signature(str(tree[retyped.id].get("class_type")))
    names = [output.name for output in signature.outputs] if signature is not None else []
    for part in words.target.of_kind("node"):
        for name, end in part.links.items():
            given = tree.get(part.subject.id, {}).get("inputs", {}).get(name)
            if end.node == retyped.id and given == [end.node, end.index] and end.output in names:
                given[1] = names.index(end.output)


def _change(node: Tree, changes: list[Changed], linked: Any) -> None:
    inputs: dict[str, FactValue] = {}
    for change in sorted(changes, key=lambda each: len(each.key)):
        match change.key:
            case (("widget" | "link"), name):
                value = linked(change.new) if isinstance(change.new, Endpoint) else copied(change.new)
                if not isinstance(value, Absent) or name not in inputs:  # a link in the place of a value is both
                    inputs[name] = value
            case ("type",):
                set_fact(node, ("class_type",), change.new)
            case ("title",):
                set_fact(node, ("meta", "title"), copied(change.new))
            case ("link id", _):
                pass
            case key:
                set_fact(node, key, copied(change.new))
    for name, value in inputs.items():
        set_fact(node, ("given", name), value)
