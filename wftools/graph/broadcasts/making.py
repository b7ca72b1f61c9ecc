"""Decides which broadcast each input gets, and makes the links."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeGuard

from wftools.document.ui import LinkObject
from wftools.graph.authored import Authored
from wftools.graph.authored.scopes import INPUTS, OUTPUTS, AuthoredLink
from wftools.graph.broadcasts import Broadcasts, Made, Unclear
from wftools.graph.broadcasts.patterns import Effort, RefusedPatternError
from wftools.graph.broadcasts.receiving import Groups, receivers
from wftools.graph.broadcasts.sending import Refused, Senders

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wftools.graph.authored.scopes import AuthoredNode, Scope
    from wftools.graph.broadcasts.receiving import Receiver
    from wftools.graph.broadcasts.sending import Broadcast


class Maker:
    """Makes the broadcasts of one workflow, graph by graph."""

    def __init__(self, authored: Authored) -> None:
        self._authored = authored
        self._effort = Effort()
        self._senders = Senders(authored, self._effort)
        self._made: list[Made] = []
        self._unclear: list[Unclear] = []
        self._refused: list[tuple[Scope, Refused]] = []
        ids = (link.row.id for scope in authored.scopes for link in scope.links)
        self._next_id = min(ids, default=0) - 1  # no link of a file has an id below the lowest

    def make(self, scope: Scope, nodes: Sequence[AuthoredNode]) -> None:
        """Make the links of a graph and of those of its nodes that send something."""
        found = (scope.ui.extra or {}).get("ue_links")
        recorded = found if isinstance(found, list) else []
        waiting = list(receivers(self._authored, scope, is_recorded=bool(recorded)))
        if recorded:
            self._follow(scope, recorded, waiting)
            return
        by_type: dict[str, list[Broadcast]] = {}
        for broadcast in sorted(self._broadcasts(scope, nodes), key=lambda each: -each.priority):
            by_type.setdefault(broadcast.type, []).append(broadcast)
            if broadcast.to_combo:
                by_type.setdefault("COMBO", []).append(broadcast)
            if broadcast.to_any:
                by_type.setdefault("*", []).append(broadcast)
        for receiver in waiting:
            best = self._best(receiver, by_type.get(receiver.type, ()))
            if len(best) == 1:
                found = best[0]
                self._link(scope, found.node, receiver, (found.source, found.slot, found.type), found.pointer)
            elif best:
                self._unclear.append(Unclear(scope, receiver, tuple(best)))

    def result(self) -> Broadcasts:
        """All of it."""
        rows: dict[Scope, list[AuthoredLink]] = {}
        into: dict[AuthoredNode, dict[str, AuthoredLink]] = {}
        for each in self._made:
            rows.setdefault(each.scope, []).append(each.link)
            if each.receiver.node is not None:
                into.setdefault(each.receiver.node, {})[each.receiver.name] = each.link
        scopes = tuple(replace(scope, links=(*scope.links, *rows.get(scope, ()))) for scope in self._authored.scopes)
        authored = self._authored
        linked = Authored(
            scopes,
            authored.catalogue,
            prefer_named=authored.prefer_named,
            former=authored.former,
            broadcasts=into,
            prompt=authored.prompt,
        )
        return Broadcasts(linked, tuple(self._made), tuple(self._unclear), tuple(self._refused))

    def _broadcasts(self, scope: Scope, nodes: Sequence[AuthoredNode]) -> Iterator[Broadcast]:
        groups = Groups(scope, self._effort)
        for node in nodes:
            try:
                if not node.is_off:
                    yield from list(self._senders.of(scope, node, groups))
            except RefusedPatternError as error:
                pattern, reason = error.args
                self._refused.append((scope, Refused(node, pattern, reason)))

    def _best(self, receiver: Receiver, candidates: Sequence[Broadcast]) -> list[Broadcast]:
        """The broadcasts of the highest priority that an input could get, at most two; the highest come first."""
        best: list[Broadcast] = []
        for each in candidates:
            self._effort.spend(1)
            if best and (each.priority < best[0].priority or len(best) > 1):
                break
            if each.source != receiver.id and all(test(receiver) for test in each.tests):
                best.append(each)
        return best

    def _follow(self, scope: Scope, recorded: Sequence[object], waiting: Sequence[Receiver]) -> None:
        """The links that the pack itself noted, of which both ends and the node that sends are still there."""
        by_slot = {(receiver.id, receiver.name): receiver for receiver in reversed(waiting)}
        for place, each in enumerate(recorded):
            if not isinstance(each, dict):
                continue
            target, slot = str(each.get("downstream")), each.get("downstream_slot")
            source, output = str(each.get("upstream")), each.get("upstream_slot")
            receiver = by_slot.get((target, _slot_name(scope, target, slot)))
            sender = scope.by_id.get(str(each.get("controller")))
            is_there = source in scope.by_id or (source == INPUTS and scope.definition is not None)
            if receiver is None or sender is None or sender.is_off or not is_there or not _is_index(output):
                continue
            del by_slot[target, receiver.name]
            kind = each.get("type")
            kind = kind if isinstance(kind, str) else "*"
            self._link(scope, sender, receiver, (source, output, kind), f"{scope.pointer}/extra/ue_links/{place}")

    def _link(
        self, scope: Scope, node: AuthoredNode, receiver: Receiver, origin: tuple[str, int, str], pointer: str
    ) -> None:
        source, slot, kind = origin
        row = LinkObject(
            id=self._next_id,
            origin_id=source,
            origin_slot=slot,
            target_id=receiver.id,
            target_slot=receiver.index,
            type=kind,
        )
        self._next_id -= 1
        self._made.append(Made(scope, node, receiver, AuthoredLink(row, pointer, is_broadcast=True)))


def _slot_name(scope: Scope, target: str, slot: object) -> str:
    """The name of a slot that a record has by its place."""
    slots = (scope.definition.outputs or ()) if scope.definition is not None and target == OUTPUTS else ()
    if target in scope.by_id:
        names = [each.widget.name if each.widget is not None else each.name for each in scope.by_id[target].inputs]
    else:
        names = [each.name for each in slots]
    return names[slot] if _is_index(slot) and slot < len(names) else ""


def _is_index(slot: object) -> TypeGuard[int]:
    return isinstance(slot, int) and not isinstance(slot, bool) and slot >= 0
