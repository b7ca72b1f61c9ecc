"""A UI workflow without what changes by looking at it.

Left out: where the canvas was scrolled to, the version of the editor, and what the editor makes anew whenever it opens
a file: the rank of each node, names of slots in the reader's language, numbers of slots. Kept: everything that a person
has placed or chosen, counters (an id must not be given twice), and how large positions are meant.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from wftools.document.document import Tree

_EXTRA: Final = frozenset({"ds", "frontendVersion"})
_SLOT: Final = frozenset({"localized_name", "slot_index"})
_RANK: Final = 0  # the editor's schema wants one


def stripped(graph: Tree) -> Tree:
    """A workflow or a subgraph without its volatile fields."""
    made = dict(graph)
    if isinstance(made.get("extra"), dict):
        made["extra"] = _without(made["extra"], _EXTRA)
    if isinstance(made.get("nodes"), list):
        made["nodes"] = [
            _with_slots(node | {"order": _RANK} if "order" in node else node) if isinstance(node, dict) else node
            for node in made["nodes"]
        ]
    made = _with_slots(made)
    definitions = made.get("definitions")
    if isinstance(definitions, dict) and isinstance(definitions.get("subgraphs"), list):
        inner = [stripped(each) if isinstance(each, dict) else each for each in definitions["subgraphs"]]
        made["definitions"] = {**definitions, "subgraphs": inner}
    return made


def _with_slots(owner: Tree) -> Tree:
    sides = (side for side in ("inputs", "outputs") if isinstance(owner.get(side), list))
    return {**owner, **{side: [_without(slot, _SLOT) for slot in owner[side]] for side in sides}}


def _without(value: Any, keys: frozenset[str]) -> Any:
    return {key: each for key, each in value.items() if key not in keys} if isinstance(value, dict) else value
