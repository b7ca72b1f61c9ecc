"""The links of one graph while it is changed: rows of its table, and what refers to them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from wftools.diff.apply.words import list_of
from wftools.diff.changes import ROOT, WORKFLOW, Subject
from wftools.diff.version import slot_names
from wftools.document.ids import sort_key
from wftools.document.pointer import value_at
from wftools.graph.authored.scopes import INPUTS, OUTPUTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wftools.diff.version import Version
    from wftools.document.document import Tree
    from wftools.values import Json

Row: TypeAlias = "list[Any] | dict[str, Any]"

FIELDS: Final = ("id", "origin_id", "origin_slot", "target_id", "target_slot", "type")
_EXTENSIONS: Final = "linkExtensions"
_FIRST_OBJECTS: Final = 1  # the version of workflows that spells links as objects


@dataclass(eq=False)
class Wire:
    """A row, and what it leads from and to as objects of the tree: what it is told by id and place follows them."""

    row: Row
    source: Tree | None = None  # the node; None for an input of the subgraph, or what is not there
    output: Tree | None = None  # the slot
    target: Tree | None = None
    input: Tree | None = None
    id_before: Any = None


class Graph:
    """One graph of a tree that may be changed: the workflow, or a subgraph definition."""

    def __init__(self, version: Version, scope: str, tree: Tree) -> None:
        owner = version.parts[WORKFLOW if scope == ROOT else Subject(ROOT, "subgraph", scope)]
        self.scope = scope
        self.tree: Any = value_at(tree, owner.pointer)
        self.is_root = scope == ROOT
        self.nodes: dict[str, Any] = {
            part.subject.id: value_at(tree, part.pointer) for part in version.of_kind("node", scope)
        }
        self.inputs = {id_: named_slots(node, "inputs") for id_, node in self.nodes.items()}
        self.outputs = {id_: named_slots(node, "outputs") for id_, node in self.nodes.items()}
        self.inputs[OUTPUTS] = named_slots(self.tree, "outputs") if scope != ROOT else {}
        self.outputs[INPUTS] = named_slots(self.tree, "inputs") if scope != ROOT else {}
        self.wires = [self._wire(row) for row in list_of(self.tree, "links") if _is_row(row)]
        by_id = {wire.id_before: wire for wire in self.wires if isinstance(wire.id_before, int)}
        self.fed: dict[tuple[str, str], Wire] = {}
        for part in version.parts.values():
            if part.subject.scope == scope and part.subject.kind in ("node", "output"):
                for name, link in part.link_ids.items():
                    at = (part.subject.id, name) if part.subject.kind == "node" else (OUTPUTS, part.subject.id)
                    if isinstance(link, int) and link in by_id:
                        self.fed[at] = by_id[link]

    def _wire(self, row: Row) -> Wire:
        source, target = str(field_of(row, "origin_id")), str(field_of(row, "target_id"))
        return Wire(
            row,
            self.nodes.get(source),
            _at(
                self.nodes.get(source) if source != INPUTS else self.tree,
                "inputs" if source == INPUTS else "outputs",
                field_of(row, "origin_slot"),
            ),
            self.nodes.get(target),
            _at(
                self.nodes.get(target) if target != OUTPUTS else self.tree,
                "outputs" if target == OUTPUTS else "inputs",
                field_of(row, "target_slot"),
            ),
            field_of(row, "id"),
        )

    # Rows

    def new_row(self, spelling: Json = None) -> Wire:
        """A row behind the others, which leads nowhere yet."""
        rows = self.tree.get("links")
        if not isinstance(rows, list):
            rows = self.tree["links"] = []
        like = next((each for each in rows if isinstance(each, list | dict)), None)
        is_object = isinstance(like, dict) if like is not None else self._spells_objects(spelling)
        row: Row = dict.fromkeys(FIELDS) if is_object else [None] * len(FIELDS)
        rows.append(row)
        self.wires.append(wire := Wire(row))
        return wire

    def _spells_objects(self, spelling: Json) -> bool:
        if spelling is not None:
            return spelling == "objects"
        version = self.tree.get("version")
        return not self.is_root or (isinstance(version, int | float) and version >= _FIRST_OBJECTS)

    def drop(self, wire: Wire) -> None:
        """Take a row out."""
        self.wires = [each for each in self.wires if each is not wire]
        rows = list_of(self.tree, "links")
        rows[:] = [row for row in rows if row is not wire.row]

    def put_last(self, wires: Iterable[Wire]) -> None:
        """Put rows behind the others, in the order of their ids, as the editor has links that were made last."""
        last = sorted((wire.row for wire in wires), key=lambda row: sort_key(str(field_of(row, "id"))))
        moved = set(map(id, last))
        rows = list_of(self.tree, "links")
        if last:
            rows[:] = [*(row for row in rows if id(row) not in moved), *last]

    def respell(self, spelling: Json) -> None:
        """Spell all rows as objects, or as lists; the reroutes that they are drawn through stand elsewhere then."""
        rows = list_of(self.tree, "links")
        for index, row in enumerate(rows):
            if spelling == "objects" and isinstance(row, list) and _is_row(row):
                parent = self.parent(row)
                self.set_parent(row, None)
                rows[index] = dict(zip(FIELDS, row, strict=False)) | ({} if parent is None else {"parentId": parent})
            elif spelling == "rows" and isinstance(row, dict) and _is_row(row):
                parent = self.parent(row)
                rows[index] = [row.get(name) for name in FIELDS]
                self.set_parent(rows[index], parent)

    # Reroutes

    @property
    def reroutes(self) -> list[Any]:
        """The points that links are drawn through; version 0.4 keeps them in `extra`."""
        extra = self.tree.get("extra")
        return [*list_of(self.tree, "reroutes"), *list_of(extra, "reroutes")]

    @property
    def keeps_reroutes_in_extra(self) -> bool:
        """Whether new reroutes go into `extra`."""
        if list_of(self.tree, "reroutes") or list_of(self.tree.get("extra"), "reroutes"):
            return not list_of(self.tree, "reroutes")
        return not self._spells_objects(None)

    def parent(self, row: Row) -> Json:
        """The reroute that a link is drawn through last."""
        if isinstance(row, dict) and row.get("parentId") is not None:
            found: Json = row["parentId"]
            return found
        extensions = list_of(self.tree.get("extra"), _EXTENSIONS)
        return next((each.get("parentId") for each in extensions if _has_id(each, field_of(row, "id"))), None)

    def set_parent(self, row: Row, parent: Json) -> None:
        """Have a link drawn through a reroute, or through none."""
        if isinstance(row, dict):
            if parent is None:
                row.pop("parentId", None)
            else:
                row["parentId"] = parent
        extensions = list_of(self.tree.get("extra"), _EXTENSIONS)
        id_ = field_of(row, "id")
        extensions[:] = [each for each in extensions if not _has_id(each, id_)]
        if parent is not None and isinstance(row, list):
            extra = self.tree.setdefault("extra", {})
            if isinstance(extra, dict):
                extra.setdefault(_EXTENSIONS, []).append({"id": id_, "parentId": parent})

    # What follows from all that

    def settle(self) -> None:
        """Have rows say where the slots are that they lead from and to."""
        places: dict[int, int] = {}
        for owner in (self.tree, *list_of(self.tree, "nodes")):
            for key in ("inputs", "outputs"):
                places |= {id(slot): index for index, slot in enumerate(list_of(owner, key))}
        for wire in self.wires:
            if wire.source is not None:
                _set(wire.row, "origin_id", wire.source.get("id"))
            if wire.output is not None and id(wire.output) in places:
                _set(wire.row, "origin_slot", places[id(wire.output)])
            if wire.target is not None:
                _set(wire.row, "target_id", wire.target.get("id"))
            if wire.input is not None and id(wire.input) in places:
                _set(wire.row, "target_slot", places[id(wire.input)])


class IdLists:
    """What happens to the lists of link ids that slots and reroutes keep."""

    def __init__(self) -> None:
        self._owners: dict[tuple[int, str], Tree] = {}
        self._renamed: defaultdict[tuple[int, str], dict[Any, Any]] = defaultdict(dict)
        self._added: defaultdict[tuple[int, str], list[Any]] = defaultdict(list)

    def moved(self, before: tuple[Tree | None, Any], after: tuple[Tree | None, Any], key: str) -> None:
        """A link that one owner listed under one id is listed by another, or under another id, or no more."""
        (old, id_before), (new, id_) = before, after
        if old is new and old is not None and id_before is not None and id_ is not None:
            self._renamed[self._at(old, key)][id_before] = id_
            return
        if old is not None and id_before is not None:
            self._renamed[self._at(old, key)][id_before] = None
        if new is not None and id_ is not None:
            self._added[self._at(new, key)].append(id_)

    def _at(self, owner: Tree, key: str) -> tuple[int, str]:
        self._owners[id(owner), key] = owner
        return id(owner), key

    def settle(self) -> None:
        """Change the lists."""
        for (at, key), owner in self._owners.items():
            renamed, added = self._renamed[at, key], self._added[at, key]
            listed = owner.get(key)
            kept = [renamed.get(_hashable(each), each) for each in listed] if isinstance(listed, list) else []
            kept = [each for each in kept if each is not None]
            made = kept + [each for each in sorted(added, key=lambda id_: sort_key(str(id_))) if each not in kept]
            if made or isinstance(listed, list):
                owner[key] = made


def field_of(row: Row, name: str) -> Any:
    """A field of a row in either spelling."""
    if isinstance(row, dict):
        return row.get(name)
    index = FIELDS.index(name)
    return row[index] if index < len(row) else None


def set_field(row: Row, name: str, value: Any) -> None:
    """Set a field of a row in either spelling."""
    if isinstance(row, dict):
        row[name] = value
    elif FIELDS.index(name) < len(row):
        row[FIELDS.index(name)] = value


def _set(row: Row, name: str, value: Any) -> None:
    """Set a field if it is another; `"5"` and 5 are one."""
    if str(field_of(row, name)) != str(value):
        set_field(row, name, value)


def named_slots(tree: Any, key: str) -> dict[str, Any]:
    """The slots of a node or a definition, by the names that tell them apart."""
    slots = list_of(tree, key)
    return dict(zip(slot_names(slots), slots, strict=True))


def walk(tree: Json) -> Iterator[dict[str, Any]]:
    """All nodes in a tree: a node, or a definition with what is in it."""
    waiting: list[Any] = [tree]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            yield each
            waiting += list_of(each, "nodes")
            waiting += list_of(each.get("definitions"), "subgraphs")


def copied(tree: Any) -> Any:
    """A copy of what JSON holds; other values are immutable."""
    if isinstance(tree, dict):
        return {key: copied(value) for key, value in tree.items()}
    return [copied(value) for value in tree] if isinstance(tree, list) else tree


def _is_row(row: Any) -> bool:
    return isinstance(row, dict) or (isinstance(row, list) and len(row) >= len(FIELDS) - 1)


def _at(owner: Any, key: str, index: Any) -> Any:
    """The slot at a place; None where there is none."""
    slots = list_of(owner, key)
    if isinstance(index, str) and index.isascii() and index.isdigit():
        index = int(index)
    is_there = isinstance(index, int) and 0 <= index < len(slots)
    return slots[index] if is_there and isinstance(slots[index], dict) else None


def _has_id(tree: Any, id_: Any) -> bool:
    return isinstance(tree, dict) and tree.get("id") == id_


def _hashable(value: Any) -> Any:
    return value if isinstance(value, int | str) else None
