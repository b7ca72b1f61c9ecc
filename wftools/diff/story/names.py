"""What nodes, slots, values and scopes are called in reports: by the names that a person sees in the editor."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

from wftools.diff.changes import ROOT, Subject
from wftools.diff.places import Promoted
from wftools.diff.story.pieces import Piece, Pieces, named, said
from wftools.graph.authored import Authored
from wftools.graph.authored.scopes import INPUTS, scopes

if TYPE_CHECKING:
    from wftools.diff.changes import Endpoint
    from wftools.diff.compare import Comparison
    from wftools.diff.version import Part, Version

_MAX_TITLE: Final = 40  # characters


class Names:
    """The names of two versions. Subjects are those of changes; a person reads the ids that nodes have now."""

    def __init__(self, comparison: Comparison) -> None:
        self._comparison = comparison

    def part(self, subject: Subject) -> Part | None:
        """What a subject is now, or was if it is no more."""
        new = self._comparison.in_new(subject)
        found = self._comparison.new.parts.get(new) if new is not None else None
        return found or self._comparison.old.parts.get(subject)

    def id(self, subject: Subject) -> str:
        """The id of a node as it is now; of one that is no more, its former one, which another node may have now."""
        new = self._comparison.in_new(subject)
        if new is not None:
            return new.id
        is_taken = (
            Subject(self._comparison.scope_in_new(subject.scope), "node", subject.id) in self._comparison.new.parts
        )
        return f"{subject.id} (old)" if is_taken else subject.id

    def which(self, subject: Subject) -> Pieces:
        """`#3 "Refine"`: a node among those of its type. Its title is told where it is not the type's."""
        part = self.part(subject)
        title = part.title if part is not None else ""
        is_told = part is not None and title and title not in (part.type, self.type(part.type))
        return said(f"#{self.id(subject)}", *([f" {quoted(title)}"] if is_told else []))

    def type_of(self, subject: Subject) -> str:
        """The type of a node as it is now."""
        part = self.part(subject)
        return self.type(part.type) if part is not None else ""

    def type(self, type_: str) -> str:
        """The type of a node; of a subgraph's instance, the name of the subgraph."""
        for version in (self._comparison.new, self._comparison.old):
            definition = version.parts.get(Subject(ROOT, "subgraph", type_))
            if definition is not None:
                return definition.title or type_
        return type_

    def is_definition(self, type_: str) -> bool:
        """Whether a type of nodes is a subgraph."""
        subject = Subject(ROOT, "subgraph", type_)
        return subject in self._comparison.old.parts or subject in self._comparison.new.parts

    def end(self, scope: str, end: Endpoint) -> Pieces:
        """`#4.MODEL`, or the input of the subgraph around: `input "model"`."""
        if end.node == INPUTS:
            return said("input ", named(self.slot(Subject(scope, "input", end.output))))
        return said(f"#{self.id(Subject(scope, 'node', end.node))}.", named(end.output))

    def end_in_full(self, scope: str, end: Endpoint) -> Pieces:
        """`CheckpointLoaderSimple #4.MODEL`."""
        part = self.part(Subject(scope, "node", end.node))
        head = said(f"{self.type(part.type)} ") if part is not None and end.node != INPUTS else ()
        return said(head, self.end(scope, end))

    def input(self, subject: Subject, key: tuple[str, ...]) -> Pieces:
        """The input where a link ends: `#3.model`, or the output of the subgraph around."""
        if subject.kind == "output":
            return said("output ", named(subject.id))
        return said(f"#{self.id(subject)}.", named(key[1]))

    def widget(self, subject: Subject, name: str) -> str:
        """The name of a value; of one that a subgraph's instance shows, the label that the user sees."""
        part = self._comparison.old.parts.get(subject) or self.part(subject)
        slot = self.slot_of(part.type, name) if part is not None and self.is_definition(part.type) else None
        return self.slot(slot) if slot is not None else name

    def slot_of(self, definition: str, widget: str) -> Subject | None:
        """The input of a subgraph that shows a widget inside, `17.prompt`, or is called so; None if there is none."""
        comparison, new_scope = self._comparison, self._comparison.scope_in_new(definition)
        called_so = Subject(new_scope, "input", widget)
        name = self._shown_in_new.get(new_scope, {}).get(widget, widget if called_so in comparison.new.parts else None)
        if name is not None:
            return comparison.matching.known_as(Subject(new_scope, "input", name), comparison.old)
        for scope in (definition, new_scope):
            name = self._shown_in_old.get(scope, {}).get(widget)
            if name is not None:
                return Subject(scope, "input", name)
        return None

    def slot(self, subject: Subject) -> str:
        """An input or output of a subgraph, by its label if it has one."""
        part = self.part(subject)
        label = part.tree.get("label") if part is not None else None
        return label if isinstance(label, str) and label else subject.id

    def scope(self, scope: str) -> Pieces:
        """`subgraph "Upscale"`, and the ids of its instances."""
        part = self.part(Subject(ROOT, "subgraph", scope))
        title = part.title if part is not None else ""
        type_ = part.subject.id if part is not None else scope
        is_new = part is not None and self._comparison.new.parts.get(part.subject) is part
        version = self._comparison.new if is_new else self._comparison.old
        ids = [f"#{each.subject.id}" for each in version.of_kind("node") if each.type == type_]
        where = f" ({', '.join(ids[:3])}{' …' if len(ids) > 3 else ''})" if ids else ""
        return said("subgraph ", Piece(quoted(title or scope), "name"), where)

    @cached_property
    def _shown_in_old(self) -> dict[str, dict[str, str]]:
        return _shown(self._comparison.old)

    @cached_property
    def _shown_in_new(self) -> dict[str, dict[str, str]]:
        """As above; nodes inside have their ids of the old version, as in changes."""
        known_as, old = self._comparison.matching.known_as, self._comparison.old
        found: dict[str, dict[str, str]] = {}
        for definition, inputs in _shown(self._comparison.new).items():
            split = [(*widget.partition("."), name) for widget, name in inputs.items()]
            found[definition] = {
                f"{known_as(Subject(definition, 'node', node), old).id}.{widget}": name
                for node, _, widget, name in split
            }
        return found


def quoted(text: str) -> str:
    """A title in quotes, cut if it is long."""
    return f'"{text if len(text) <= _MAX_TITLE else text[: _MAX_TITLE - 1] + "…"}"'


def _shown(version: Version) -> dict[str, dict[str, str]]:
    """By definition and name of a promoted value, the input that shows it."""
    if version.document.form == "api":
        return {}
    authored = Authored(scopes(version.document.ui), version.catalogue, former={})
    promoted = Promoted(authored)
    return {
        id_: {shown: name for name, shown in promoted.by_input(definition).items()}
        for id_, definition in authored.definitions.items()
    }
