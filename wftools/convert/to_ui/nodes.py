"""What the editor shows of each member of a subgraph: its slots with their types, its widgets, its size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wftools.catalog.packs import editor_names
from wftools.catalog.signature import COMBO, MATCH_TYPE, WILDCARD, Matched
from wftools.convert.to_ui.forms import node_form, unwrapped
from wftools.convert.to_ui.rebuilt import INPUT_NODE, Endpoint, Names, Origin
from wftools.convert.to_ui.types import Types
from wftools.graph.widget_values.added import is_saved_as_object
from wftools.layout.sizes import Face, node_size

if TYPE_CHECKING:
    from wftools.catalog.lookup import Catalogue
    from wftools.convert.to_ui.forms import NodeForm
    from wftools.convert.to_ui.rebuilt import Id, Subgraph, SubgraphInput
    from wftools.graph.model import View
    from wftools.graph.widget_values import Widget
    from wftools.graph.widget_values.order import SavedValue

_UNDECIDED: Final = frozenset({WILDCARD, MATCH_TYPE})
# What appears in a node that loads it, by the option of its menu, or in one that saves it, by the type of its input.
_PICTURE_MENUS: Final = frozenset({"image_upload", "video_upload"})
_PICTURES: Final = frozenset({"IMAGE", "VIDEO"})
_SOUND_MENUS: Final = frozenset({"audio_upload"})
_SOUNDS: Final = frozenset({"AUDIO"})


@dataclass(frozen=True, slots=True)
class WrittenInput:
    """An input slot of a member, or an input of a subgraph."""

    name: str
    type: str
    is_widget: bool = False
    is_required: bool = True


@dataclass(frozen=True, slots=True)
class WrittenOutput:
    """An output slot of a member, or an output of a subgraph."""

    name: str
    type: str
    is_list: bool = False


@dataclass(frozen=True, slots=True)
class WrittenNode:
    """A member of a subgraph as the editor shows it."""

    title: str | None  # if it is not the one that all nodes of its type have
    inputs: tuple[WrittenInput, ...]
    outputs: tuple[WrittenOutput, ...]
    widgets: tuple[SavedValue, ...]  # the saved values with their names, companions included
    size: tuple[float, float]
    is_object: bool = False  # whether the values are saved by name instead of by place


class WrittenNodes:
    """All members of all subgraphs of a prompt as the editor shows them."""

    def __init__(self, view: View, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._types = Types(view)
        self._forms: dict[tuple[Subgraph, Id], NodeForm] = {}
        self._nodes: dict[tuple[Subgraph, Id], WrittenNode] = {}

    def node(self, subgraph: Subgraph, id_: Id) -> WrittenNode:
        """A member: a node of the prompt, or an instance of a subgraph."""
        if (subgraph, id_) not in self._nodes:
            made = self._instance(subgraph, id_) if id_ in subgraph.hosts else self._leaf(subgraph, id_)
            self._nodes[subgraph, id_] = made
        return self._nodes[subgraph, id_]

    def inputs(self, subgraph: Subgraph) -> tuple[WrittenInput, ...]:
        """The inputs of a subgraph."""
        return tuple(
            WrittenInput(each.name, self._input_type(subgraph, each), self._promoted(subgraph, each) is not None)
            for each in subgraph.inputs
        )

    def outputs(self, subgraph: Subgraph) -> tuple[WrittenOutput, ...]:
        """The outputs of a subgraph, named after what they lead out."""
        names = Names()
        led_out = ((endpoint, self.node(subgraph, endpoint.id).outputs[endpoint.slot]) for endpoint in subgraph.outputs)
        return tuple(
            WrittenOutput(names.unused(slot.name), self.type(subgraph, endpoint), slot.is_list)
            for endpoint, slot in led_out
        )

    def type(self, subgraph: Subgraph, endpoint: Endpoint) -> str:
        """The type of what an endpoint gives."""
        if endpoint.id == INPUT_NODE:
            return self._input_type(subgraph, subgraph.inputs[endpoint.slot])
        return self._types.output(subgraph.origin(subgraph.first_use, endpoint))

    # Nodes of the prompt

    def _leaf(self, subgraph: Subgraph, id_: Id) -> WrittenNode:
        node, form = subgraph.leaves[id_][0], self._form(subgraph, id_)
        inputs: list[WrittenInput] = []
        for slot in form.slots:
            kind = slot.type
            if kind in _UNDECIDED and slot.name in subgraph.wires[id_]:
                kind = self.type(subgraph, subgraph.wires[id_][slot.name])
            elif isinstance(slot.dynamic, Matched):
                kind = slot.dynamic.allowed
            inputs.append(WrittenInput(slot.name, kind, form.has_widget(slot.name), slot.required))
        declared = form.signature.outputs if form.signature is not None else ()
        outputs: list[WrittenOutput] = []
        for index in range(max(len(declared), subgraph.used.get(id_, 0))):
            kind = self.type(subgraph, Endpoint(id_, index))
            if index < len(declared):
                outputs.append(WrittenOutput(declared[index].name, kind, declared[index].is_list))
            else:
                outputs.append(WrittenOutput(f"output_{index}", kind))
        signature = self._catalogue.signature(node.type)
        default = signature.display_name if signature is not None else node.type
        default = editor_names().get(default, default)
        title = node.title if node.title and node.title != default else None
        size = node_size(_face(form, title or default))
        is_object = form.signature is not None and is_saved_as_object(form.signature)
        return WrittenNode(title, tuple(inputs), tuple(outputs), form.binding.saved, size, is_object)

    def _form(self, subgraph: Subgraph, id_: Id) -> NodeForm:
        if (subgraph, id_) not in self._forms:
            signature = subgraph.leaves[id_][0].signature
            self._forms[subgraph, id_] = node_form(signature, subgraph.values[id_], subgraph.wires[id_])
        return self._forms[subgraph, id_]

    # Instances of subgraphs

    def _instance(self, subgraph: Subgraph, id_: Id) -> WrittenNode:
        inside = subgraph.hosts[id_]
        inputs, outputs = self.inputs(inside), self.outputs(inside)
        promoted = ((each.name, self._promoted(inside, each)) for each in inside.inputs)
        own = {name: widget.value for name, widget in promoted if widget is not None}
        given = {name: unwrapped(value) for name, value in subgraph.values[id_].items() if name in own}
        widgets = {**own, **given}
        face = Face(
            f"Subgraph {id_}",
            sockets=[each.name for each in inputs if not each.is_widget],
            outputs=[each.name for each in outputs],
            widgets=list(widgets),
            rows=len(widgets),
        )
        return WrittenNode(None, inputs, outputs, tuple(widgets.items()), node_size(face))

    def _promoted(self, subgraph: Subgraph, each: SubgraphInput) -> Widget | None:
        """The widget that an input of a subgraph stands for; None if it stands for a socket."""
        id_, name = each.target
        if id_ in subgraph.hosts:
            return self._promoted(subgraph.hosts[id_], subgraph.hosts[id_].input(name))
        return self._form(subgraph, id_).binding.widgets.get(name)

    def _input_type(self, subgraph: Subgraph, each: SubgraphInput) -> str:
        for content in each.contents:
            if isinstance(content, Origin):
                return self._types.output(content)
        id_, name = each.target
        if id_ in subgraph.hosts:
            return self._input_type(subgraph.hosts[id_], subgraph.hosts[id_].input(name))
        return next((slot.type for slot in self._form(subgraph, id_).slots if slot.name == name), WILDCARD)


def _face(form: NodeForm, title: str) -> Face:
    """What a node of the prompt shows."""
    signature = form.signature
    widgets = [widget.declared for widget in form.binding.widgets.values() if widget.declared is not None]
    menus = {option for each in widgets if each.type == COMBO for option, value in each.options.items() if value}
    is_saving = signature is not None and signature.output_node and not signature.api_node
    saved = {each.type for each in signature.inputs} if signature is not None and is_saving else set()
    return Face(
        title,
        sockets=[slot.name for slot in form.slots if not form.has_widget(slot.name)],
        outputs=[output.name for output in signature.outputs] if signature is not None else (),
        widgets=list(form.binding.widgets),
        rows=form.binding.places,
        texts=sum(bool(each.options.get("multiline")) for each in widgets),
        widget_types=[str(each.options.get("widgetType", each.type)) for each in widgets],
        node_type=signature.type if signature is not None else "",
        has_picture=not _PICTURE_MENUS.isdisjoint(menus) or not _PICTURES.isdisjoint(saved),
        has_player=not _SOUND_MENUS.isdisjoint(menus) or not _SOUNDS.isdisjoint(saved),
    )
