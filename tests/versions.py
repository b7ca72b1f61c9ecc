"""Pairs and triples of real workflows, with what is known of them; see tests/data/diffmerge/README.md."""

from __future__ import annotations

import json
import lzma
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from tests.conftest import DATA
from wftools.document import read_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wftools.document import Document


@dataclass(frozen=True, eq=False)
class Item:
    """Some versions of one workflow, and what is known of them."""

    id: str
    known: Mapping[str, Any]
    texts: Mapping[str, str]  # by version

    def tree(self, version: str) -> dict[str, Any]:
        """One version as plain JSON."""
        tree: dict[str, Any] = json.loads(self.texts[version])
        return tree

    def document(self, version: str) -> Document:
        """One version as wftools reads it."""
        return read_json(self.texts[version], f"{self.id}/{version}.json")

    def __str__(self) -> str:
        return self.id


@cache
def pairs() -> tuple[Item, ...]:
    """Two releases of one template each."""
    return _items("pairs")


@cache
def triples() -> tuple[Item, ...]:
    """Chains of real edits, and synthetic edits of both sides."""
    return _items("triples")


@cache
def chains() -> tuple[Item, ...]:
    """Three releases in a row, the middle one as the base."""
    return tuple(each for each in triples() if each.known["kind"] == "real-chain")


@cache
def synthetic() -> tuple[Item, ...]:
    """Edits that are known, with what a merge has to make of them."""
    return tuple(each for each in triples() if "must_hold" in each.known)


def _items(kind: str) -> tuple[Item, ...]:
    manifest = json.loads((DATA / "diffmerge" / "manifest.json").read_text("utf-8"))
    texts = _texts()
    return tuple(Item(each["id"], each, texts[each["id"]]) for each in manifest[kind])


@cache
def _texts() -> dict[str, dict[str, str]]:
    with lzma.open(DATA / "diffmerge" / "versions.json.xz", "rt", encoding="utf-8", newline="") as stream:
        texts: dict[str, dict[str, str]] = json.load(stream)
    return texts
