"""Who last set each fact of a workflow: walk its history back, and hand each fact to the parent that has it already."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from wftools.catalog.lookup import newest
from wftools.diff.changes import ROOT, Changed, FactValue, Key, Subject
from wftools.diff.compare import compare
from wftools.diff.version import Version
from wftools.document import read
from wftools.errors import InputError, Place, WftoolsError, foreseen, shown
from wftools.git.facts import class_of_fact
from wftools.git.repository import repository_of
from wftools.git.repository.history import Commit, history, last_change
from wftools.git.repository.revisions import FileAt, commit, entry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from wftools.catalog.lookup import Catalogue
    from wftools.diff.compare import Comparison

_VERSIONS: Final = 16  # that are kept, since each is compared with its parents and with its children

WHOLE: Final[Key] = ()  # the key of what is there or not: a node and the like


@dataclass(frozen=True, slots=True)
class Blamed:
    """A fact and the commit that set it; None for one that is not committed yet."""

    subject: Subject
    key: Key  # WHOLE: that the subject is there
    value: FactValue
    commit: Commit | None


@dataclass(frozen=True)
class Blame:
    """The facts of one version of a file, in the order in which they stand in it."""

    name: str
    version: Version
    facts: tuple[Blamed, ...]


Held = dict[tuple[Subject, Key], list[tuple[Subject, Key]]]
"""Facts of a version, by their names there, and which of the facts that were asked for they are."""


def blame(
    name: str, revision: str | None = None, *, nodes: Sequence[str] = (), catalogue: Catalogue | None = None
) -> Blame:
    """Who last set each fact that means something, in a file as it is in the working tree, or at a revision.

    `nodes`: only these, by id, title or type. Facts are followed through renamed files, renumbered nodes and merges.
    Raises WftoolsError where the file is no workflow, git does not know it, or a node is not there.
    """
    return _Blaming(catalogue or newest()).blame(name, revision, nodes)


class _Blaming:
    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._version: Callable[[FileAt], Version | None] = lru_cache(_VERSIONS)(self._read)
        self._pending: defaultdict[str, Held] = defaultdict(lambda: defaultdict(list))  # by the id of the commit

    def blame(self, name: str, revision: str | None, nodes: Sequence[str]) -> Blame:
        """The blame of a file."""
        repository, path = repository_of(name)
        head = commit(repository, revision or "HEAD", "commit")
        committed = entry(repository, head, path)
        if committed is None:
            raise InputError(f"is not in {revision or 'HEAD'}", place=Place(name))
        last = FileAt(repository, path, head, committed)
        file = last if revision is not None or repository.is_bare else FileAt(repository, path)
        data = file.read()
        with foreseen(name):
            version = Version.of(read(data, name), self._catalogue)
        wanted = {fact: value for fact, value in _facts(version) if not nodes or _is_called(version, fact[0], nodes)}
        for node in nodes:
            if not any(_is_called(version, subject, [node]) for subject in version.parts):
                raise InputError(f"there is no node {shown(node)}", place=Place(name), hint="say an id, title or type")
        asked: Held = {fact: [fact] for fact in wanted}
        blamed: dict[tuple[Subject, Key], Commit | None] = dict.fromkeys(wanted)
        if file.blob is None and data != last.read():
            self._handed(asked, version, last)  # what is left of them is not committed yet
        else:
            self._pending[last_change(last)].update(asked)
        for each in history(repository, path, [head]):
            if not self._pending:
                break
            held = self._pending.pop(each.commit.id, {})
            now = self._version(each.file) if each.file is not None else None
            for parent in each.parents:
                if parent is not None and now is not None:
                    held = self._handed(held, now, parent)
            for facts in held.values():
                blamed.update(dict.fromkeys(facts, each.commit))
        return Blame(name, version, tuple(Blamed(*fact, wanted[fact], who) for fact, who in blamed.items()))

    def _handed(self, held: Held, now: Version, parent: FileAt) -> Held:
        """Hand to a parent the facts that it has already; what is left was set after it."""
        before = self._version(parent) if held else None
        if before is None:
            return held
        comparison = compare(before, now)
        to = self._pending[last_change(parent)]
        changed = {(each.subject, each.key) for each in comparison.changes if isinstance(each, Changed)}
        left: Held = {}
        for fact, origins in held.items():
            former = _former(comparison, before, now, *fact)
            if former is None or former[0] in changed:
                left[fact] = origins
            else:
                to[former[1]] += origins
        return left

    def _read(self, file: FileAt) -> Version | None:
        """A version; None if it was no workflow at that time."""
        try:
            with foreseen(file.name):
                return Version.of(read(file.read(), file.name), self._catalogue)
        except WftoolsError:
            return None


def _facts(version: Version) -> Iterator[tuple[tuple[Subject, Key], FactValue]]:
    """The facts that mean something, and that there are the subjects that they are of."""
    for subject, part in version.parts.items():
        if subject.kind == "reroute":
            continue
        if subject.kind != "workflow":
            yield (subject, WHOLE), None
        for key, value in part.facts.items():
            if class_of_fact(part, key, value) == "semantic":
                yield (subject, key), value


def _is_called(version: Version, subject: Subject, names: Sequence[str]) -> bool:
    part = version.parts[subject]
    return subject.kind == "node" and not {subject.id, part.title, part.type}.isdisjoint(names)


def _former(
    comparison: Comparison, before: Version, now: Version, subject: Subject, key: Key
) -> tuple[tuple[Subject, Key], tuple[Subject, Key]] | None:
    """What the old version calls a fact of the new one, in the words of the comparison and in its own; None if it has
    none.

    The two may differ where a file does not name its values, and the comparison takes the names from the other file.
    """
    old = comparison.matching.to_old.get(subject)
    if old is None:
        return None
    if key == WHOLE:
        return (old, key), (old, key)
    compared = key
    if key[0] == "widget":
        compared = _at_same_place(now, comparison.new, subject, key)
        inner, dot, widget = compared[1].partition(".")
        type_ = comparison.new.parts[subject].type
        if dot and Subject(ROOT, "subgraph", type_) in comparison.new.parts:
            node = comparison.matching.known_as(Subject(type_, "node", inner), comparison.old)
            compared = ("widget", f"{node.id}.{widget}")
    own = _at_same_place(comparison.old, before, old, compared) if compared[0] == "widget" else compared
    return ((old, compared), (old, own)) if own in before.parts[old].facts else None


def _at_same_place(version: Version, other: Version, subject: Subject, key: Key) -> Key:
    """The name of a value in another reading of the same version."""
    names, others = ([*each.parts[subject].widgets] for each in (version, other))
    return ("widget", others[names.index(key[1])]) if key[1] in names and len(names) == len(others) else key
