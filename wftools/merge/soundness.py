"""Whether a merged workflow is as sound as the two that it was made of: it is not to have a fault of its own."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from wftools.diff.changes import Subject
from wftools.graph.authored.scopes import INPUTS
from wftools.lint import ERROR, Linter, Selection
from wftools.merge.sides import link_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wftools.catalog.lookup import Catalogue
    from wftools.diff.changes import Endpoint
    from wftools.diff.version import Part, Version
    from wftools.document import Document
    from wftools.merge.structure import Place

# Links and ids that fit together, no cycles, subgraphs that are there; of texts, that they are JSON.
_STRUCTURE: Final = Selection(("L2", "G602", "S7", "P001", "P002", "P007", "P008"))
_ANY: Final = "*"


def is_sound(merged: Document, sides: Iterable[Document], catalogue: Catalogue) -> bool:
    """Whether a merged workflow has no more faults of structure than its two sides have together."""
    linter = Linter(catalogue, _STRUCTURE)
    faults = _faults(merged, linter)
    if faults:
        for side in sides:
            faults -= _faults(side, linter)
    return not faults


def _faults(document: Document, linter: Linter) -> Counter[str]:
    return Counter(found.code for found in linter.lint_document(document) if found.severity == ERROR)


def misfits(merged: Version, sides: Iterable[Version]) -> list[tuple[Place, Endpoint]]:
    """The links between slots of types that do not go together, if no side had such a one."""
    found = [*_misfits(merged)]
    if not found:
        return []
    known = {described for side in sides for _, _, described in _misfits(side)}
    return [(place, end) for place, end, described in found if described not in known]


def _misfits(version: Version) -> Iterator[tuple[Place, Endpoint, tuple[str, ...]]]:
    for part in version.of_kind("node"):
        for name, end in part.links.items():
            source = version.parts.get(Subject(part.subject.scope, "node", end.node))
            if source is None or end.node == INPUTS:
                continue
            given, taken = _type(source, "outputs", end.output), _type(part, "inputs", name)
            if given and taken and not _go_together(given, taken):
                yield (part.subject, link_key(part.subject, name)), end, (source.type, given, part.type, name, taken)


def _type(part: Part, slots: str, name: str) -> str:
    fact = part.facts.get((slots.removesuffix("s"), name))
    found = fact.get("type") if isinstance(fact, dict) else None
    return found if isinstance(found, str) else ""


def _go_together(given: str, taken: str) -> bool:
    """Whether the editor lets one be linked to the other: types are lists of names, and `*` goes with all."""
    one, other = (set(types.upper().split(",")) for types in (given, taken))
    return _ANY in one | other or not one.isdisjoint(other)
