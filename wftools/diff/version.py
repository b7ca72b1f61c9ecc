"""One version of a workflow as subjects and their facts, in whichever form and spelling it was saved.

    version = Version.of(read("flow.json"))
    version.parts[Subject("", "node", "3")].facts["widget", "steps"]

Widgets have names, links start at the name of an output and end at the name of an input, promoted widgets are called
after the widget inside. Nothing is left out: what no model knows is a fact under its own key, and what is malformed is
one under `malformed`.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from wftools.catalog.lookup import Catalogue, newest
from wftools.diff.changes import ROOT, WORKFLOW, Endpoint, FactValue, Key, Kind, Subject
from wftools.diff.places import Places, Promoted, places
from wftools.document.pointer import value_at
from wftools.graph.authored import Authored
from wftools.graph.authored.scopes import INPUTS, scopes
from wftools.graph.build import build
from wftools.graph.model import Linked

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from wftools.document import Document
    from wftools.document.document import Tree
    from wftools.graph.authored.scopes import AuthoredLink, AuthoredNode, Scope
    from wftools.values import Json

Facts = dict[Key, FactValue]

_TITLE_OF_API: Final = "_meta"
_MODELS: Final = "models"
_EXTENSIONS: Final = "linkExtensions"  # of version 0.4: the reroute that a link was drawn through last
_LISTS: Final = frozenset({"nodes", "links", "groups", "reroutes", "definitions", "inputs", "outputs"})
_IN_EXTRA: Final = frozenset({("extra", "reroutes"), ("extra", _EXTENSIONS)})


@dataclass(eq=False)
class Part:
    """A subject in one version.

    `tree` is its JSON, as it stands in the document at `pointer`; `links` say what its inputs are linked to, by name.
    """

    subject: Subject
    pointer: str
    tree: Tree
    links: Mapping[str, Endpoint] = field(default_factory=dict)
    link_ids: Mapping[str, Json] = field(default_factory=dict)  # of the rows of those links, and their reroutes
    places: Places | None = None  # of a UI node: the names of its values
    own: Facts = field(default_factory=dict)  # facts that are not in the tree

    def with_places(self, places: Places) -> Part:
        """The same part with other names for its values."""
        return Part(self.subject, self.pointer, self.tree, self.links, self.link_ids, places, self.own)

    @cached_property
    def type(self) -> str:
        """The type of a node; "" of anything else."""
        found = self.tree.get("type", self.tree.get("class_type")) if self.subject.kind == "node" else ""
        return found if isinstance(found, str) else ""

    @property
    def title(self) -> str:
        """What the user called it: a node or a group by its title, a definition by its name; "" if nothing."""
        meta = self.tree.get(_TITLE_OF_API)
        found = meta.get("title") if isinstance(meta, dict) else self.tree.get("title", self.tree.get("name"))
        return found if isinstance(found, str) else ""

    @cached_property
    def widgets(self) -> dict[str, Json]:
        """The values of the widgets of a node by name, in their order; companions of widgets are among them."""
        if self.places is not None:
            return self.places.values
        inputs = self.tree.get("inputs")
        if self.subject.kind != "node" or not isinstance(inputs, dict):
            return {}
        return {name: value for name, value in inputs.items() if name not in self.links}

    @cached_property
    def facts(self) -> Facts:
        """All that this version says of the subject, links included."""
        read = {"node": self._of_node, "workflow": self._of_graph, "subgraph": self._of_graph}
        found = dict(read.get(self.subject.kind, self._of_other)())
        for name, endpoint in self.links.items():
            found[("link", name) if self.subject.kind == "node" else ("link",)] = endpoint
        for name, ids in self.link_ids.items():
            found["link id", name] = ids
        return found | self.own

    def _of_node(self) -> Iterator[tuple[Key, FactValue]]:
        for name, value in self.widgets.items():
            yield ("widget", name), value
        if self.places is None:
            yield from self._of_prompt()
            return
        yield ("widgets",), self.places.spelling
        for key, value in self.tree.items():
            match key, value:
                case (("widgets_values" | "widgets_values_named"), _):
                    pass
                case (("inputs" | "outputs"), list()):
                    yield from _slots(key, value)
                case "flags", dict():
                    yield from ((("flag", name), each) for name, each in value.items())
                case "properties", dict():
                    yield from _properties(value)
                case "mode", (0 | None):
                    pass  # the same as none
                case "type", str():
                    yield ("type",), value
                case _:
                    yield (key,), value

    def _of_prompt(self) -> Iterator[tuple[Key, FactValue]]:
        for key, value in self.tree.items():
            match key, value:
                case "inputs", dict():
                    pass
                case "class_type", _:
                    yield ("type",), value
                case "_meta", dict():
                    yield from (
                        ((("title",) if name == "title" else ("meta", name)), each) for name, each in value.items()
                    )
                case _:
                    yield (key,), value

    def _of_graph(self) -> Iterator[tuple[Key, FactValue]]:
        for key, value in self.tree.items():
            if key in _LISTS and isinstance(value, list | dict):
                continue  # its items are subjects
            if key in ("extra", "config") and isinstance(value, dict):
                yield from (((key, name), each) for name, each in value.items() if (key, name) not in _IN_EXTRA)
            else:
                yield (key,), value

    def _of_other(self) -> Iterator[tuple[Key, FactValue]]:
        for key, value in self.tree.items():
            if key == "flags" and isinstance(value, dict):
                yield from ((("flag", name), each) for name, each in value.items())
            elif key != "linkIds":  # follows from the links
                yield (key,), value


def _properties(properties: dict[str, Json]) -> Iterator[tuple[Key, FactValue]]:
    for name, value in properties.items():
        if name == _MODELS and isinstance(value, list):
            yield from ((("model", model), each) for model, each in models_by_name(value))
        else:
            yield ("property", name), value


def models_by_name(models: list[Json]) -> Iterator[tuple[str, Json]]:
    """The model files that a node names, by folder and name."""
    seen: Counter[str] = Counter()
    for model in models:
        name = f"{model.get('directory', '')}/{model.get('name', '')}" if isinstance(model, dict) else ""
        yield _numbered(name, seen), model


def _slots(key: str, slots: list[Json]) -> Iterator[tuple[Key, FactValue]]:
    """The slots of a node by name: what was declared, and apart from that the label, which is the user's."""
    names = slot_names(slots)
    yield (key,), [*names]
    kind = key.removesuffix("s")
    for name, slot in zip(names, slots, strict=True):
        if not isinstance(slot, dict):
            yield (kind, name), slot
            continue
        yield (kind, name), {key: value for key, value in slot.items() if key not in _NOT_OF_SLOT}
        if "label" in slot:
            yield (kind, name, "label"), slot["label"]


