"""Which files to look at: those that are named, and in folders those that may hold a workflow."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# In a folder the name has to decide which files are opened; what is in them decides the rest.
SUFFIXES: Final = frozenset(
    {
        ".json",
        ".png",
        ".apng",
        ".webp",
        ".jpg",
        ".jpeg",
        ".avif",
        ".mp4",
        ".mov",
        ".webm",
        ".mkv",
        ".flac",
        ".mp3",
        ".ogg",
        ".opus",
        ".latent",
        ".glb",
        ".svg",
        ".exr",
    }
)
JSON: Final = frozenset({".json"})

_LEFT_OUT: Final = frozenset({"node_modules", "__pycache__"})


@dataclass(frozen=True, slots=True)
class Candidate:
    """A file to look at."""

    path: str
    is_named: bool  # by the user; a file that was found in a folder may turn out to be no workflow
    folder: str | None = None  # the named folder that it was found in


def candidates(paths: Iterable[str], suffixes: frozenset[str] = SUFFIXES) -> Iterator[Candidate]:
    """The named files, and the files below named folders in the order of their names; hidden ones are left out."""
    for path in paths:
        if path != "-" and Path(path).is_dir():
            yield from (Candidate(found, is_named=False, folder=path) for found in _below(path, suffixes))
        else:
            yield Candidate(path, is_named=True)


def _below(folder: str, suffixes: frozenset[str]) -> Iterator[str]:
    for where, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in _LEFT_OUT)
        for name in sorted(names):
            if not name.startswith(".") and Path(name).suffix.lower() in suffixes:
                yield str(Path(where, name))
