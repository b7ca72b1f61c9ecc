"""Files -> findings: read, look with every selected rule, say where."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, BinaryIO, Final

from wftools.catalog.lookup import Catalogue, shipped
from wftools.document import read
from wftools.errors import InputError, Place, WftoolsError, foreseen
from wftools.lint.finding import INFO, Also, Finding, Found, Spot
from wftools.lint.report import Linted
from wftools.lint.rule import API, AUTHORED, FLAT, SOURCE, Rule, rules
from wftools.lint.subject import Reading, Subject

if TYPE_CHECKING:
    from wftools.document import Document
    from wftools.graph.model import View

MAX_EXCERPT: Final = 1_000  # characters of the text
MAX_MESSAGE: Final = 1_000  # characters of a message or a hint: names of nodes and inputs are of any length


@dataclass(frozen=True)
class Selection:
    """Which rules look. Codes, beginnings of codes (`L`, `L2`) and names; a longer beginning wins over a shorter."""

    select: tuple[str, ...] = ()  # none: every rule but those that only inform
    ignore: tuple[str, ...] = ()

    def rules(self) -> tuple[Rule, ...]:
        """The selected rules, by code. Raises InputError for a word that names no rule."""
        every = rules()
        for word in (*self.select, *self.ignore):
            if word != "ALL" and not any(_names(word, rule) for rule in every):
                raise InputError(f"no rule is called {word!r}", hint="list them with `wftools lint --rules`")
        return tuple(rule for rule in every if self._selects(rule))

    def _selects(self, rule: Rule) -> bool:
        ignored = max((_names(word, rule) for word in self.ignore), default=0)
        if self.select:
            selected = max((_names(word, rule) for word in self.select), default=0)
            return selected > ignored
        return not ignored and rule.severity is not INFO


def _names(word: str, rule: Rule) -> int:
    """How exactly a word names a rule: 0 not at all, else the more the longer it is."""
    if word == "ALL":
        return 1
    if word.lower() == rule.name:
        return 10
    return 1 + len(word) if rule.code.startswith(word.upper()) else 0


@dataclass(frozen=True)
class Linter:
    """Lints files against one catalogue with one selection of rules."""

    catalogue: Catalogue = field(default_factory=shipped)
    selection: Selection = Selection()

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """The selected rules. Raises InputError for a word that names none."""
        return self.selection.rules()

    def lint(self, source: str | os.PathLike[str] | bytes | BinaryIO, name: str | None = None) -> list[Finding]:
        """The findings of a file, sorted by place. What cannot be read is a finding too.

        Raises WftoolsError if the file could not be looked through, by no fault of its own.
        """
        return self.look_at(source, name).whole()

    def lint_document(self, document: Document) -> list[Finding]:
        """The findings of a document, sorted by place. Raises WftoolsError as `lint` does."""
        return self._look_through(document).whole()

    def lint_view(self, document: Document, view: View) -> list[Finding]:
        """The findings in a flattened view of a document that was changed for a run, by the rules of that view."""
        subject = Subject(document, self.catalogue, view)
        reading = Reading(document.source.name, document, subject)
        return [
            _placed(each, rule, reading) for rule in self.rules if rule.reads == FLAT for each in rule.check(subject)
        ]

    def look_at(self, source: str | os.PathLike[str] | bytes | BinaryIO, name: str | None = None) -> Linted:
        """The findings of a file, and the lines that they stand in; or why it was not looked through.

        Raises WftoolsError for what is wrong with another file, such as an object_info.
        """
        shown = name or (os.fspath(source) if isinstance(source, str | os.PathLike) else "<bytes>")
        try:
            with foreseen(shown):
                document = read(source, name)
        except InputError as error:
            return Linted(shown, tuple(_of_error(shown, error)), error=error)
        except WftoolsError as error:
            return Linted(shown, fault=error)
        return self._look_through(document)

    def _look_through(self, document: Document) -> Linted:
        """Have each rule look for itself: what one of them fails on hides nothing that others find."""
        name, subject = document.source.name, Subject(document, self.catalogue)
        reading = Reading(name, document, subject)
        views = {SOURCE, FLAT, API if document.form == "api" else AUTHORED}
        found: list[Finding] = []
        errors: list[WftoolsError] = []
        lost = {AUTHORED, FLAT, API}
        try:
            with foreseen(name):  # both are made here, lest every rule that reads them fails on them anew
                subject.graph.authored  # noqa: B018
                lost = {FLAT, API}
                subject.flat  # noqa: B018
        except WftoolsError as error:
            errors.append(error)
            reading, views = Reading(name, document), views - lost
        for rule in self.rules:
            if rule.reads in views:
                try:
                    with foreseen(name):
                        seen = rule.check(reading if rule.reads == SOURCE else subject)
                        found += [_placed(each, rule, reading) for each in seen]
                except WftoolsError as error:
                    errors.append(error)
        fault = None
        for each in errors:
            if each.place is None or each.place.file != name:
                raise each
            if isinstance(each, InputError):
                found += _of_error(name, each)
            else:
                fault = fault or each
        once = {(one.code, one.place, one.message): one for one in reversed(found)}  # a subgraph may be used twice
        findings = tuple(sorted(once.values(), key=_order))
        lines = {one.line: document.positions.line(one.line) for one in findings if one.line is not None}
        return Linted(name, findings, lines, fault=fault)


def _of_error(name: str, error: InputError) -> list[Finding]:
    """An error as the rules tell it, those that are not selected as well."""
    reading = Reading(name, error=error)
    return [_placed(each, rule, reading) for rule in rules() if rule.reads == SOURCE for each in rule.check(reading)]


def _placed(found: Found, rule: Rule, reading: Reading) -> Finding:
    place, end = _place(found.at, reading, of_text=rule.reads == SOURCE)
    severity = found.severity or rule.severity
    hint = _cut(found.hint) if found.hint is not None else None
    node, subject = found.at.node, reading.subject
    title, kind = subject.title_and_type(node) if node is not None and subject is not None else (None, None)
    excerpt = _folded(reading.document, place, end) if reading.document is not None and end is not None else None
    also = tuple(_also(each, reading) for each in found.also)
    return Finding(rule, severity, _cut(found.message), hint, place, end, node, title, kind, excerpt, found.fix, also)


def _also(spot: Spot, reading: Reading) -> Also:
    node, subject = spot.node, reading.subject
    title, _ = subject.title_and_type(node) if node is not None and subject is not None else (None, None)
    return Also(_place(spot, reading, of_text=False)[0], node, title)


def _folded(document: Document, place: Place, end: tuple[int, int]) -> str | None:
    """What stands between two places on one line, or its beginning; None if one line has it all."""
    if place.line is None or place.column is None or place.line == end[0]:
        return None
    return document.positions.folded(document.positions.offset_at(place.line, place.column), MAX_EXCERPT)


def _cut(text: str) -> str:
    return text if len(text) <= MAX_MESSAGE else text[: MAX_MESSAGE - 3] + "..."


def _place(spot: Spot, reading: Reading, *, of_text: bool) -> tuple[Place, tuple[int, int] | None]:
    """Where a spot starts and ends; rules of the text name an offset, or mean the file as a whole."""
    document = reading.document
    if document is None or (of_text and spot.offset is None):
        said = reading.error.place if reading.error is not None else None
        return (Place(reading.name, said.line, said.column) if said is not None else Place(reading.name)), None
    positions, pointer = document.positions, document.source.base + spot.pointer
    if spot.offset is not None:
        return Place(reading.name, *positions.line_column(spot.offset)), None
    start = positions.key_offset(pointer) if spot.key else positions.offset(pointer)
    end = positions.line_column(positions.end(start)) if spot.pointer else None  # the whole needs no end
    return Place(reading.name, *positions.line_column(start), pointer), end


def _order(finding: Finding) -> tuple[int, int, str, str, str]:
    return finding.line or 0, finding.column or 0, finding.code, finding.pointer, finding.message
