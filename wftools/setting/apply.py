"""Settings and switches -> the document after them."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from wftools.catalog.literals import literal
from wftools.catalog.lookup import newest
from wftools.catalog.validators import checks_itself
from wftools.document import Document, dumpb, read
from wftools.document.edit import edited
from wftools.errors import MAX_SHOWN, InputError, foreseen
from wftools.graph import Literal, build
from wftools.graph.naming import find_input
from wftools.graph.sending import as_queued
from wftools.graph.widget_values.added import CUSTOM_COMBO
from wftools.setting.places import declarations, edits_for, refuse_links, refuse_others, taking
from wftools.setting.switches import switched
from wftools.setting.values import fitting, spelled_like

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from wftools.catalog.lookup import Catalogue
    from wftools.document import Form
    from wftools.document.edit import Edit
    from wftools.graph import WorkflowGraph
    from wftools.graph.naming import Setting
    from wftools.setting.places import InputOf
    from wftools.setting.switches import Switch

_TAKE_OUT: Final = "take the workflow out of the file: wftools convert --to ui -o flow.json"


@dataclass(frozen=True, slots=True)
class Changed:
    """A document after its settings; `said` has a line for each one that changed something."""

    document: Document
    said: tuple[str, ...] = ()


def with_settings(
    document: Document,
    settings: Iterable[Setting],
    switches: Iterable[Switch] = (),
    catalogue: Catalogue | None = None,
    *,
    force: bool = False,
    shared: bool = False,
) -> Changed:
    """The document after settings and switches, one after another: what one brings in, the next can name.

    The prompt that a file holds beside its workflow is kept in agreement. `force`: take values that the input is not
    declared to take. `shared`: change a value also where it is that of inputs that were not named: in other instances
    of a subgraph. Raises InputError for what cannot be set; then nothing is.
    """
    said: list[str] = []
    with foreseen(document.source.name):
        for each in settings:
            step = _Step(document, catalogue or newest())
            document, line = step.set(each, force=force, shared=shared)
            said.append(line)
        for switch in switches:
            step = _Step(document, catalogue or newest())
            document, line = step.switch(switch, shared=shared)
            said.append(line)
    return Changed(document, tuple(filter(None, said)))


class _Step:
    """One setting or switch of a file, which may hold a workflow and a prompt."""

    def __init__(self, document: Document, catalogue: Catalogue) -> None:
        self._document = document
        self._catalogue = catalogue
        both = (document, document.companion)
        ui = next((each for each in both if each is not None and each.form == "ui"), None)
        self._prompt = next((each for each in both if each is not None and each.form == "api"), None) if ui else None
        self._graph = build(ui or document, catalogue)

    def set(self, wanted: Setting, *, force: bool, shared: bool) -> tuple[Document, str]:
        graph = self._graph
        node, name = find_input(wanted, graph.flat.nodes, graph.unfolded.nodes)
        node = graph.unfolded.nodes[node.path]
        refuse_links(graph, wanted, node, name)
        meant, others = taking(graph, node, name)
        refuse_others(wanted, [f"{path}.{other}" for path, other in others], shared=shared)
        old = literal(node.given[name].value) if name in node.given else None
        if force:
            value = wanted.value
        else:
            by_class = any(checks_itself(graph.unfolded.nodes[path].signature, each) for path, each in meant)
            value = fitting(wanted, old, [*declarations(graph, meant)], is_checked_by_class=by_class)
        value = spelled_like(old, value, is_ui=graph.authored is not None)
        if name in node.given and _is_same(old, value):
            return self._document, ""
        changed = self._edited(list(edits_for(graph, node, name, value)))
        now = build(_ui(changed) if graph.authored is not None else changed, self._catalogue)
        found = now.unfolded.nodes[node.path].given.get(name)
        if found is None or not _is_same(literal(found.value), value):
            raise InputError(f"{wanted}: {name} of node {node} follows from its other values and cannot be set")
        _refuse_side_effects(wanted, graph, now, {*meant, *others})
        if self._prompt is not None:
            changed = self._with_prompt(wanted, changed, now, [*meant, *others])
        return changed, f"{node} {name}: {_said(old) if name in node.given else 'nothing'} -> {_said(value)}"

    def switch(self, wanted: Switch, *, shared: bool) -> tuple[Document, str]:
        edits, line = switched(self._graph, wanted, shared=shared)
        if edits and self._prompt is not None:
            raise InputError(
                f"--{wanted.mode} {wanted.node}: the file holds the workflow's prompt as well, which would be another",
                hint=_TAKE_OUT,
            )
        return self._edited(edits), line

    def _edited(self, edits: Sequence[Edit], form: Form | None = None) -> Document:
        return _edited(self._document, {form or self._graph.document.form: edits})

    def _with_prompt(
        self, wanted: Setting, document: Document, graph: WorkflowGraph, inputs: Iterable[InputOf]
    ) -> Document:
        """The document with the prompt beside its workflow given the same values, as the editor would send them."""
        sent = as_queued(graph.flat)
        for path, name in inputs:
            node = sent.nodes.get(path)
            if node is None:
                continue  # it does not run
            prompt = build(_prompt(document), self._catalogue)
            beside = prompt.flat.nodes.get(path)
            given = beside.given.get(name) if beside is not None else None
            if beside is None or beside.type != node.type or not isinstance(given, Literal):
                raise InputError(
                    f"{wanted}: the prompt that the file holds beside its workflow has no value for {path}.{name}",
                    hint=_TAKE_OUT,
                )
            value = spelled_like(literal(given.value), literal(node.given[name].value), is_ui=False)
            document = _edited(document, {"api": list(edits_for(prompt, beside, name, value))})
        return document


def _edited(document: Document, edits: Mapping[Form, Sequence[Edit]]) -> Document:
    """A file after edits of its workflow and of its prompt."""
    companion = document.companion
    if companion is None:
        return edited(document, edits.get(document.form, ()))
    if companion.root is document.root:  # of one text
        whole = replace(document, tree=document.root, source=replace(document.source, base=""), companion=None)
        based = [
            replace(edit, pointer=each.source.base + edit.pointer)
            for each in (document, companion)
            for edit in edits.get(each.form, ())
        ]
        made = edited(whole, based)
        return read(dumpb(made), document.source.name) if made is not whole else document
    return replace(
        edited(document, edits.get(document.form, ())), companion=edited(companion, edits.get(companion.form, ()))
    )


def _ui(document: Document) -> Document:
    return document if document.form == "ui" or document.companion is None else document.companion


def _prompt(document: Document) -> Document:
    return document if document.form == "api" or document.companion is None else document.companion


def _said(value: Any) -> str:
    """A value as it stands in a file, cut if it is long."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= MAX_SHOWN else text[: MAX_SHOWN - 3] + "..."


def _is_same(old: Any, new: Any) -> bool:
    """Whether two values are written alike."""
    return type(old) is type(new) and repr(old) == repr(new)


def _refuse_side_effects(wanted: Setting, before: WorkflowGraph, after: WorkflowGraph, expected: set[InputOf]) -> None:
    """Raise InputError if a node that runs is given another value or link in an input that is not expected to change.

    What an input brings, as the choice of a dynamic combo does, is expected with it, and what follows from it.
    """
    for path, old in before.flat.nodes.items():
        new = after.flat.nodes[path]
        names = [name for node, name in expected if node == path]
        if names and old.type == CUSTOM_COMBO:
            names.append("index")  # of the choice
        for each in old.given.keys() | new.given.keys():
            is_same = (
                each in old.given and each in new.given and repr(old.given[each].value) == repr(new.given[each].value)
            )
            if not is_same and not any(each == name or each.startswith(f"{name}.") for name in names):
                raise InputError(f"{wanted}: {path}.{each} would change as well")
