"""A workflow as lines for `git diff`: one a fact, so that git's own comparison of lines is one of facts.

    KSampler "Refine"
      cfg = 7.5
      steps = 20
      model <- LoraLoader "Detail".MODEL

Nodes are called by type and title, and counted by their places in the graph where that is not enough; ids are nowhere,
and what opening, running and saving a workflow change is left out: a file that was renumbered, or merely opened and
saved, gives the same lines. What is not spelled out (where things stand, how they look, what nodes are declared to be)
has a line each with a digest of it, so that no change is silent.
"""

from __future__ import annotations

import json
from collections import defaultdict
from hashlib import blake2b
from typing import TYPE_CHECKING, Final

from wftools.diff.changes import Endpoint
from wftools.diff.version import Version
from wftools.document import read
from wftools.document.unmerged import open_conflicts
from wftools.errors import InputError, WftoolsError, foreseen
from wftools.escaping import printable
from wftools.git.facts import class_of_fact
from wftools.git.textconv.naming import Names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wftools.diff.changes import Class, FactValue, Key
    from wftools.diff.version import Part
    from wftools.document import Document
    from wftools.merge.decisions import Conflict

FORMAT: Final = 1  # of the lines: git keeps what it has converted until this changes
HUNK_HEADING: Final = "^([^ ].*)$"  # the regular expression by which git finds the node that a line belongs to

_DIGESTS: Final[tuple[tuple[Class, str], ...]] = (
    ("schema", "declarations"),
    ("layout", "layout"),
    ("style", "colours"),
)
_IN_HEADING: Final = frozenset({("type",), ("title",), ("name",)})
_FIRST: Final = ("widget", "link")  # of the kinds of facts; others follow
_MAX_VALUE: Final = 2000  # characters on a line: more is a picture, or other data


def textconv(data: bytes, name: str) -> bytes:
    """The lines of a file that holds a workflow. A text that holds none is given as it is, other data as one line."""
    try:
        with foreseen(name):
            document = read(data, name)
            made = [*lines(document)]
    except WftoolsError:
        return data if b"\0" not in data else f"{len(data)} bytes, digest {_digest(data)}\n".encode()
    if document.source.container is not None:
        made.append(f"{document.source.container} file {_digest(data)}")
    return "".join(f"{line}\n" for line in made).encode(errors="backslashreplace")


def lines(document: Document) -> Iterator[str]:
    """The facts of a workflow, a line each, in an order that has nothing to do with ids and places in the file."""
    document, conflicts = _without_record(document)
    version = Version.of(document)
    names = Names(version)
    yield from (printable(f"conflict: {names.conflict(each)}") for each in conflicts)
    unspelled: defaultdict[Class, list[str]] = defaultdict(list)
    for part in sorted(version.parts.values(), key=lambda part: names.order(part.subject)):
        heading = printable(names.full(part.subject))
        facts: list[str] = []
        for key in sorted(part.facts, key=lambda key: _order(key, names.key(part, key))):
            value = part.facts[key]
            fact_class = class_of_fact(part, key, value)
            if fact_class == "semantic" and key not in _IN_HEADING:
                facts += _spelled(part, key, value, names)
            elif fact_class not in ("semantic", "volatile"):
                unspelled[fact_class].append(f"{heading} {names.key(part, key)} {_json(value)}")
        if facts or part.subject.kind not in ("workflow", "reroute"):
            yield heading
            yield from facts
    for fact_class, title in _DIGESTS:
        if fact_class in unspelled:
            yield f"{title} {_digest(json.dumps(sorted(unspelled[fact_class])).encode())}"


def _without_record(document: Document) -> tuple[Document, tuple[Conflict, ...]]:
    """A document without the record of open conflicts, and these. A record that cannot be read is left as a fact."""
    if open_conflicts(document) is None:
        return document, ()
    from wftools.merge.record import conflicts_of, recorded  # takes as long as all the rest

    try:
        return recorded(document, ()), conflicts_of(document)
    except InputError:
        return document, ()


def _order(key: Key, name: str) -> tuple[int, str]:
    return _FIRST.index(key[0]) if key[0] in _FIRST else len(_FIRST), name


def _spelled(part: Part, key: Key, value: FactValue, names: Names) -> Iterator[str]:
    """A fact on a line; a text of several lines on as many."""
    name = printable(names.key(part, key))
    if isinstance(value, Endpoint):
        end = printable(names.end(part.subject.scope, value))
        yield f"  {name} <- {end}" if name else f"  <- {end}"
    elif isinstance(value, str) and "\n" in value:
        yield f"  {name} ="
        yield from (f"    | {printable(line)}" for line in value.split("\n"))
    else:
        text = _json(value)
        if len(text) > _MAX_VALUE:
            text = f"{text[:_MAX_VALUE]}... {len(text)} characters, digest {_digest(text.encode(errors='replace'))}"
        yield f"  {name} = {printable(text)}"


def _json(value: FactValue) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)


def _digest(data: bytes) -> str:
    return blake2b(data, digest_size=6).hexdigest()
