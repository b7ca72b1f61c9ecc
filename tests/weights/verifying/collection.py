"""The collection of hostile files, and what a reader must do with each."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[2] / "data/weights/hostile"


@dataclass(frozen=True)
class Case:
    """A file, and how it must end."""

    path: Path
    format: str
    is_accepted: bool
    codes: frozenset[str]  # one of them is told; none for a file that is sound
    tensors: dict[str, Any] | None


def cases() -> list[Case]:
    """All files of the collection, but those that only belong to another."""
    found = []
    for each in json.loads((FOLDER / "manifest.json").read_text("utf-8")):
        expected, _, codes = each["expect"].partition(":")
        if expected != "n/a":
            is_accepted = expected.startswith("accept")
            told = frozenset(filter(None, codes.split("|")))
            found.append(Case(FOLDER / each["file"], each["format"], is_accepted, told, each.get("tensors")))
    return found
