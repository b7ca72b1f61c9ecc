"""Which packs of custom nodes are known, and how: for people, for machines, and for the README."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from wftools.catalog.packs import custom, custom_packs, older, older_packs

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wftools.values import Json

_ESTABLISHED: Final = {"import": "a server said so", "scan": "read off the source"}
COMMIT: Final = 10  # letters of a commit that are shown


@dataclass(frozen=True)
class KnownPack:
    """A pack of custom nodes of which facts are shipped."""

    name: str  # its id in the registry, or its folder in small letters

    @cached_property
    def about(self) -> dict[str, Any]:
        """What its facts say of themselves."""
        return dict(custom(self.name).about)

    def told(self, key: str) -> str:
        """One of the texts of that; "" if it is not told."""
        return str(self.about.get(key) or "")

    @property
    def version(self) -> str:
        """The version of the facts, or the commit where the pack has no versions."""
        return self.told("version") or self.told("commit")[:COMMIT]

    @property
    def established(self) -> str:
        """How the facts came about."""
        return _ESTABLISHED.get(self.told("established"), self.told("established"))

    @cached_property
    def types(self) -> frozenset[str]:
        """Its node types."""
        return custom(self.name).types()

    @cached_property
    def older_types(self) -> frozenset[str]:
        """The node types of which older signatures are known as well, or nothing else."""
        return older(self.name).types() if self.name in older_packs() else frozenset()


def how_established(pack: str, node_type: str) -> str:
    """How the facts of one type of a pack came about: those of types that are gone were read off the source."""
    entry = custom(pack).entry(node_type) or {"established": "scan"}
    return _ESTABLISHED.get(entry.get("established", ""), KnownPack(pack).established)


def known_packs(pattern: str | None = None) -> list[KnownPack]:
    """The packs with `pattern` in their name, folder or repository, by name."""
    wanted = (pattern or "").lower()
    packs = map(KnownPack, custom_packs())
    return [
        each for each in packs if wanted in f"{each.name}\n{each.told('folder')}\n{each.told('repository')}".lower()
    ]


def listing(packs: Sequence[KnownPack]) -> str:
    """A line for each pack."""
    head = ("pack", "version", "commit", "date", "types", "older", "licence", "established")
    rows = [head, *(_row(each) for each in packs)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)


def _row(pack: KnownPack) -> tuple[str, ...]:
    return (
        pack.name,
        pack.told("version") or "-",
        pack.told("commit")[:COMMIT],
        pack.told("date") or "-",
        str(len(pack.types)),
        str(len(pack.older_types)),
        pack.told("license"),
        pack.established,
    )


def entries(packs: Iterable[KnownPack]) -> list[Json]:
    """The same for machines."""
    return [
        {
            "pack": each.name,
            **{key: each.told(key) for key in ("folder", "repository", "version", "commit", "date", "license")},
            "established": each.told("established"),
            "server": each.told("server"),
            "types": len(each.types),
            "older_types": len(each.older_types),
        }
        for each in packs
    ]


def table(packs: Iterable[KnownPack]) -> str:
    """The same for the README, with repositories."""
    lines = [
        "| pack | repository | version | commit | types | licence | established |",
        "|---|---|---|---|---|---|---|",
    ]
    for each in packs:
        commit = f"{each.told('commit')[:COMMIT]} {each.told('date')}".strip()
        cells = (each.name, each.told("repository"), each.told("version"), commit, str(len(each.types)))
        lines.append(f"| {' | '.join((*cells, each.told('license'), each.told('established')))} |")
    return "\n".join(lines)
