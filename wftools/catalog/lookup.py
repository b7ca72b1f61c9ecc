"""Catalogue: where a node type's signature is found.

In this order: object_info files or servers that the user names, then the pack of the target version. Without a target
it is the union of all that is shipped: a type then has several signatures, and what one of them allows passes. Custom
nodes, of which packs are shipped too, are added to any version of ComfyUI.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache, cached_property, lru_cache
from typing import TYPE_CHECKING, Any, Final

from wftools.catalog.object_info import signature
from wftools.catalog.packs import ELSEWHERE, INDEX, PACKS, custom, older, older_packs, pack, packs_with
from wftools.catalog.replacements import REPLACEMENTS
from wftools.catalog.signature import (
    AUTOGROW,
    COMBO,
    CUSTOM_MODULES,
    DYNAMIC_COMBO,
    DYNAMIC_SLOT,
    MATCH_TYPE,
    WILDCARD,
    Input,
    NodeSignature,
    Origin,
    Output,
)
from wftools.catalog.target import Target

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from wftools.catalog.declare import Declared
    from wftools.catalog.given import ObjectInfo
    from wftools.catalog.near import KnownWords
    from wftools.catalog.replacements import Replacement

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

    def is_exact(self, signature: NodeSignature) -> bool:
        """Whether the server that is meant has this very signature: it was given, or the target version has it.

        What is shipped of a pack of custom nodes is of one version, and nobody has named it.
        """
        if signature.type in self.declared or any(signature.type in info.entries for info in self.object_infos):
            return True
        return signature.origin is None and self.target is not None and self.target.version in signature.versions

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
            found = tuple(self._look_up(node_type)) or tuple(self._by_replacement(node_type))
            self._found[node_type] = found
        return found

    def is_offered(self, node_type: str) -> bool:
        """Whether a server of the version that counts has a type."""
        return any(
            not each.is_replaced and (self.is_exact(each) or self.version.version in each.versions)
            for each in self.variants(node_type)
        )

    def signature(self, node_type: str) -> NodeSignature | None:
        """The preferred signature of a type: the user's, the target's or the newest."""
        if node_type not in self._found:  # the others need not be looked up where one is enough
            first = next(iter(self._look_up(node_type)), None)
            if first is not None:
                return first
        return next(iter(self.variants(node_type)), None)

    def types(self) -> frozenset[str]:
        """Every node type that is known."""
        return self._types

    @cached_property
    def _types(self) -> frozenset[str]:
        given = frozenset(self.declared).union(*(info.entries for info in self.object_infos))
        if self.is_whole:
            return given
        shipped = (*self._core_packs, INDEX) if self.has_custom else self._core_packs
        return given.union(*(pack(name).types() for name in shipped))

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
    def _core_packs(self) -> tuple[str, ...]:
        everything = (*PACKS.values(), ELSEWHERE)
        if self.target is None:
            return everything
        own = PACKS[self.target.version]
        return (own, *(name for name in everything if name != own)) if self.or_elsewhere else (own,)

    def replacement(self, node_type: str) -> Replacement | None:
        """What a server has in its table for a type. Of a server that somebody names, only the types are known."""
        return REPLACEMENTS.get(node_type) if self.version.replaces_nodes and not self.is_whole else None

    def _by_replacement(self, node_type: str) -> Iterator[NodeSignature]:
        """Signatures of a type that is gone, as that tells them which the server puts in its place."""
        replacement = self.replacement(node_type)
        if replacement is not None:
            told = (replacement.signature_of(node_type, each) for each in self.variants(replacement.type))
            yield from filter(None, told)

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
        hearsay: list[NodeSignature] = []
        is_core = False
        for name in self._core_packs:
            found = _of_pack(name, node_type)
            reported = [each for each in found if not each.approximate]
            hearsay += (each for each in found if each.approximate)
            yield from reported
            if reported and self.target is not None:
                return
            is_core = is_core or bool(reported)
        if self.has_custom and not is_core:  # the server passes over a type of a pack that has the name of its own
            yield from _of_custom_packs(node_type)
        yield from hearsay


@lru_cache(maxsize=KEPT_TYPES)
def _of_pack(name: str, node_type: str) -> tuple[NodeSignature, ...]:
    """What one pack has of a type, kept for all catalogues: packs do not change."""
    entry = pack(name).entry(node_type)
    version = next((version for version, file in PACKS.items() if file == name), None)
    return tuple(
        signature(node_type, {**variant, "versions": variant.get("versions") if version is None else [version]})
        for variant in (entry if isinstance(entry, list) else [entry] if entry else [])
    )


def _of_custom_packs(node_type: str) -> Iterator[NodeSignature]:
    """What packs of custom nodes have of a type: as it is today, then as it was before, the newest first."""
    names = packs_with(node_type)
    yield from filter(None, (_today(name, node_type) for name in names))
    for name in names:
        if name in older_packs():
            yield from _before(name, node_type)


@lru_cache(maxsize=KEPT_TYPES)
def _today(name: str, node_type: str) -> NodeSignature | None:
    entry = custom(name).entry(node_type)
    if entry is None:
        return None
    return replace(
        signature(node_type, {**entry, "python_module": CUSTOM_MODULES + _origin(name).folder}), origin=_origin(name)
    )


@cache
def _origin(name: str) -> Origin:
    about = custom(name).about
    told = {key: about.get(key) or "" for key in ("folder", "repository", "version", "commit", "date")}
    return Origin(pack=name, **told)


_OLDER_FLAGS: Final[Mapping[str, Mapping[str, Any]]] = {
    "f": {"forceInput": True},
    "c": {"control_after_generate": True},
    "u": {"image_upload": True},
    "v": {"video_upload": True},
}


_OF_AN_OLDER_VERSION: Final = ("the source of an older version was not wholly understood",)
_DYNAMIC: Final = frozenset({AUTOGROW, DYNAMIC_COMBO, DYNAMIC_SLOT, MATCH_TYPE})
_GONE: Final = ("the type is gone: only what its inputs and outputs were is known",)


@lru_cache(maxsize=KEPT_TYPES)
def _before(name: str, node_type: str) -> tuple[NodeSignature, ...]:
    """The signatures that a type had, of which names and types are known; the rest is taken to be as it is today."""
    origin = _origin(name)
    module = CUSTOM_MODULES + origin.folder
    gone = NodeSignature(node_type, (), (), display_name=node_type, module=module, partly=_GONE)
    today = _today(name, node_type) or gone
    return tuple(
        replace(
            today,
            inputs=tuple(_input_before(today, *each) for each in entry["input"]),
            outputs=tuple(
                Output(kind, kind, choices=(), listing={}) if kind == COMBO else Output(kind, kind)
                for kind in entry["output"]
            ),
            origin=replace(origin, version="", commit=entry["commit"], since=entry["from"], until=entry["to"]),
            partly=_OF_AN_OLDER_VERSION if entry.get("partly") else today.partly,
        )
        for entry in reversed(older(name).entry(node_type) or [])
    )


def _input_before(today: NodeSignature, name: str, kind: str, section: str, flags: str) -> Input:
    """An input as it was. What rows or choices bring is taken to be as it is today."""
    now = today.input(name)
    if now is not None and now.dynamic is not None and now.type == kind:
        return replace(now, required=section == "r")
    options: dict[str, Any] = {key: value for flag in flags for key, value in _OLDER_FLAGS[flag].items()}
    if kind == COMBO:
        options.update(options=[], open="older")
    return Input(name, WILDCARD if kind in _DYNAMIC else kind, section == "r", options)


@cache
def shipped() -> Catalogue:
    """The union of all that is shipped: one object, so that a signature is read once."""
    return Catalogue()


@cache
def newest() -> Catalogue:
    """The newest version, with the types that only others have: what a workflow is converted with."""
    return Catalogue(target=Target(), or_elsewhere=True)


def runnable(nodes: Mapping[str, Declared], known: tuple[ObjectInfo, ...] = ()) -> Catalogue:
    """The newest version, and before it the nodes that are declared here: what a workflow is run with.

    `known` are nodes that cannot be run, and of which somebody says what they are.
    """
    return replace(newest(), declared=nodes, object_infos=known)


def catalogue(object_info: Iterable[str] = (), target: Target | None = None) -> Catalogue:
    """The catalogue of some object_info files or server addresses and a target version.

    Raises InputError for a file or an answer that is not an object_info.
    """
    from wftools.catalog.given import load_object_info

    return Catalogue(tuple(load_object_info(source) for source in object_info), target)
