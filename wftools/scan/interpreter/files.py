"""The files of a pack, and nothing else: paths as the interpreted code sees them, and what is there.

The code sees its pack where a server has it, in `/ComfyUI/custom_nodes`, wherever it lies here. A path that leads
outside the pack, by `..` or a symbolic link, is not followed: what is there is not known.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Final

from wftools.scan.interpreter.limits import Bound, Limits

if TYPE_CHECKING:
    from pathlib import Path

COMFYUI: Final = "/ComfyUI"
CUSTOM_NODES: Final = f"{COMFYUI}/custom_nodes"
PASSED_OVER: Final = frozenset({"__pycache__", ".git"})  # made by whoever uses the pack


class PackFiles:
    """What a pack may read. Paths are texts, as in the interpreted code."""

    def __init__(self, pack: Path, limits: Limits) -> None:
        self._real = pack.resolve()
        self._limits = limits
        self._bytes = 0
        self._files = 0
        self._listings: dict[str, list[str] | None] = {}
        self._made: set[str] = set()  # folders that the code would have made by now
        self._written: set[str] = set()  # and files
        self.is_folder = self._real.is_dir()
        self.root = f"{CUSTOM_NODES}/{self._real.name}"  # of the pack, or its only module

    def inside(self, path: str) -> Path | None:
        """Where a path of the interpreted code is here; None if it does not stay inside the pack."""
        path = self._whole(path)
        if path != self.root and not path.startswith(f"{self.root}/"):
            return None
        if "\0" in path:
            return None
        try:
            real = (self._real / path[len(self.root) :].lstrip("/")).resolve()
        except (OSError, RuntimeError):  # links that lead to themselves
            return None
        return real if real == self._real or self._real in real.parents else None

    def is_file(self, path: str) -> bool | None:
        """Whether it is a file; None if that is not known, as it is not the pack's."""
        real = self.inside(path)
        return None if real is None else real.is_file() or self.is_written(path)

    def is_dir(self, path: str) -> bool | None:
        if self._whole(path) in {"/", COMFYUI, CUSTOM_NODES} | self._made:
            return True
        real = self.inside(path)
        return None if real is None else real.is_dir()

    def exists(self, path: str) -> bool | None:
        is_dir, is_file = self.is_dir(path), self.is_file(path)
        return None if is_dir is None else is_dir or bool(is_file)

    def names(self, path: str) -> list[str] | None:
        """The names in a folder, in order; None if it is no folder of the pack."""
        path = self._whole(path)
        if path not in self._listings:
            self._listings[path] = self._listed(path)
        listing = self._listings[path]
        if listing is None:
            return [] if path in self._made else None
        return list(listing)

    def make_folder(self, path: str) -> None:
        """Note that the code would make a folder here, if it is in the pack. Nothing is made."""
        if self.inside(path) is not None:
            self._made.add(self._whole(path))

    def write(self, path: str) -> None:
        """Note that the code would write a file here. Nothing is written."""
        self._written.add(self._whole(path))

    def is_written(self, path: str) -> bool:
        return self._whole(path) in self._written

    def _whole(self, path: str) -> str:
        return posixpath.normpath(posixpath.join(COMFYUI, path))

    def _listed(self, path: str) -> list[str] | None:
        real = self.inside(path)
        if real is None or not real.is_dir():
            return None
        names = []
        try:
            for each in real.iterdir():
                if each.name not in PASSED_OVER:
                    names.append(each.name)
                if sum(len(each or ()) for each in self._listings.values()) + len(names) > self._limits.listed:
                    raise Bound(f"the pack has more than {self._limits.listed} files")
        except OSError:
            return None
        return sorted(names)

    def read(self, path: str, *, limit: int | None = None) -> bytes | None:
        """The bytes of a file of the pack; None if there is no such file, or it cannot be read."""
        real = self.inside(path)
        if real is None or not real.is_file():
            return None
        limit = self._limits.data if limit is None else limit
        try:
            size = real.stat().st_size
            if size > limit or self._bytes + size > self._limits.read:
                raise Bound(f"{posixpath.basename(path)} is too large to be read")
            self._files += 1
            if self._files > self._limits.files:
                raise Bound(f"the pack opens more than {self._limits.files} files")
            data = real.read_bytes()
        except OSError:
            return None
        self._bytes += len(data)
        return data
