"""Catalogue: where a node type's signature is found.

In this order: object_info files or servers that the user names, then the pack of the target version. Without a target
it is the union of all that is shipped: a type then has several signatures, and what one of them allows passes. Custom
nodes, of which packs are shipped too, are added to any version of ComfyUI.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache, cached_property, lru_cache
from typing import TYPE_CHECKING, Final

from wftools.catalog.object_info import signature
from wftools.catalog.packs import ELSEWHERE, PACKS, custom_packs, pack
from wftools.catalog.target import Target

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from wftools.catalog.declare import Declared
    from wftools.catalog.given import ObjectInfo
    from wftools.catalog.near import KnownWords
    from wftools.catalog.signature import NodeSignature

KEPT_TYPES: Final = 10_000  # node types of which a catalogue remembers what it found


@dataclass(frozen=True)
class Catalogue:
    """Signatures by node type."""

    object_infos: tuple[ObjectInfo, ...] = ()
    target: Target | None = None  # None: the union of all versions
    or_elsewhere: bool = False  # whether a type that the target lacks is looked up in the other versions
    has_custom: bool = True  # whether it knows the packs of custom nodes that are shipped
    declared: Mapping[str, Declared] = field(default_factory=dict, compare=False)  # node types that come before all
    _found: dict[str, tuple[NodeSignature, ...]] = field(default_factory=dict, init=False, compare=False, repr=False)
    _near: dict[str, str | None] = field(default_factory=dict, init=False, compare=False, repr=False)

    @cached_property
    def is_exact(self) -> bool:
        """Whether a type has one signature: that of a server or of a target version."""
        return self.target is not None or self.is_whole

    @cached_property
    def is_whole(self) -> bool:
        """Whether every type of the server is known, custom nodes included: the user gave a server's whole report."""
        return any(info.is_whole for info in self.object_infos)

    @property
    def version(self) -> Target:
        """The version whose server's rules apply."""
        return self.target or Target()

    def variants(self, node_type: str) -> tuple[NodeSignature, ...]:
        """All signatures of a type, the preferred first; none if the type is unknown."""
        found = self._found.get(node_type)
        if found is None:
            if len(self._found) >= KEPT_TYPES:
                self._found.clear()
            found = self._found[node_type] = tuple(self._look_up(node_type))
        return found

    def signature(self, node_type: str) -> NodeSignature | None:
        """The preferred signature of a type: the user's, the target's or the newest."""
        return next(iter(self.variants(node_type)), None)

    def types(self) -> frozenset[str]:
        """Every node type that is known."""
        return self._types

    @cached_property
    def _types(self) -> frozenset[str]:
        given = frozenset(self.declared).union(*(info.entries for info in self.object_infos))
        return given if self.is_whole else given.union(*(pack(name).types() for name in self._packs))

    def near(self, node_type: str) -> str | None:
        """The known type whose name is nearly this one, if there is one: what may have been meant."""
        found = self._near.get(node_type, "")  # no type is nearly nothing
        if found == "":
            if len(self._near) >= KEPT_TYPES:
                self._near.clear()
            found = self._near[node_type] = self._words.near(node_type)
        return found

    @cached_property
    def _words(self) -> KnownWords:
        from wftools.catalog.near import KnownWords  # only for types that are unknown

        return KnownWords(self._types)

    @property
    def _packs(self) -> tuple[str, ...]:
        return (*self._core_packs, *custom_packs()) if self.has_custom else self._core_packs

    @property
    def _core_packs(self) -> tuple[str, ...]:
        everything = (*PACKS.values(), ELSEWHERE)
        if self.target is None:
            return everything
        own = PACKS[self.target.version]
        return (own, *(name for name in everything if name != own)) if self.or_elsewhere else (own,)

    def _look_up(self, node_type: str) -> Iterable[NodeSignature]:
        if node_type in self.declared:
            yield self.declared[node_type].signature
            return
        for info in self.object_infos:
            if node_type in info.entries:
                yield info.signature(node_type)
                return
        if self.is_whole:
            return
        for name in self._packs:
            found = _of_pack(name, node_type)
            yield from found
            if found and self.target is not None:
                return


@lru_cache(maxsize=KEPT_TYPES)
def _of_pack(name: str, node_type: str) -> tuple[NodeSignature, ...]:
    """What one pack has of a type, kept for all catalogues: packs do not change."""
    entry = pack(name).entry(node_type)
    version = next((version for version, file in PACKS.items() if file == name), None)
    return tuple(
        signature(node_type, {**variant, "versions": variant.get("versions") if version is None else [version]})
        for variant in (entry if isinstance(entry, list) else [entry] if entry else [])
    )


@cache
def shipped() -> Catalogue:
    """The union of all that is shipped: one object, so that a signature is read once."""
    return Catalogue()


@cache
def newest() -> Catalogue:
    """The newest version, with the types that only others have: what a workflow is converted with."""
    return Catalogue(target=Target(), or_elsewhere=True)


def runnable(nodes: Mapping[str, Declared]) -> Catalogue:
    """The newest version, and before it the nodes that are declared here: what a workflow is run with."""
    return replace(newest(), declared=nodes)


def catalogue(object_info: Iterable[str] = (), target: Target | None = None) -> Catalogue:
    """The catalogue of some object_info files or server addresses and a target version.

    Raises InputError for a file or an answer that is not an object_info.
    """
    from wftools.catalog.given import load_object_info

    return Catalogue(tuple(load_object_info(source) for source in object_info), target)
