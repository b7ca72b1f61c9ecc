"""Which subject of one version is which of another: what matching finds."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal, TypeAlias

from wftools.diff.changes import NEW, ROOT, Subject

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wftools.diff.version import Version

How: TypeAlias = Literal["id", "fingerprint", "similarity", "name", "place", "retyped", "replaced"]
"""How a pair was found. `retyped` nodes have one id and two types; `replaced` ones stand in the same links."""

By: TypeAlias = Literal["content", "id"]


@dataclass(frozen=True, slots=True)
class Pair:
    """A subject of the new version that is one of the old version."""

    new: Subject
    how: How
    score: float = 1.0  # how alike they are, up to 1


@dataclass(frozen=True)
class Matching:
    """The pairs of two versions, by the subjects of the old one."""

    pairs: Mapping[Subject, Pair]

    @cached_property
    def to_old(self) -> Mapping[Subject, Subject]:
        """The subjects of the old version by those of the new one, where there is one."""
        return {pair.new: old for old, pair in self.pairs.items()}

    def scope(self, new: str) -> str:
        """A scope of the new version as the old one calls it."""
        return self.to_old.get(Subject(ROOT, "subgraph", new), Subject(ROOT, "subgraph", new)).id if new else ROOT

    def known_as(self, new: Subject, old: Version) -> Subject:
        """What a subject of the new version is called in changes: see changes.py."""
        found = self.to_old.get(new)
        if found is not None:
            return found
        name = Subject(self.scope(new.scope), new.kind, new.id)
        return name._replace(id=new.id + NEW) if name in old.parts else name
