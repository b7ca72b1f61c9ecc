"""Catalogue: where a node type's signature is found.

In this order: object_info files or servers that the user names, then the pack of the target version. Without a target
it is the union of all that is shipped: a type then has several signatures, and what one of them allows passes.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from wftools.catalog.object_info import signature
from wftools.catalog.packs import ELSEWHERE, PACKS, pack
from wftools.catalog.target import Target
from wftools.errors import InputError, LimitError, Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from wftools.catalog.declare import Declared
    from wftools.catalog.signature import NodeSignature

# A server with many custom nodes answers with some tens of MB, most of it lists of files.
MAX_OBJECT_INFO: Final = 512 * 2**20
TIMEOUT: Final = 30.0  # seconds until a server has to answer

_CORE: Final = frozenset({"CheckpointLoaderSimple", "CLIPTextEncode", "KSampler", "SaveImage", "VAEDecode"})


@dataclass(frozen=True)
class ObjectInfo:
    """One object_info that the user gave."""

    name: str
    entries: Mapping[str, Any]

    @property
    def is_whole(self) -> bool:
        """Whether it is a whole server's: then a type that it lacks does not exist there."""
        return self.entries.keys() >= _CORE


@dataclass(frozen=True)
class Catalogue:
    """Signatures by node type."""

    object_infos: tuple[ObjectInfo, ...] = ()
    target: Target | None = None  # None: the union of all versions
    or_elsewhere: bool = False  # whether a type that the target lacks is looked up in the other versions
    declared: Mapping[str, Declared] = field(default_factory=dict, compare=False)  # node types that come before all
    _found: dict[str, tuple[NodeSignature, ...]] = field(default_factory=dict, compare=False)

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
        if node_type not in self._found:
            self._found[node_type] = tuple(self._look_up(node_type))
        return self._found[node_type]

    def signature(self, node_type: str) -> NodeSignature | None:
        """The preferred signature of a type: the user's, the target's or the newest."""
        return next(iter(self.variants(node_type)), None)

    def types(self) -> frozenset[str]:
        """Every node type that is known."""
        given = frozenset(self.declared).union(*(info.entries for info in self.object_infos))
        return given if self.is_whole else given.union(*(pack(name).types() for name in self._packs))

    @property
    def _packs(self) -> tuple[str, ...]:
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
                yield signature(node_type, info.entries[node_type])
                return
        if self.is_whole:
            return
        versions = {file: version for version, file in PACKS.items()}
        for name in self._packs:
            entry = pack(name).entry(node_type)
            for variant in entry if isinstance(entry, list) else [entry] if entry else []:
                seen = [versions[name]] if name in versions else variant.get("versions")
                yield signature(node_type, {**variant, "versions": seen})
            if entry and self.target is not None:
                return


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
    return replace(newest(), declared=nodes, _found={})


def catalogue(object_info: Iterable[str] = (), target: Target | None = None) -> Catalogue:
    """The catalogue of some object_info files or server addresses and a target version.

    Raises InputError for a file or an answer that is not an object_info.
    """
    return Catalogue(tuple(load_object_info(source) for source in object_info), target)


def load_object_info(source: str) -> ObjectInfo:
    """An object_info from a file or from a server: `http://127.0.0.1:8188` or any address that answers with one."""
    data = _fetch(source) if re.match(r"https?://", source) else _read(Path(source))
    place = Place(source)
    try:
        entries = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise InputError(f"is not JSON: {error}", place=place) from error
    if not isinstance(entries, dict) or not all(isinstance(e, dict) and "input" in e for e in entries.values()):
        raise InputError(
            "is not an object_info", place=place, hint="save the answer of a ComfyUI server to GET /object_info"
        )
    return ObjectInfo(source, entries)


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_OBJECT_INFO:
            raise LimitError(f"is larger than {MAX_OBJECT_INFO // 2**20} MB", place=Place(str(path)))
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", place=Place(str(path))) from error


def _fetch(address: str) -> bytes:
    from urllib.error import URLError
    from urllib.parse import urlsplit
    from urllib.request import urlopen

    if "object_info" not in urlsplit(address).path:
        address = address.rstrip("/") + "/object_info"
    try:
        with urlopen(address, timeout=TIMEOUT) as answer:  # noqa: S310  (http and https only, see the caller)
            data: bytes = answer.read(MAX_OBJECT_INFO + 1)
    except (URLError, OSError, ValueError) as error:
        reason = getattr(error, "reason", error)
        raise InputError(f"does not answer: {reason}", place=Place(address), hint="is the server running?") from error
    if len(data) > MAX_OBJECT_INFO:
        raise LimitError(f"answers with more than {MAX_OBJECT_INFO // 2**20} MB", place=Place(address))
    return data
