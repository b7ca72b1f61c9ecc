"""Where the value of an input stands in a workflow, and what else takes its value from there."""

from __future__ import annotations

import re
from collections import defaultdict, deque
from typing import TYPE_CHECKING, Any, Final

from wftools.catalog.expand import expand
from wftools.catalog.literals import WRAPPED
from wftools.catalog.signature import Branches
from wftools.document.edit import Edit, Insert, Remove, Set
from wftools.document.pointer import pointer
from wftools.errors import InputError, listed
from wftools.graph.authored.editor_types import EDITOR_TYPES, PRIMITIVE, editor_type
from wftools.graph.model import Linked, Literal
from wftools.graph.widget_values import bind, bind_named
from wftools.graph.widget_values.added import with_editor_widgets
from wftools.setting.values import spelled_like

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wftools.catalog.signature import Input, NodeSignature
    from wftools.document.ui import UiNode
    from wftools.graph import Node, NodePath, WorkflowGraph
    from wftools.graph.naming import Setting

InputOf = tuple["NodePath", str]
"""An input of a node of a view."""

MAX_NAMED: Final = 5  # inputs in a message

_WIDGETS: Final = "widgets_values"
_NAMED: Final = "widgets_values_named"
_SAVED: Final = re.compile(rf"(.*?)/({_WIDGETS}|{_NAMED})/([^/]*)", re.DOTALL)


def refuse_links(graph: WorkflowGraph, wanted: Setting, node: Node, name: str) -> None:
    """Raise InputError, which says what feeds the input, if a link does."""
    given = node.given.get(name)
    owner = _owner(graph, node, given) if given is not None else node
    if owner is not node and owner.ui is not None and owner.ui.type == PRIMITIVE:
        raise InputError(
            f"{wanted}: {name} of node {node} is linked to node {owner}",
            hint=f"set that: {owner.path}.{EDITOR_TYPES[PRIMITIVE].values[0]}=…",
        )
    if isinstance(given, Linked):
        source = graph.unfolded.nodes.get(given.source)
        raise InputError(
            f"{wanted}: {name} of node {node} is linked to output {given.slot} of node {source or given.source}",
            hint="set an input of that node, or remove the link first",
        )
    if name in node.lost:
        by_way = f", by way of node {node.lost[name]}, which passes nothing on" if node.lost[name] is not None else ""
        raise InputError(f"{wanted}: {name} of node {node} is linked{by_way}", hint="remove the link first")


def taking(graph: WorkflowGraph, node: Node, name: str) -> tuple[list[InputOf], list[InputOf]]:
    """The inputs that take the value of an input: those that are meant with it, and others.

    With an input of a subgraph instance, or with the value of a primitive node, those are meant that it feeds.
    """
    given = node.given.get(name)
    if given is None or given.pointer == node.pointer or graph.authored is None:
        return [(node.path, name)], []
    is_itself = _is_sent(graph, node)
    fed = f"{node.path}:" if _is_instance(graph, node) else "".join(node.path.rpartition(":")[:2])
    meant: list[InputOf] = []
    others: list[InputOf] = []
    for path, each in graph.unfolded.nodes.items():
        for input_name, value in each.given.items() if _is_sent(graph, each) else ():
            if isinstance(value, Literal) and value.pointer == given.pointer:
                is_meant = (path, input_name) == (node.path, name) if is_itself else path.startswith(fed)
                (meant if is_meant else others).append((path, input_name))
    return meant, others


def refuse_others(wanted: object, others: Sequence[str], *, shared: bool) -> None:
    """Raise InputError if others would change as well, and that was not asked for."""
    if others and not shared:
        raise InputError(
            f"{wanted}: {listed(others, MAX_NAMED)} would change as well, since the file has one place for all",
            hint="--shared changes them together",
        )


def declarations(graph: WorkflowGraph, inputs: Sequence[InputOf]) -> Iterator[Input]:
    """What is known of some inputs: as the node's own version declares them, then as others do."""
    for path, name in inputs:
        node = graph.unfolded.nodes[path]
        own = node.signature
        found = [_declared(own, node, name)] if own is not None else []
        if own is not None and not (graph.catalogue.is_exact(own) or own.origin is not None):
            found += [_declared(each, node, name) for each in graph.catalogue.variants(node.type)]
        yield from (each for each in found if each is not None)


def edits_for(graph: WorkflowGraph, node: Node, name: str, value: Any) -> Iterator[Edit]:
    """The edits that give an input a value; of a copy of the value in the file as well. Raises InputError."""
    given = node.given.get(name)
    if graph.authored is None:
        yield from _in_prompt(graph, node, name, value)
        return
    owner = _owner(graph, node, given) if given is not None else node
    saved = _SAVED.fullmatch(given.pointer) if given is not None else None
    signature = owner.signature
    if given is None or saved is None or _is_branching(signature, owner, name):
        if owner is not node or owner.ui is None or signature is None:
            raise InputError(
                f"{node.path}.{name}: the file has no place for the value", hint="set the input of the node inside"
            )
        yield from _laid_out_anew(owner, owner.ui, signature, name, value)
        return
    yield Set(given.pointer, value)
    own = next((each for each, held in owner.given.items() if held.pointer == given.pointer), name)
    copy = _copy(owner.ui, saved[2], saved[3], own) if owner.ui is not None else None
    if copy is not None:
        yield Set(owner.pointer + copy, value)


