"""Which signature a saved node has, of several that are known of its type: the one that fits it best.

The answer is asked for once and stays with the node. Whoever binds its values, judges, converts or runs it goes by the
same signature: a node that is read as one version declares it and judged by another is found wrong where nothing is.

Of packs of custom nodes several may have a type: then that of which the node says that it is of it. What a pack had
before counts only where what it has today cannot be what was saved: of that, no more than names and types is known.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from wftools.catalog.expand import expand
from wftools.catalog.literals import takes
from wftools.catalog.signature import COMBO, WILDCARD

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from wftools.catalog.lookup import Catalogue
    from wftools.catalog.signature import NodeSignature, Origin


class Claimed(NamedTuple):
    """What a saved node says of the pack that it is of."""

    cnr_id: str = ""  # of the registry; "comfy-core" for ComfyUI's own
    aux_id: str = ""  # "owner/name" of a repository, where a pack was cloned
    ver: str = ""  # a version, or a commit

    @classmethod
    def by(cls, told: Any) -> Claimed:
        """What stands in the `properties` of an editor's node, or in `_meta` of a prompt's."""
        if not isinstance(told, dict):
            return NOTHING
        texts = (told.get(key) for key in cls._fields)
        return cls(*(each if isinstance(each, str) else "" for each in texts))

    @property
    def is_of_core(self) -> bool:
        """Whether it says that it is one of ComfyUI's own."""
        return self.cnr_id == CORE

    def closeness(self, origin: Origin) -> int:
        """How surely a pack is meant: 2 by its id or repository, 1 by the name of its folder, as of a fork; 0 not."""
        cnr_id, aux_id = self.cnr_id.lower(), self.aux_id.lower()
        if (cnr_id and cnr_id == origin.pack) or (aux_id and aux_id == origin.repository.lower()):
            return 2
        names = {cnr_id, aux_id.rpartition("/")[2]} - {""}
        return 1 if names & {origin.folder.lower(), origin.repository.lower().rpartition("/")[2]} else 0

    def is_version_of(self, origin: Origin) -> bool:
        """Whether the facts of a pack are those of the version that the node says it is of."""
        ver = self.ver.lower().removeprefix("v")
        is_it = bool(ver) and (ver == origin.version.lower().removeprefix("v") or _is_commit(ver, origin.commit))
        return is_it and self.closeness(origin) > 0


NOTHING: Final = Claimed()
CORE: Final = "comfy-core"

_SHORTEST: Final = 7  # letters of a commit, as git writes it


def _is_commit(ver: str, commit: str) -> bool:
    return len(ver) >= _SHORTEST and len(commit) >= _SHORTEST and (commit.startswith(ver) or ver.startswith(commit))


class Misfit(NamedTuple):
    """How badly a signature fits a saved node. What stands first weighs most."""

    foreign: int  # inputs of the node that it does not declare
    places: int  # values that are too many, or too few: saved ones without names, or those that a prompt must have
    missing: int  # inputs that it asks for, or widgets that it has, and that the node says nothing of
    refused: int  # values that it does not take

    @property
    def shape(self) -> tuple[int, ...]:
        """How badly the inputs fit, whatever their values: what tells one version of a pack from another."""
        return self.foreign, self.places


def variant(
    catalogue: Catalogue,
    node_type: str,
    misfit: Callable[[NodeSignature], Misfit],
    claimed: Claimed = NOTHING,
) -> NodeSignature | None:
    """The signature of a node: of those that are known of its type the one that fits best, the newest of equals.

    None for a type that is unknown, or known from hearsay only: then the file itself says what its values are.
    """
    known: Sequence[NodeSignature] = [each for each in catalogue.variants(node_type) if not each.approximate]
    if len(known) < 2:
        return next(iter(known), None)
    if known[0].origin is None:
        return min(known, key=misfit)
    known = _of_its_pack(known, claimed)
    today = min(((misfit(each), each) for each in known if not each.is_older), key=lambda pair: pair[0], default=None)
    if today is not None and not any(today[0].shape):
        return today[1]
    before = min(((misfit(each), each) for each in known if each.is_older), key=lambda pair: pair[0], default=None)
    if today is None or (before is not None and before[0].shape < today[0].shape):
        return before[1] if before is not None else None
    return today[1]


def _of_its_pack(known: Sequence[NodeSignature], claimed: Claimed) -> Sequence[NodeSignature]:
    """Those of the pack that is claimed, if one of them is; the version that is claimed first."""
    origins = {each.origin.pack: each.origin for each in known if each.origin is not None}
    if len(origins) > 1:
        close = {pack: claimed.closeness(origin) for pack, origin in origins.items()}
        closest = max(close.values())
        known = [each for each in known if each.origin is not None and close[each.origin.pack] == closest]
    if not claimed.ver:
        return known
    return sorted(known, key=lambda each: each.origin is None or not claimed.is_version_of(each.origin))


def settled(signature: NodeSignature, is_socket: Callable[[str], bool]) -> NodeSignature:
    """The signature of a node, where an input of which nobody knows the type is what the node shows it to be.

    It is a socket, or a widget whose value stands among the others: taken for the wrong one, it would shift them all.
    """
    if not signature.has_open_types:
        return signature
    return replace(
        signature,
        inputs=tuple(
            replace(each, type=COMBO, options={**each.options, "options": []})
            if each.is_open and each.type == WILDCARD and not is_socket(each.name)
            else each
            for each in signature.inputs
        ),
    )


def misfit(signature: NodeSignature, given: Mapping[str, Any], widgets: Collection[str], *, places: int = 0) -> Misfit:
    """How badly a signature fits a node with these inputs, as a prompt gives them.

    `widgets` are the inputs that are widgets by this signature, those that the editor adds to it among them.
    """
    declared = expand(signature, given)
    known = {*declared, *widgets, *signature.hidden}
    return Misfit(
        foreign=sum(name not in known for name in given),
        places=places,
        missing=sum(name not in given for name, each in declared.items() if each.required or name in widgets),
        refused=sum(not takes(each, given[name]) for name, each in declared.items() if name in given),
    )
