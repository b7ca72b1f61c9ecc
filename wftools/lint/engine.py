"""Files -> findings: read, look with every selected rule, say where."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, BinaryIO

from wftools.catalog.lookup import Catalogue, shipped
from wftools.document import read
from wftools.errors import InputError, LimitError
from wftools.lint.finding import INFO, Finding
from wftools.lint.rule import API, AUTHORED, FLAT, SOURCE, Rule, rules
from wftools.lint.subject import Reading, Subject

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wftools.document import Document
    from wftools.graph.model import View


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
class Linted:
    """A file and what was found in it."""

    name: str
    findings: tuple[Finding, ...]
    text: str | None = None  # the JSON text that lines and columns count in
    error: InputError | None = None  # why it could not be read; told as a finding, whatever is selected


@dataclass(frozen=True)
class Linter:
    """Lints files against one catalogue with one selection of rules."""

    catalogue: Catalogue = field(default_factory=shipped)
    selection: Selection = Selection()

    def lint(self, source: str | os.PathLike[str] | bytes | BinaryIO, name: str | None = None) -> list[Finding]:
        """The findings of a file, sorted by place. What cannot be read is a finding too."""
        return list(self.look_at(source, name).findings)

    def look_at(self, source: str | os.PathLike[str] | bytes | BinaryIO, name: str | None = None) -> Linted:
        """The findings of a file with the text that they point into."""
        try:
            document = read(source, name)
        except InputError as error:
            shown = name or (str(source) if isinstance(source, str | os.PathLike) else "<bytes>")
            return Linted(shown, tuple(_of_reading(Reading(shown, error=error), rules())), error=error)
        return Linted(document.source.name, tuple(self.lint_document(document)), document.source.text)

    def lint_document(self, document: Document) -> list[Finding]:
        """The findings of a document, sorted by place."""
        name, subject = document.source.name, Subject(document, self.catalogue)
        try:
            subject.flat  # noqa: B018  (all else stands on it)
        except LimitError as error:
            return list(_of_reading(Reading(name, error=error), rules()))
        found = [*_of_reading(Reading(name, subject), self.rules), *self._of_subject(subject)]
        once = {(f.code, f.pointer, f.offset, f.message): f for f in reversed(found)}  # a subgraph may be used twice
        return sorted(once.values(), key=_order)

    def lint_view(self, document: Document, view: View) -> list[Finding]:
        """The findings in a flattened view of a document that was changed for a run, by the rules of that view."""
        subject = Subject(document, self.catalogue, view)
        looking = [rule for rule in self.rules if rule.view == FLAT]
        return [_placed(finding, rule, document) for rule in looking for finding in rule.check(subject)]

    def _of_subject(self, subject: Subject) -> Iterator[Finding]:
        views = {API, FLAT} if subject.document.form == "api" else {AUTHORED, FLAT}
        for rule in self.rules:
            if rule.view in views:
                for finding in rule.check(subject):
                    yield _placed(finding, rule, subject.document)

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """The selected rules. Raises InputError for a word that names none."""
        return self.selection.rules()


def _of_reading(reading: Reading, selected: Iterable[Rule]) -> Iterator[Finding]:
    for rule in selected:
        if rule.view == SOURCE:
            for finding in rule.check(reading):
                yield _placed_in_text(finding, rule, reading)


def _placed(finding: Finding, rule: Rule, document: Document) -> Finding:
    place = document.place(finding.pointer, key=finding.at_key)
    severity = finding.severity or rule.severity
    return replace(
        finding,
        pointer=place.pointer or "",
        code=rule.code,
        name=rule.name,
        severity=severity,
        file=document.source.name,
        line=place.line,
        column=place.column,
    )


def _placed_in_text(finding: Finding, rule: Rule, reading: Reading) -> Finding:
    severity = finding.severity or rule.severity
    named = replace(finding, code=rule.code, name=rule.name, severity=severity, file=reading.name)
    if reading.document is not None and finding.offset is not None:
        line, column = reading.document.positions.line_column(finding.offset)
        return replace(named, line=line, column=column)
    place = reading.error.place if reading.error is not None else None
    return replace(named, line=place.line, column=place.column) if place is not None else named


def _order(finding: Finding) -> tuple[int, int, str, str, str]:
    return finding.line or 0, finding.column or 0, finding.code, finding.pointer, finding.message
