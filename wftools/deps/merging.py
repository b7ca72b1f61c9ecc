"""What several files need as one list: what is the same is there once, with all who need it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from wftools.deps.needs import InputNeed, ModelNeed, Needs, PackNeed, TypeNeed
from wftools.deps.versions import ascending, highest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

Need = TypeVar("Need", PackNeed, TypeNeed, ModelNeed, InputNeed)
Item = TypeVar("Item")


def merged(needs: Sequence[Needs]) -> Needs:
    """The needs of all, in the order of their names."""
    return Needs(
        files=tuple(file for each in needs for file in each.files),
        core=highest(each.core for each in needs),
        packs=packs_once(pack for each in needs for pack in each.packs),
        unknown=_joined((kind for each in needs for kind in each.unknown), lambda kind: kind.type),
        models=_joined((model for each in needs for model in each.models), lambda model: (model.kinds, model.name)),
        inputs=_joined((file for each in needs for file in each.inputs), lambda file: (file.area, file.name)),
    )


def packs_once(packs: Iterable[PackNeed]) -> tuple[PackNeed, ...]:
    """Each pack once, be it named by its id, its repository, or only known to have the types that are needed.

    Where several packs have the types of a node that does not say which one it is of, it is one that others name.
    """
    needs = list(packs)
    ids = {need.repository.lower(): need.key for need in needs if need.id and need.repository}
    said = {need.key for need in needs if need.is_said}

    def key(need: PackNeed) -> str:
        if not need.is_said and need.key not in said:
            return next((other for other in need.others if other in said), need.key)
        return need.key if need.id else ids.get(need.repository.lower(), need.key)

    return _joined(sorted(needs, key=lambda need: not need.is_said), key)


def _joined(needs: Iterable[Need], key: Callable[[Need], Any]) -> tuple[Need, ...]:
    """Those of one key as one, in the order of the keys."""
    groups: dict[Any, list[Need]] = defaultdict(list)
    for need in needs:
        groups[key(need)].append(need)
    return tuple(_one(groups[each]) for each in sorted(groups))


def _one(needs: list[Need]) -> Need:
    first, uses = needs[0], _once(need.uses for need in needs)
    if isinstance(first, PackNeed):
        return replace(
            first,
            id=next((need.id for need in needs if need.id), ""),
            repository=next((need.repository for need in needs if need.repository), ""),
            versions=ascending(version for need in needs for version in need.versions),
            is_said=any(need.is_said for need in needs),
            others=() if any(need.is_said for need in needs) else first.others,
            uses=uses,
        )
    if isinstance(first, ModelNeed):
        return replace(
            first,
            urls=_once(need.urls for need in needs),
            hashes=_once(need.hashes for need in needs),
            spellings=_once(need.spellings for need in needs),
            uses=uses,
        )
    return replace(first, uses=uses)


def _once(lists: Iterable[Iterable[Item]]) -> tuple[Item, ...]:
    """What is in any of some lists, each once."""
    return tuple(dict.fromkeys(item for each in lists for item in each))
