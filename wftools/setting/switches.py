"""Nodes that are bypassed, muted or enabled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from wftools.document.edit import Edit, Insert, Set
from wftools.errors import InputError
from wftools.graph.authored.scopes import BYPASSED, MUTED
from wftools.graph.naming import find_node
from wftools.setting.places import refuse_others

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wftools.graph import WorkflowGraph

Mode = Literal["bypass", "mute", "enable"]

_MODES: Final[Mapping[Mode, int]] = {"bypass": BYPASSED, "mute": MUTED, "enable": 0}
_NAMES: Final = {0: "enabled", MUTED: "muted", BYPASSED: "bypassed"}


@dataclass(frozen=True, slots=True)
class Switch:
    """A node, by id, title or type, and whether it runs: muted nodes do not, bypassed ones pass on what they get."""

    node: str
    mode: Mode


def switched(graph: WorkflowGraph, wanted: Switch, *, shared: bool) -> tuple[list[Edit], str]:
    """The edits that a switch needs, and what they do in words. Raises InputError."""
    if graph.authored is None:
        raise InputError(
            f"--{wanted.mode} {wanted.node}: an API prompt does not say whether a node runs",
            hint="turn it into a workflow: wftools convert --to ui",
        )
    node = find_node(wanted.node, graph.unfolded.nodes)
    old = (node.ui.mode if node.ui is not None else None) or 0
    new = _MODES[wanted.mode]
    if old == new or (new == 0 and old not in (MUTED, BYPASSED)):
        return [], ""
    others = [str(each) for each in graph.unfolded.nodes.values() if each.pointer == node.pointer and each is not node]
    refuse_others(f"--{wanted.mode} {wanted.node}", others, shared=shared)
    has_mode = node.ui is not None and node.ui.mode is not None
    at = f"{node.pointer}/mode"
    return [Set(at, new) if has_mode else Insert(at, new)], f"{node}: {_NAMES.get(old, 'enabled')} -> {_NAMES[new]}"
