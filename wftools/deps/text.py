"""For people: what is needed, in groups, and what of it is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from wftools.deps.installed import pack_state
from wftools.deps.looking import agreement
from wftools.deps.needs import is_run
from wftools.deps.versions import KNOWN
from wftools.errors import counted, listed, size_of
from wftools.escaping import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wftools.deps.installed import Installed
    from wftools.deps.looking import Found, Survey
    from wftools.deps.needs import CoreNeed, InputNeed, ModelNeed, PackNeed, TypeNeed, Use

MOST: Final = 6  # names in one line
LONGEST: Final = 200  # letters of one
MISSING: Final = click.style("missing", fg="red", bold=True)


def text(survey: Survey) -> str:
    """The report."""
    needs = survey.needs
    packs = [
        line
        for need, installed in zip(needs.packs, survey.packs, strict=True)
        for line in _pack(need, installed, was_looked_for=survey.knows_packs)
    ]
    blocks = (
        ("ComfyUI", list(_core(needs.core))),
        ("Packs of custom nodes", packs),
        ("Node types that nothing is known of", [line for each in needs.unknown for line in _unknown(each)]),
        ("Models", [line for each in zip(needs.models, survey.models, strict=True) for line in _model(*each)]),
        ("Input files", [line for each in zip(needs.inputs, survey.inputs, strict=True) for line in _input(*each)]),
    )
    told = ["\n".join([click.style(title, bold=True), *lines]) for title, lines in blocks if lines]
    return "\n\n".join([*told, _summary(survey)])


def _core(core: CoreNeed) -> Iterator[str]:
    known = f"of those known: {', '.join(KNOWN)}"
    if core.newer_than is not None:
        yield f"  newer than {core.newer_than}, which lacks {_listed(core.because)}"
    elif core.least is not None:
        because = f", for {_listed(core.because)}" if core.because else ""
        yield f"  at least {_name(core.least)} ({known}){because}"
    if core.saved_with:
        yield f"  saved with {_listed(core.saved_with)}"
    if core.unknown:
        yield f"  no known version has {_listed(core.unknown)}"


def _pack(need: PackNeed, installed: Installed | None, *, was_looked_for: bool) -> Iterator[str]:
    versions = f" {_listed(need.versions)}" if need.versions else ""
    state = pack_state(need, installed, was_looked_for=was_looked_for)
    mark = ""
    if state == "missing":
        mark = f"  {MISSING}"
    elif installed is not None:
        has = _name(installed.version or installed.commit[:10]) or "installed"
        mark = f"  {click.style(has, fg='green' if state == 'present' else 'yellow')}"
        mark += " is installed" if state == "another version" else ""
    others = f" or {_listed(need.others)}" if need.others else ""
    yield f"  {_name(need.name)}{versions}{others}{mark}{_only(need.uses)}"
    if need.url is not None:
        yield click.style(f"      {_name(need.url)}", dim=True)
    if need.types:
        how = "" if need.is_said else "known to have "
        yield click.style(f"      {how}{_listed(need.types)}", dim=True)


def _unknown(need: TypeNeed) -> Iterator[str]:
    yield f"  {_name(need.type)}{_at(need.uses)}{_only(need.uses)}"


def _model(need: ModelNeed, found: Found | None) -> Iterator[str]:
    folder = found.kind if found is not None and found.kind is not None else "|".join(need.kinds) or "?"
    name = found.name if found is not None and found.name is not None else need.name
    yield f"  {_name(folder)}/{_name(name)}{_state(found)}{_at(need.uses)}{_only(need.uses)}"
    content = found.content if found is not None else None
    for each in need.hashes:
        how = agreement(each, content)
        colour = {"agrees": "green", "differs": "red", "not checked": None}[how]
        told = f"{_name(each.kind or 'hash')} {_name(each.value)} {click.style(how, fg=colour)}"
        yield f"      {told}"
    if content is not None and content.sha256 is not None:
        yield click.style(f"      has sha256 {content.sha256}", dim=True)
    for url in need.urls:
        yield click.style(f"      {_name(url)}", dim=True)


def _input(need: InputNeed, found: Found | None) -> Iterator[str]:
    what = " (a folder)" if need.is_folder else ""
    yield f"  {need.area}/{_name(need.name)}{what}{_state(found)}{_at(need.uses)}{_only(need.uses)}"
    if found is not None and found.content is not None and found.content.sha256 is not None:
        yield click.style(f"      has sha256 {found.content.sha256}", dim=True)


def _state(found: Found | None) -> str:
    if found is None:
        return ""
    if not found.is_there:
        return f"  {MISSING}" + (f": {_name(found.problem)}" if found.problem is not None else "")
    return f"  {click.style(size_of(found.content.size) if found.content is not None else 'there', fg='green')}"


def _at(uses: Sequence[Use]) -> str:
    """Where it is needed."""
    files = {use.file for use in uses}
    if len(files) > 1:
        return click.style(f"  in {counted(len(files), 'workflow')}", dim=True)
    nodes = list(dict.fromkeys(f"{use.node} ({use.type})" for use in uses if use.node is not None))
    return click.style(f"  node {_listed(nodes, 2)}", dim=True) if nodes else ""


def _only(uses: Sequence[Use]) -> str:
    """Why it is not needed to run, if it is not."""
    if is_run(uses):
        return ""
    is_for_editing = all(use.role == "editor" for use in uses)
    return click.style("  only for editing" if is_for_editing else "  only for what is switched off", fg="yellow")


def _name(text: str) -> str:
    """A text of a stranger, on one line and not too long."""
    shown = printable(text[: LONGEST + 1])
    return shown if len(text) <= LONGEST else f"{shown[:LONGEST]}…"


def _listed(names: Sequence[str], most: int = MOST) -> str:
    return listed([_name(name) for name in names], most)


def _summary(survey: Survey) -> str:
    needs = survey.needs
    counts = (
        (len(needs.packs), "pack"),
        (len(needs.unknown), "unknown node type"),
        (len(needs.models), "model"),
        (len(needs.inputs), "input file"),
    )
    told = ", ".join(counted(count, noun) for count, noun in counts if count) or "nothing but ComfyUI"
    missing = sum(found is not None and not found.is_there for found in (*survey.models, *survey.inputs))
    missing += sum(each is None for each in survey.packs) if survey.knows_packs else 0
    end = f"; {missing} {MISSING}" if missing else ""
    return f"{counted(len(needs.files), 'workflow')}: {told}{end}"
