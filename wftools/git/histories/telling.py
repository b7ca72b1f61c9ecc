"""Histories as text for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from wftools.diff.changes import ROOT, WORKFLOW, Endpoint
from wftools.diff.compare import compare
from wftools.diff.report import Options, Report
from wftools.diff.reporters import REPORTERS
from wftools.diff.story import Telling, plain
from wftools.diff.story.names import Names
from wftools.diff.story.phrases import Phrases
from wftools.escaping import printable
from wftools.git.histories.blame import WHOLE

if TYPE_CHECKING:
    from wftools.git.histories.blame import Blame, Blamed
    from wftools.git.histories.log import Entry
    from wftools.git.repository.history import Commit

_SHORT_ID: Final = 8
_MAX_AUTHOR: Final = 16  # characters of a name in a column
_NOT_COMMITTED: Final = "not committed"
_IN_HEADING: Final = {("type",), ("name",)}


def entry_text(entry: Entry, options: Options, reporter: str = "text") -> str:
    """A commit on a line, and what it did below."""
    commit = entry.commit
    head = f"{click.style(commit.id[:_SHORT_ID], fg='yellow')} {commit.date:%Y-%m-%d} {printable(commit.author)}: "
    lines = [head + click.style(printable(commit.subject), bold=True)]
    if entry.former_path is not None:
        lines.append(f"    renamed from {printable(entry.former_path)}")
    if entry.file.error is not None:
        lines.append(f"    {printable(str(entry.file.error))}")
    else:
        told = REPORTERS.load(reporter).render(Report((entry.file,), options))
        assert isinstance(told, str)
        lines += [f"    {line}" for line in told.splitlines()]
    return "\n".join(lines)


def blame_text(blame: Blame, *, is_full: bool = False) -> str:
    """A fact on a line, below the node that it is of, each behind the commit that set it."""
    comparison = compare(blame.version, blame.version)
    names = Names(comparison)
    words = Phrases(comparison, names, Telling(is_full=is_full))
    heading = {fact.subject: fact for fact in blame.facts if fact.key == WHOLE or fact.key in _IN_HEADING}
    width = max((len(_author(fact.commit)) for fact in blame.facts), default=0)
    lines: list[str] = []
    subject, scope = WORKFLOW, ROOT
    for fact in blame.facts:
        if fact.subject != subject:
            subject = fact.subject
            if subject.scope != scope:
                scope = subject.scope
                lines.append(f"{_who(None, width, is_known=False)}in {printable(plain(names.scope(scope)))}:")
            called = f"{plain(words.noun(subject))} {plain(words.which(subject))}".strip()
            lines.append(_who(heading.get(subject, fact).commit, width) + printable(called))
        if fact.key != WHOLE and fact.key not in _IN_HEADING:
            lines.append(f"{_who(fact.commit, width)}    {printable(_told(words, fact))}")
    return "\n".join(lines)


def _author(commit: Commit | None) -> str:
    return printable(commit.author)[:_MAX_AUTHOR] if commit is not None else _NOT_COMMITTED


def _who(commit: Commit | None, width: int, *, is_known: bool = True) -> str:
    """The columns in front of a fact."""
    if commit is None:
        text = _NOT_COMMITTED if is_known else ""
        return click.style(f"{text:<{_SHORT_ID + 1 + 10 + 1 + width}}  ", dim=True)
    return f"{click.style(commit.id[:_SHORT_ID], fg='yellow')} {commit.date:%Y-%m-%d} {_author(commit):<{width}}  "


def _told(words: Phrases, fact: Blamed) -> str:
    names = words.names
    if isinstance(fact.value, Endpoint):
        return " ".join((*fact.key[1:], "←", plain(names.end(fact.subject.scope, fact.value))))
    name = names.widget(fact.subject, fact.key[1]) if fact.key[0] == "widget" else " ".join(fact.key)
    return f"{name} {words.telling.shown(name, fact.value)}"
