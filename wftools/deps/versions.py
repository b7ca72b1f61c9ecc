"""The least version of ComfyUI that has all node types of a workflow that are its own.

Of a few versions all types are known; in between, a node that was saved with a version says that this one has its type.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final

from wftools.catalog.lookup import shipped
from wftools.catalog.packs import PACKS
from wftools.deps.needs import CoreNeed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wftools.deps.packs import NodePacks

KNOWN: Final = tuple(sorted(PACKS, key=lambda version: [int(part) for part in version.split(".")]))

_NUMBERS: Final = re.compile(r"v?(\d{1,6}(?:\.\d{1,6}){1,3})")
_NEWER: Final = ">"


def core_of(nodes: NodePacks) -> CoreNeed:
    """The version that the nodes of a file need."""
    if not nodes.core and not nodes.core_versions:
        return CoreNeed()
    said = {version for versions in nodes.core.values() for version in versions} | set(nodes.core_versions)
    firsts = {node_type: _first(node_type, versions) for node_type, versions in nodes.core.items()}
    dated = {node_type: first for node_type, first in firsts.items() if first is not None}
    least = max(dated.values(), key=_order, default=None)
    return CoreNeed(
        least=least if least is not None and not least.startswith(_NEWER) else None,
        newer_than=least.removeprefix(_NEWER) if least is not None and least.startswith(_NEWER) else None,
        because=tuple(sorted(each for each, first in dated.items() if first == least and _order(first) > _OLDEST)),
        saved_with=ascending(said),
        unknown=tuple(sorted(firsts.keys() - dated.keys())),
    )


def ascending(versions: Iterable[str]) -> tuple[str, ...]:
    """Versions from the lowest on; what is no version, such as a commit, at the end."""
    return tuple(sorted(set(versions), key=lambda version: (not _parts(version), _parts(version), version)))


def highest(cores: Iterable[CoreNeed]) -> CoreNeed:
    """What several files need together."""
    needs = list(cores)
    marks = {need: _mark(need) for need in needs}
    top = max((mark for mark in marks.values() if mark is not None), key=_order, default=None)
    deciding = [need for need, mark in marks.items() if mark == top]
    return CoreNeed(
        least=next((need.least for need in deciding), None),
        newer_than=next((need.newer_than for need in deciding), None),
        because=tuple(sorted({node_type for need in deciding for node_type in need.because})),
        saved_with=ascending(version for need in needs for version in need.saved_with),
        unknown=tuple(sorted({node_type for need in needs for node_type in need.unknown})),
    )


def _mark(need: CoreNeed) -> str | None:
    return need.least or (_NEWER + need.newer_than if need.newer_than is not None else None)


def _first(node_type: str, said: Iterable[str]) -> str | None:
    """The first version that is known to have a type, or `>` and the last that lacks it; None if none is known."""
    versions = [*_known(node_type), *(version.removeprefix("v") for version in said if _parts(version))]
    return min(versions, key=_order, default=None)


@cache
def _known(node_type: str) -> tuple[str, ...]:
    """The versions that are known to have a type."""
    variants = [each for each in shipped().variants(node_type) if each.origin is None and each.pack is None]
    return tuple(version for each in variants for version in each.versions)


def _order(version: str) -> tuple[tuple[int, ...], bool]:
    return _parts(version.removeprefix(_NEWER)), version.startswith(_NEWER)


def _parts(version: str) -> tuple[int, ...]:
    match = _NUMBERS.fullmatch(version)
    return tuple(int(part) for part in match.group(1).split(".")) if match is not None else ()


_OLDEST: Final = _order(KNOWN[0])  # what that one has, earlier ones may have as well