_NOT_OF_SLOT: Final = frozenset({"name", "label", "link", "links"})


def slot_names(slots: Iterable[Any]) -> tuple[str, ...]:
    """The names by which the slots of a node are told apart: a second `image` is `image#1`."""
    names = [name if isinstance(slot, dict) and isinstance(name := slot.get("name"), str) else "" for slot in slots]
    return tuple(_distinct(names))


def _numbered(name: str, seen: Counter[str]) -> str:
    """A name that was not given before: the name itself, else with a number behind it."""
    count = seen[name]
    seen[name] += 1
    return f"{name}#{count}" if count else name


@dataclass(frozen=True)
class Version:
    """A workflow as subjects with facts."""

    document: Document
    catalogue: Catalogue
    parts: Mapping[Subject, Part]  # the workflow first; of each scope in the order of the file

    @classmethod
    def of(cls, document: Document, catalogue: Catalogue | None = None) -> Version:
        """The version that a document holds. The catalogue names values and slots that the file does not name."""
        catalogue = catalogue or newest()
        read = _of_prompt(document, catalogue) if document.form == "api" else _Reading(document, catalogue).parts()
        return cls(document, catalogue, {part.subject: part for part in read})

    def with_parts(self, parts: Mapping[Subject, Part]) -> Version:
        """The same version with some parts read otherwise."""
        return replace(self, parts={**self.parts, **parts}) if parts else self

    def of_kind(self, kind: Kind, scope: str | None = None) -> Iterator[Part]:
        """The parts of a kind, of one scope or of all."""
        return (
            part
            for part in self.parts.values()
            if part.subject.kind == kind and (scope is None or part.subject.scope == scope)
        )

    @cached_property
    def scopes(self) -> tuple[str, ...]:
        """The root, and the definitions by id."""
        return (ROOT, *(part.subject.id for part in self.of_kind("subgraph")))


