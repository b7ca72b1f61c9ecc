"""Links of one graph made, moved and taken away, and all that refers to their ids."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wftools.diff.apply.ids import assigned
from wftools.diff.apply.rows import IdLists, Wire, field_of, named_slots, set_field
from wftools.diff.apply.words import list_of
from wftools.diff.changes import ABSENT, Absent
from wftools.graph.authored.scopes import INPUTS, OUTPUTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wftools.diff.apply.rows import Graph
    from wftools.document.document import Tree


@dataclass(frozen=True, slots=True, eq=False)
class Start:
    """Where a link starts: an output of a node, or an input of the subgraph around."""

    node: Tree | None  # None: an input of the subgraph
    slot: Tree | None
    index: int = 0  # of the slot, where it is not there


@dataclass(eq=False)
class WantedLink:
    """What an input shall be linked to. What is None stays."""

    node: Tree | None  # the node of the input; None for an output of the subgraph
    owner: str  # its id in the target, or OUTPUTS; "" of a new node
    name: str
    source: Start | Absent | None = None
    id: Any = None
    parent: Any = None  # the reroute, or ABSENT


class Linking:
    """Fulfils wishes in one graph."""

    def __init__(self, graph: Graph, spelling: Any) -> None:
        self._graph = graph
        self._spelling = spelling
        self._before = {wire: (wire.output, wire.input) for wire in graph.wires}
        self._all = list(graph.wires)
        self._new: dict[Wire, Any] = {}
        self._renumbered: dict[Wire, Any] = {}
        self._parents: dict[Wire, Any] = {}
        self._freed: list[Wire] = []
        self._ended: set[Wire] = set()  # rows whose inputs have to be told their ids
        self._ends: dict[Wire, list[tuple[str, str]]] = {}
        for at, wire in graph.fed.items():
            self._ends.setdefault(wire, []).append(at)

    def link(self, wishes: Sequence[WantedLink], gone: Sequence[Tree], fresh: Iterator[int]) -> list[Any]:
        """Make all links as wished; `gone` are nodes that go. Returns the ids of rows that are new or renumbered."""
        for wish in wishes:
            if isinstance(wish.source, Absent):
                self._unlink(wish)
        for wish in wishes:
            if isinstance(wish.source, Start):
                self._link(wish, wish.source)
            wire = self._graph.fed.get((wish.owner, wish.name)) if wish.owner else None
            if wire is not None and wish.source is None:
                if wish.id is not None:
                    self._renumbered[wire] = wish.id
                if wish.parent is not None:
                    self._parents[wire] = wish.parent
        lost = {id(node) for node in gone}
        for wire in [*self._graph.wires]:
            if (wire.source is not None and id(wire.source) in lost) or (
                wire.target is not None and id(wire.target) in lost
            ):
                self._freed.append(wire)
        for wire in self._freed:
            self._graph.drop(wire)
        return self._number(fresh)

    def _unlink(self, wish: WantedLink) -> None:
        wire = self._graph.fed.pop((wish.owner, wish.name), None)
        slot = self._graph.inputs.get(wish.owner, {}).get(wish.name)
        if wish.owner != OUTPUTS and isinstance(slot, dict) and "link" in slot:
            slot["link"] = None
        if wire is not None and not self._is_shared(wire):
            self._freed.append(wire)

    def _is_shared(self, wire: Wire) -> bool:
        return any(each is wire for each in self._graph.fed.values())

    def _link(self, wish: WantedLink, source: Start) -> None:
        slot = self._input(wish, source)
        at = (wish.owner, wish.name)
        wire = self._graph.fed.pop(at, None) if wish.owner else None
        if wire is not None and self._is_shared(wire):
            wire = None
        if wire is None:
            wire = self._reused(wish, source)
            if wire is None:
                wire = self._graph.new_row(self._spelling)
                self._new[wire] = wish.id
        if wire not in self._new and wish.id is not None:
            self._renumbered[wire] = wish.id
        if wish.parent is not None:
            self._parents[wire] = wish.parent
        elif wire in self._new and wish.parent is None:
            self._parents[wire] = ABSENT
        wire.source, wire.output, wire.target, wire.input = source.node, source.slot, wish.node, slot
        row = wire.row
        set_field(row, "origin_id", source.node.get("id") if source.node is not None else int(INPUTS))
        set_field(row, "target_id", wish.node.get("id") if wish.node is not None else int(OUTPUTS))
        if field_of(row, "origin_slot") is None or source.slot is None:
            set_field(row, "origin_slot", source.index)
        if field_of(row, "target_slot") is None:
            set_field(row, "target_slot", 0)
        kind = source.slot.get("type") if source.slot is not None else None
        if kind is not None or wire in self._new:
            set_field(row, "type", slot.get("type", "*") if kind in (None, "*") else kind)
        self._graph.fed[at if wish.owner else (f"new {id(wish.node)}", wish.name)] = wire
        self._ends[wire] = []
        if wish.node is not None:
            self._ended.add(wire)

    def _input(self, wish: WantedLink, source: Start) -> Tree:
        """The slot where a link ends; one that a file leaves out is made."""
        key, owner = ("inputs", wish.node) if wish.node is not None else ("outputs", self._graph.tree)
        before = self._graph.inputs.get(wish.owner, {}).get(wish.name)
        assert owner is not None
        slots = list_of(owner, key)
        if isinstance(before, dict) and any(each is before for each in slots):
            return before
        found = named_slots(owner, key).get(wish.name)
        if isinstance(found, dict):
            return found
        made: Tree = {"name": wish.name, "type": (source.slot or {}).get("type", "*"), "link": None}
        if not isinstance(owner.get(key), list):
            owner[key] = []
        owner[key].append(made)
        return made

    def _reused(self, wish: WantedLink, source: Start) -> Wire | None:
        """A row that has become free: that of the id that is wanted, or of the same connection."""
        for wire in self._freed:
            is_same = wire.source is source.node and wire.output is source.slot and wire.target is wish.node
            if (wish.id is not None and wire.id_before == wish.id) or (wish.id is None and is_same):
                self._freed = [each for each in self._freed if each is not wire]
                return wire
        return None

    def _number(self, fresh: Iterator[int]) -> list[Any]:
        """Give rows their ids, and tell all that lists them."""
        standing = {wire: wire.id_before for wire in self._graph.wires if wire not in self._new}
        given = assigned(standing, self._renumbered, self._new, fresh)
        lists = IdLists()
        for wire in dict.fromkeys((*self._all, *self._graph.wires)):
            is_gone = any(each is wire for each in self._freed)
            id_before = wire.id_before if wire not in self._new else None
            id_ = None if is_gone else given.get(wire, id_before)
            output, end = self._before.get(wire, (None, None))
            is_touched = id_ != id_before or wire.output is not output or wire.input is not end
            if is_touched or wire in self._parents or wire in self._ended:
                self._list(lists, wire, id_before, id_)
        lists.settle()
        self._graph.put_last(given)
        return [*given.values()]

    def _list(self, lists: IdLists, wire: Wire, id_before: Any, id_: Any) -> None:
        graph, row = self._graph, wire.row
        output, end = self._before.get(wire, (None, None))
        self._list_in_slots(lists, (output, id_before), (wire.output if id_ is not None else None, id_), "links")
        self._list_in_slots(lists, (end, id_before), (wire.input if id_ is not None else None, id_), "")
        for at in self._ends.get(wire, ()):
            slot = graph.inputs.get(at[0], {}).get(at[1])
            if isinstance(slot, dict) and slot.get("link") == id_before and at[0] != OUTPUTS:
                slot["link"] = id_
        if wire in self._ended and wire.input is not None:
            wire.input["link"] = id_
        parent = graph.parent(row) if id_before is not None else None
        if id_ is None:
            graph.set_parent(row, None)
            wanted = None
        else:
            asked = self._parents.get(wire)
            wanted = parent if asked is None else None if isinstance(asked, Absent) else asked
            if parent is not None or wanted is not None:
                graph.set_parent(row, None)
            set_field(row, "id", id_)
            if wanted is not None:
                graph.set_parent(row, wanted)
        self._list_in_reroutes(lists, id_before, id_, wanted, is_moved=wire in self._parents)

    def _list_in_slots(
        self, lists: IdLists, before: tuple[Tree | None, Any], after: tuple[Tree | None, Any], key: str
    ) -> None:
        """`key`: under which slots of nodes list links; those of the subgraph have one of their own."""
        graph = self._graph
        boundary = (
            [each for at in ("inputs", "outputs") for each in list_of(graph.tree, at)] if not graph.is_root else []
        )
        keys = ["linkIds" if any(slot is each for each in boundary) else key for slot, _ in (before, after)]
        if keys[0]:
            lists.moved(before, after if before[0] is after[0] else (None, None), keys[0])
        if keys[1] and before[0] is not after[0]:
            lists.moved((None, None), after, keys[1])

    def _list_in_reroutes(self, lists: IdLists, id_before: Any, id_: Any, parent: Any, *, is_moved: bool) -> None:
        reroutes = [each for each in self._graph.reroutes if isinstance(each, dict)]
        before = [each for each in reroutes if id_before is not None and id_before in list_of(each, "linkIds")]
        after = before if id_ is not None and not is_moved else []
        if id_ is not None and is_moved:
            by_id = {each.get("id"): each for each in reversed(reroutes) if isinstance(each.get("id"), int)}
            while isinstance(parent, int) and parent in by_id:
                after.append(by_id.pop(parent))
                parent = after[-1].get("parentId")
        for each in reroutes:
            was, is_ = (any(each is one for one in listed) for listed in (before, after))
            if was or is_:
                lists.moved((each if was else None, id_before), (each if is_ else None, id_), "linkIds")