def _declared(signature: NodeSignature, node: Node, name: str) -> Input | None:
    if node.ui is not None:
        signature = with_editor_widgets(signature, node.ui.widgets_values)
    return expand(signature, node.values).get(name)


def _is_instance(graph: WorkflowGraph, node: Node) -> bool:
    return graph.authored is not None and node.ui is not None and node.ui.type in graph.authored.definitions


def _is_sent(graph: WorkflowGraph, node: Node) -> bool:
    """Whether the server may be told of the node: it is no instance of a subgraph, and not one of the editor's own."""
    return not _is_instance(graph, node) and (node.ui is None or editor_type(node.ui.type, graph.catalogue) is None)


def _is_branching(signature: NodeSignature | None, node: Node, name: str) -> bool:
    """Whether other widgets stand in the list with another value."""
    declared = _declared(signature, node, name) if signature is not None else None
    return declared is not None and isinstance(declared.dynamic, Branches)


def _owner(graph: WorkflowGraph, node: Node, given: Any) -> Node:
    """The node in which a value stands; of one that stands in several places, any."""
    saved = _SAVED.fullmatch(given.pointer)
    at = saved[1] if saved is not None else given.pointer
    if at == node.pointer:
        return node
    return next((each for each in graph.unfolded.nodes.values() if each.pointer == at), node)


def _in_prompt(graph: WorkflowGraph, node: Node, name: str, value: Any) -> Iterator[Edit]:
    """The edit of an API prompt. The server takes a bare list for a link."""
    entry = graph.document.tree[node.path]
    inputs = entry.get("inputs")
    value = {WRAPPED: value} if isinstance(value, list) else value
    if not isinstance(inputs, dict):
        at = pointer(node.path, "inputs")
        yield Set(at, {name: value}) if "inputs" in entry else Insert(at, {name: value})
    elif name in inputs:
        yield Set(pointer(node.path, "inputs", name), value)
    else:
        yield Insert(pointer(node.path, "inputs", name), value)


def _copy(ui: UiNode, where: str, key: str, name: str) -> str | None:
    """Where the same value stands once more in a node: with its name, or without."""
    named, values = ui.widgets_values_named or {}, ui.widgets_values
    names = list(named)
    if where == _WIDGETS:
        if name in named:
            return pointer(_NAMED, name)
        is_aligned = isinstance(values, list) and len(values) == len(names) and key.isdigit()
        return pointer(_NAMED, names[int(key)]) if is_aligned else None
    if isinstance(values, dict):
        return pointer(_WIDGETS, name) if name in values else None
    is_aligned = values is not None and len(values) == len(names) and name in named
    return pointer(_WIDGETS, names.index(name)) if is_aligned else None


def _laid_out_anew(node: Node, ui: UiNode, signature: NodeSignature, name: str, value: Any) -> Iterator[Edit]:
    """The edits where a value has no place yet, or brings other widgets: all values of the node in their places."""
    values = ui.widgets_values
    if isinstance(values, dict):
        at = f"{node.pointer}/{_WIDGETS}{pointer(name)}"
        yield Set(at, value) if name in values else Insert(at, value)
        return
    old = bind(signature, values)
    if values and len(values) > old.places:
        raise InputError(
            f"{node.path}.{name}: widgets_values has {len(values)} values, {node.type} takes {old.places}",
            hint="open and save the file in ComfyUI",
        )
    kept: defaultdict[str, deque[Any]] = defaultdict(deque)
    for (place, _), each in zip(old.saved, values or (), strict=False):
        kept[place].append(each)
    named = {each: widget.value for each, widget in old.widgets.items()} | {name: value}
    new = bind_named(signature, named)
    laid = [
        value if place == name else kept[place].popleft() if kept[place] else spelled_like(None, held, is_ui=True)
        for place, held in new.saved
    ]
    at = f"{node.pointer}/{_WIDGETS}"
    yield Set(at, laid) if values is not None else Insert(at, laid)
    copies = ui.widgets_values_named
    if copies:
        gone, at = old.widgets.keys() - new.widgets.keys(), f"{node.pointer}/{_NAMED}"
        yield from (Remove(at + pointer(each)) for each in copies if each in gone)
        for each, widget in new.widgets.items():
            if each not in copies:
                yield Insert(at + pointer(each), widget.value)
            elif each == name:
                yield Set(at + pointer(each), value)
