"""The authored view: scopes with what the catalogue says of their nodes."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING, Any

from wftools.catalog.packs import editor_names
from wftools.catalog.signature import MATCH_TYPE
from wftools.catalog.variant import Misfit, misfit, settled, variant
from wftools.graph.authored.editor_types import Does, EditorType, editor_type
from wftools.graph.authored.fitting import misfit_of_pack, turned_into_sockets, with_widgets
from wftools.graph.authored.slots import Slot, input_slots, instance_slots
from wftools.graph.model import Literal, as_given
from wftools.graph.widget_values import Binding, bind, bind_by_prompt, bind_named, bind_unknown, is_of_pack
from wftools.graph.widget_values.aligning import MAX_COST

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wftools.catalog.lookup import Catalogue
    from wftools.catalog.signature import Input, NodeSignature
    from wftools.graph.authored.scopes import AuthoredLink, AuthoredNode, Scope


@dataclass(slots=True)
class _Tried:
    """The values of a node as the signatures bind them that were tried so far."""

    least: int = MAX_COST  # what they cost with the best one: of one that costs more, no more is asked
    bindings: dict[int, Binding] = field(default_factory=dict)  # that are whole, by the identity of the signature


class Authored:
    """A UI workflow as it was saved, with widgets and slots named."""

    def __init__(
        self,
        scopes: tuple[Scope, ...],
        catalogue: Catalogue,
        *,
        prefer_named: bool = False,
        former: Mapping[str, str],
        broadcasts: Mapping[AuthoredNode, Mapping[str, AuthoredLink]] | None = None,
        prompt: Mapping[str, Any] | None = None,
    ) -> None:
        """Of these scopes, the root first. `prefer_named`: `widgets_values_named` wins over `widgets_values`.

        `prompt`: the one that was made of the workflow, where the file has it.

        `former`: by the paths of nodes in group nodes, those that they had in prompts before 2026.
        `broadcasts`: by node and slot, links that the file does not have.
        """
        self.scopes = scopes
        self.catalogue = catalogue
        self.prefer_named = prefer_named
        self.former = former
        self._broadcasts = broadcasts or {}
        self.prompt = prompt
        self._signatures: dict[AuthoredNode, NodeSignature | None] = {}
        self._bindings: dict[AuthoredNode, Binding] = {}
        self._tried: dict[AuthoredNode, Binding] = {}  # what was found on the way to a signature
        self._slots: dict[AuthoredNode, tuple[Slot, ...]] = {}
        self._setters: dict[Scope, Mapping[tuple[str, str], Sequence[AuthoredNode]]] = {}
        self._slots_by_link: dict[AuthoredNode, Mapping[int, Sequence[Slot]]] = {}

    @property
    def root(self) -> Scope:
        """The workflow itself."""
        return self.scopes[0]

    def definition(self, node: AuthoredNode) -> Scope | None:
        """The inside of a subgraph instance; None for any other node."""
        return self.definitions.get(node.type)

    @cached_property
    def definitions(self) -> Mapping[str, Scope]:
        """Subgraph definitions by id; of several with one id, the first."""
        return {scope.definition.id: scope for scope in reversed(self.scopes) if scope.definition is not None}

    @cached_property
    def is_recursive(self) -> bool:
        """Whether a subgraph contains itself, directly or through others."""
        inner = {scope: [self.definition(node) for node in scope.nodes] for scope in self.scopes}
        try:
            TopologicalSorter({scope: filter(None, found) for scope, found in inner.items()}).prepare()
        except CycleError:
            return True
        return False

    def editor_type(self, node: AuthoredNode) -> EditorType | None:
        """What is known of a node that exists in the editor only; None for any other."""
        return editor_type(node.type, self.catalogue)

    def signature(self, node: AuthoredNode) -> NodeSignature | None:
        """The signature of a node: of several versions that are known, the newest that fits what was saved.

        None for a type that is unknown, or known from hearsay only: then the file itself says what its values are.
        """
        if node not in self._signatures:
            editor = self.editor_type(node)
            is_declared = (editor is None or editor.is_declared) and self.definition(node) is None
            tried = _Tried()
            misfit_of = partial(self._misfit, node, tried)
            found = variant(self.catalogue, node.type, misfit_of, node.claimed) if is_declared else None
            if found is not None and id(found) in tried.bindings:
                self._tried[node] = tried.bindings[id(found)]
            if found is not None and found.has_open_types:
                self._tried.pop(node, None)
                found = settled(found, lambda name: any(slot.name == name and not slot.widget for slot in node.inputs))
            self._signatures[node] = found
        return self._signatures[node]

    def binding(self, node: AuthoredNode) -> Binding:
        """The widgets of a node, by input name."""
        if node not in self._bindings:
            self._bindings[node] = self._bind(node, self.signature(node))
        return self._bindings[node]

    def slots(self, scope: Scope, node: AuthoredNode) -> tuple[Slot, ...]:
        """All input slots of a node, in the order of the editor."""
        if node not in self._slots:
            incoming, inside = scope.incoming(node), self.definition(node)
            if inside is not None:
                self._slots[node] = instance_slots(node, incoming, inside.inputs)
            else:
                self._slots[node] = input_slots(node, incoming, self.signature(node), self.binding(node))
            links = self._broadcasts.get(node)
            if links is not None:
                found = self._slots[node]
                self._slots[node] = tuple(replace(slot, link=links.get(slot.name, slot.link)) for slot in found)
        return self._slots[node]

    def setters(self, scope: Scope) -> Mapping[tuple[str, str], Sequence[AuthoredNode]]:
        """The nodes of a scope that set a name, in file order, by their type and the name."""
        if scope not in self._setters:
            found: defaultdict[tuple[str, str], list[AuthoredNode]] = defaultdict(list)
            for node in scope.nodes:
                name = self.name(node, Does.SET)
                if name:
                    found[node.type, name].append(node)
            self._setters[scope] = dict(found)
        return self._setters[scope]

    def name(self, node: AuthoredNode, does: Does) -> str:
        """The name that a node sets or gets, if that is what it does; "" if it does not, or the name is not set."""
        editor = self.editor_type(node)
        held = editor.held(node.ui) if editor is not None and editor.does is does else None
        return held.value if held is not None and isinstance(held.value, str) else ""

    def fed_by(self, scope: Scope, node: AuthoredNode, link: AuthoredLink) -> Sequence[Slot]:
        """The input slots of a node that a row feeds."""
        if node not in self._slots_by_link:
            by_link: defaultdict[int, list[Slot]] = defaultdict(list)
            for slot in self.slots(scope, node):
                if slot.link is not None:
                    by_link[slot.link.row.id].append(slot)
            self._slots_by_link[node] = dict(by_link)
        return self._slots_by_link[node].get(link.row.id, ())

    def output_type(self, node: AuthoredNode, index: int) -> object:
        """The type of an output slot: as declared, or as saved where only the file knows."""
        inside = self.definition(node)
        if inside is not None and inside.definition is not None:
            boundary = inside.definition.outputs or ()
            return boundary[index].type if 0 <= index < len(boundary) else None
        signature = self.signature(node)
        declared = signature.outputs[index].type if signature and 0 <= index < len(signature.outputs) else None
        outputs = node.ui.outputs or ()
        saved = outputs[index].type if 0 <= index < len(outputs) else None
        return saved if declared in (None, MATCH_TYPE) else declared

    def title(self, node: AuthoredNode) -> str:
        """What the editor shows above a node."""
        if node.ui.title:
            return node.ui.title
        signature = self.catalogue.signature(node.type)
        name = signature.display_name if signature else node.type
        return editor_names().get(name, name)  # a type without a name is called by its type

    def _misfit(self, node: AuthoredNode, tried: _Tried, signature: NodeSignature) -> Misfit:
        values = node.ui.widgets_values
        binding = self._bound(node, signature, tried.least)
        if binding.cost <= tried.least:
            tried.bindings[id(signature)] = binding
        given = {name: widget.value for name, widget in binding.widgets.items()}
        for slot in node.inputs:
            if slot.link is not None:
                given[slot.widget.name if slot.widget is not None else slot.name] = []  # a list is a link
        if is_of_pack(signature):
            found = misfit_of_pack(signature, node.ui, binding, given)
            tried.least = tried.least if found.foreign else min(tried.least, found.places)
            return found
        saved = len(values) if isinstance(values, list) else 0
        places = abs(binding.places - saved) if saved else 0
        return misfit(signature, given, binding.widgets.keys(), places=places)

    def _bound(self, node: AuthoredNode, signature: NodeSignature, limit: int = MAX_COST) -> Binding:
        """The values in their places, with widgets where the type has sockets today if that explains them better."""
        values, hints = node.ui.widgets_values, self._today(signature)
        binding = bind(signature, values, hints, limit=limit)
        turned = turned_into_sockets(signature, node.ui) if is_of_pack(signature) else ()
        if not turned:
            return binding
        other = bind(with_widgets(signature, turned), values, hints, limit=limit)
        return other if other.cost <= binding.cost else binding

    def _today(self, signature: NodeSignature) -> Mapping[str, Input]:
        """The inputs that a type has today, for the signature of an older version."""
        if not signature.is_older or signature.origin is None:
            return {}
        variants = self.catalogue.variants(signature.type)
        of_pack = (each for each in variants if each.origin is not None and each.origin.pack == signature.origin.pack)
        today = next((each for each in of_pack if not each.is_older), None)
        return today.by_name if today is not None else {}

    def _bind(self, node: AuthoredNode, signature: NodeSignature | None) -> Binding:
        ui = node.ui
        if signature is None:
            return self._by_the_file(
                node, None, bind_unknown(ui.inputs or (), ui.widgets_values, ui.widgets_values_named)
            )
        if self.prefer_named and ui.widgets_values_named:
            return bind_named(signature, ui.widgets_values_named)
        binding = self._tried.pop(node, None) or self._bound(node, signature)
        if not binding.fits and signature.partly and signature.origin is None:  # read off a source that tells not all
            binding = bind_unknown(ui.inputs or (), ui.widgets_values, ui.widgets_values_named)
        if not binding.fits and not self.catalogue.is_exact(signature) and ui.widgets_values_named:
            return replace(bind_named(signature, ui.widgets_values_named), fits=False)  # of an unknown version
        return self._by_the_file(node, signature, binding) if is_of_pack(signature) else binding

    def _by_the_file(self, node: AuthoredNode, signature: NodeSignature | None, binding: Binding) -> Binding:
        """The same, or where values are left that nothing names, what the prompt beside the workflow calls them."""
        if binding.fits and not binding.unnamed:
            return binding
        given = self._prompted.get(node.execution_id, {}).get(node.type)
        return bind_by_prompt(node.ui.widgets_values, given, signature) if given is not None else binding

    @cached_property
    def _prompted(self) -> Mapping[str, Mapping[str, Mapping[str, Any]]]:
        """The literals of nodes in the prompt beside the workflow, by their own id and by type."""
        found: dict[str, dict[str, Mapping[str, Any]]] = {}
        for path, entry in (self.prompt or {}).items():
            inputs, kind = (entry.get("inputs"), entry.get("class_type")) if isinstance(entry, dict) else (None, None)
            if isinstance(inputs, dict) and isinstance(kind, str):
                given = {name: each for name, each in inputs.items() if isinstance(as_given(each, ""), Literal)}
                found.setdefault(path.rpartition(":")[2], {}).setdefault(kind, given)
        return found