def _of_prompt(document: Document, catalogue: Catalogue) -> Iterator[Part]:
    """The parts of an API prompt: nodes, of which the outputs are named by the catalogue."""
    malformed: Facts = {
        ("malformed", key): value for key, value in document.tree.items() if not isinstance(value, dict)
    }
    yield Part(WORKFLOW, "", {}, own=malformed)
    flat = build(document, catalogue).flat
    for path, node in flat.nodes.items():
        links = {}
        for name, each in node.given.items():
            if isinstance(each, Linked):
                source = flat.nodes.get(each.source)
                outputs = source.signature.outputs if source is not None and source.signature is not None else ()
                is_named = 0 <= each.slot < len(outputs)
                links[name] = Endpoint(each.source, outputs[each.slot].name if is_named else str(each.slot), each.slot)
        yield Part(Subject(ROOT, "node", path), node.pointer, document.tree[path], links)


class _Reading:
    """Reads the parts of a UI workflow."""

    def __init__(self, document: Document, catalogue: Catalogue) -> None:
        self._tree = document.tree
        self._authored = Authored(scopes(document.ui), catalogue, former={})
        self._promoted = Promoted(self._authored)

    def parts(self) -> Iterator[Part]:
        """All parts, the workflow first."""
        for scope in self._authored.scopes:
            tree: Any = value_at(self._tree, scope.pointer)
            if scope.definition is None:
                subject, scope_id = WORKFLOW, ROOT
            elif self._authored.definitions[scope.definition.id] is scope:
                subject, scope_id = Subject(ROOT, "subgraph", scope.definition.id), scope.definition.id
            else:
                continue  # a second definition of the id, which the editor passes over as well
            yield Part(subject, scope.pointer, tree, own=dict(self._of_lists(scope, tree)))
            yield from self._nodes(scope, scope_id, tree)
            if scope.definition is not None:
                yield from self._boundary(scope, scope_id, tree)
            groups = _objects(tree, "groups")
            ids = _distinct([str(group.get("id", "")) for _, group in groups])
            for id_, (index, group) in zip(ids, groups, strict=True):
                yield Part(Subject(scope_id, "group", id_), f"{scope.pointer}/groups/{index}", group)
            for at, reroute in _reroutes(tree):
                yield Part(Subject(scope_id, "reroute", str(reroute.get("id"))), scope.pointer + at, reroute)

    def _nodes(self, scope: Scope, scope_id: str, tree: Tree) -> Iterator[Part]:
        trees = _list_of(tree, "nodes")
        saved = {node.id: trees[_index(node)] for node in reversed(scope.nodes)}
        outputs = {id_: slot_names(_list_of(each, "outputs")) for id_, each in saved.items()}
        outputs[INPUTS] = slot_names(_list_of(tree, "inputs"))
        through = _through(tree)
        for id_, node in zip(_distinct([node.id for node in scope.nodes]), scope.nodes, strict=True):
            own = trees[_index(node)]
            names = slot_names(_list_of(own, "inputs"))
            incoming = scope.incoming(node) if id_ == node.id else {}  # a second node of the id is linked to nothing
            links = {names[index]: link for index, link in incoming.items()}
            reroutes = {name: through.get(link.row.id, link.row.parentId) for name, link in links.items()}
            yield Part(
                Subject(scope_id, "node", id_),
                node.pointer,
                own,
                {name: _endpoint(link, outputs) for name, link in links.items()},
                {name: link.row.id for name, link in links.items()},
                places(self._authored, self._promoted, node, own),
                {("through", name): reroute for name, reroute in reroutes.items() if reroute is not None},
            )

    def _boundary(self, scope: Scope, scope_id: str, tree: Tree) -> Iterator[Part]:
        """The inputs and outputs of a subgraph definition."""
        outputs = {node.id: slot_names(_list_of(value_at(self._tree, node.pointer), "outputs")) for node in scope.nodes}
        outputs[INPUTS] = slot_names(_list_of(tree, "inputs"))
        for key, kind in _BOUNDARY:
            slots = _list_of(tree, key)
            for index, (name, slot) in enumerate(zip(slot_names(slots), slots, strict=True)):
                link = next(iter(scope.to_output.get(index, ())), None) if kind == "output" else None
                yield Part(
                    Subject(scope_id, kind, name),
                    f"{scope.pointer}/{key}/{index}",
                    slot if isinstance(slot, dict) else {},
                    {"": _endpoint(link, outputs)} if link is not None else {},
                    {"": link.row.id} if link is not None else {},
                )

    def _of_lists(self, scope: Scope, tree: Tree) -> Iterator[tuple[Key, FactValue]]:
        """What the lists of a graph say beyond their items: their order, how they are spelled, and what is no item."""
        read = {_index(node) for node in scope.nodes}
        for index, node in enumerate(_list_of(tree, "nodes")):
            if index not in read:
                yield ("malformed", f"nodes/{index}"), node
        for index, group in enumerate(_list_of(tree, "groups")):
            if not isinstance(group, dict):
                yield ("malformed", f"groups/{index}"), group
        for key in ("nodes", "groups"):
            yield (key,), [item.get("id") for item in _list_of(tree, key) if isinstance(item, dict)]
        rows = _list_of(tree, "links")
        yield ("links",), [_id_of_row(row) for row in rows]
        if rows:
            yield ("spelling",), "objects" if isinstance(rows[0], dict) else "rows"
        if scope.definition is None:
            subgraphs = _list_of(tree.get("definitions"), "subgraphs")
            yield ("definitions",), [each.get("id") if isinstance(each, dict) else None for each in subgraphs]
        else:
            for key, _ in _BOUNDARY:
                yield (key,), [*slot_names(_list_of(tree, key))]


