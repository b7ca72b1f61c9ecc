"""Which of ComfyUI's core node types run here, by category, and which do not."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wftools.catalog.lookup import Catalogue
from wftools.catalog.nodes import NodeTypes
from wftools.catalog.target import Target
from wftools.escaping import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wftools.catalog.signature import NodeSignature

PAID: Final = "comfy_api_nodes"  # nodes that ask a paid server
WITHOUT: Final = "(none)"  # what has no category


@dataclass(frozen=True, slots=True)
class Coverage:
    """The core node types of a category."""

    category: str
    implemented: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def all(self) -> int:
        """How many there are."""
        return len(self.implemented) + len(self.missing)


def core(known: Catalogue) -> Catalogue:
    """The catalogue of the version that another one goes by, and of nothing else."""
    return Catalogue(target=known.target or Target(), has_custom=False)


def coverage(signatures: Iterable[NodeSignature], levels: int | None = None) -> list[Coverage]:
    """Some node types by category, of which the first `levels` parts count; in the order of the names."""
    ours = frozenset(NodeTypes())
    by_category: dict[str, tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))
    for each in signatures:
        if each.module.startswith(PAID):
            continue
        category = "/".join(each.category.split("/")[:levels]) or WITHOUT
        by_category[category][each.type not in ours].append(each.type)
    return [Coverage(name, *map(tuple, lists)) for name, lists in sorted(by_category.items())]


def listing_of(found: Iterable[Coverage], *, missing: bool) -> str:
    """The types that run, or those that do not, below their category, and the counts."""
    return "\n".join(map(printable, _lines(list(found), missing=missing)))


def _lines(found: list[Coverage], *, missing: bool) -> Iterator[str]:
    for each in found:
        types = each.missing if missing else each.implemented
        if types:
            yield f"{each.category}  {len(each.implemented)} of {each.all}"
            yield from (f"  {name}" for name in types)
    count, total = sum(len(each.implemented) for each in found), sum(each.all for each in found)
    yield f"{count} of {total} core node types run, {total - count} do not"


def table(found: Iterable[Coverage]) -> str:
    """The counts as a table in Markdown."""
    rows = [f"| {each.category} | {len(each.implemented)} | {each.all} |" for each in found]
    return "\n".join(("| category | run | of |", "|---|---|---|", *rows))
