"""Makes changes in a copy of an API prompt: nodes by id, whose inputs are values or links."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

from wftools.diff.apply.fields import set_fact, set_or_drop
from wftools.diff.apply.ids import assigned, numbers
from wftools.diff.apply.judging import Note
from wftools.diff.apply.rows import copied
from wftools.diff.apply.work import told_apart
from wftools.diff.changes import NEW, ROOT, WORKFLOW, Absent, Endpoint, Subject

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from wftools.diff.apply.words import Words
    from wftools.diff.changes import Change, Changed, FactValue
    from wftools.document.document import Tree


def make(accepted: Iterable[Change], words: Words) -> tuple[Tree, dict[Subject, Subject], tuple[Note, ...]]:
    """The tree of the target with changes, what new nodes are called in it, and what else there is to say."""
    tree: Tree = copied(words.target.document.tree)
    added, removed, changed = told_apart(accepted, words)
    for subject in removed:
        tree.pop(subject.id, None)
    for change in changed.pop(WORKFLOW, []):
        set_or_drop(tree, change.key[-1], copied(change.new))
    called = words.standing | _names(tree, added)
    for subject, changes in changed.items():
        if subject.id in tree:
            _change(tree[subject.id], changes, words, called)
            if any(change.key == ("type",) for change in changes):
                _relink(tree, subject, words)
    notes = []
    for word, new in added.items():
        node: Any = copied(new.content.tree)
        if isinstance(node.get("inputs"), dict):
            node["inputs"] |= {name: _link(end, words, called) for name, end in new.content.links.items()}
        id_ = called[word].id
        tree[id_] = node
        if id_ != word.id.removesuffix(NEW):
            notes.append(Note(new, f"is node {id_}, since there is another one of its id"))
    return tree, called, tuple(notes)


def _names(tree: Tree, added: Iterable[Subject]) -> dict[Subject, Subject]:
    """What new nodes are called."""
    wanted: dict[Subject | str, str] = {word: word.id.removesuffix(NEW) for word in added}
    fresh = map(str, count(max(0, max(numbers([*tree, *wanted.values()]), default=0)) + 1))
    standing: dict[Subject | str, str] = {key: key for key in tree}
    given = assigned(standing, {}, wanted, fresh)
    return {word: Subject(ROOT, "node", id_) for word, id_ in given.items() if isinstance(word, Subject)}


def _link(end: Endpoint, words: Words, called: Mapping[Subject, Subject]) -> list[Any]:
    word = Subject(ROOT, "node", end.node)
    found = called.get(word) or words.subject(word)
    return [found.id if found is not None else end.node, end.index]


def _change(node: Tree, changes: Iterable[Changed], words: Words, called: Mapping[Subject, Subject]) -> None:
    inputs: dict[str, FactValue] = {}
    for change in sorted(changes, key=lambda each: len(each.key)):
        match change.key:
            case (("widget" | "link"), name):
                value = _link(change.new, words, called) if isinstance(change.new, Endpoint) else copied(change.new)
                if not isinstance(value, Absent) or name not in inputs:  # a link in the place of a value is both
                    inputs[name] = value
            case ("type",):
                set_fact(node, ("class_type",), change.new)
            case ("title",):
                set_fact(node, ("meta", "title"), copied(change.new))
            case key:
                set_fact(node, key, copied(change.new))
    for name, value in inputs.items():
        set_fact(node, ("given", name), value)


def _relink(tree: Tree, retyped: Subject, words: Words) -> None:
    """Have links start at the outputs of a retyped node that are called as those were which they started at."""
    signature = words.target.catalogue.signature(str(tree[retyped.id].get("class_type")))
    names = [output.name for output in signature.outputs] if signature is not None else []
    for part in words.target.of_kind("node"):
        for name, end in part.links.items():
            node: Any = tree.get(part.subject.id)  # what is no node may have come in its place
            inputs = node.get("inputs") if isinstance(node, dict) else None
            given = inputs.get(name) if isinstance(inputs, dict) else None
            if end.node == retyped.id and given == [end.node, end.index] and end.output in names:
                given[1] = names.index(end.output)