_BOUNDARY: Final[tuple[tuple[str, Kind], ...]] = (("inputs", "input"), ("outputs", "output"))


def _index(node: AuthoredNode) -> int:
    """Where a node stands in the list of its scope."""
    return int(node.pointer.rpartition("/")[2])


def _id_of_row(row: Json) -> Json:
    if isinstance(row, dict):
        return row.get("id")
    return row[0] if isinstance(row, list) and row else None


def _endpoint(link: AuthoredLink, outputs: Mapping[str, Sequence[str]]) -> Endpoint:
    slot, named = link.row.origin_slot, outputs.get(link.source, ())
    return Endpoint(link.source, named[slot] if 0 <= slot < len(named) else str(slot), slot)


def _list_of(tree: Any, key: str) -> list[Any]:
    """The list under a key, or an empty one where there is none."""
    found = tree.get(key) if isinstance(tree, dict) else None
    return found if isinstance(found, list) else []


def _objects(tree: Tree, key: str) -> list[tuple[int, Tree]]:
    """The objects of the list under a key, and where they stand in it."""
    return [(index, each) for index, each in enumerate(_list_of(tree, key)) if isinstance(each, dict)]


def _distinct(names: Sequence[str]) -> Sequence[str]:
    """Names that tell apart what has one name."""
    if len(set(names)) == len(names):
        return names
    seen: Counter[str] = Counter()
    return [_numbered(name, seen) for name in names]


def _reroutes(tree: Tree) -> Iterator[tuple[str, Tree]]:
    """The points that links are drawn through, with their pointers; version 0.4 keeps them in `extra`."""
    for owner, at in ((tree, ""), (tree.get("extra"), "/extra")):
        if isinstance(owner, dict):
            yield from ((f"{at}/reroutes/{index}", each) for index, each in _objects(owner, "reroutes"))


def _through(tree: Tree) -> dict[int, int]:
    """The reroute that each link is drawn through last, where rows of links do not say it."""
    found = {}
    for _, each in _objects(tree.get("extra") or {}, _EXTENSIONS) if isinstance(tree.get("extra"), dict) else ():
        id_, parent = each.get("id"), each.get("parentId")
        if isinstance(id_, int) and isinstance(parent, int):
            found[id_] = parent
    return found
