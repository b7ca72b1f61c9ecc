"""Which packs of custom nodes are installed in a folder, and which versions: as their own files say, nothing is run.

A pack that came from the registry says its id and version in `pyproject.toml`, and so do most that were cloned; where
those came from, and which commit it is, says git.
"""

from __future__ import annotations

import os
import re
import tomllib
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from wftools.deps.needs import PackNeed

PackState = Literal["present", "missing", "another version", "not looked for"]

MAX_BYTES: Final = 2**20  # of a file that a pack says something in
MAX_FOLDERS: Final = 10_000

_REMOTE: Final = re.compile(r"url\s*=\s*\S*?github\.com[:/]([\w.-]+/[\w.-]+?)(?:\.git)?/?\s*$", re.MULTILINE)
_COMMIT: Final = re.compile(r"[0-9a-f]{40}")
_OFF: Final = (".disabled", "__pycache__")


@dataclass(frozen=True, slots=True)
class Installed:
    """A pack in the folder of custom nodes."""

    folder: str
    id: str  # "" if it says none
    repository: str  # the same
    version: str
    commit: str

    @property
    def versions(self) -> tuple[str, ...]:
        """What it may be called in a workflow: its version or its commit."""
        return tuple(each for each in (self.version, self.commit) if each)

    def is_version(self, version: str) -> bool:
        """Whether it is of that version or commit."""
        wanted = version.lower().removeprefix("v")
        is_commit = len(wanted) >= 7 and self.commit.startswith(wanted)
        return is_commit or wanted == self.version.lower().removeprefix("v")


@dataclass(frozen=True)
class InstalledPacks:
    """The packs that are installed in some folders of custom nodes."""

    folders: tuple[Path, ...]

    def of(self, need: PackNeed) -> Installed | None:
        """The one that is needed; None if it is not there."""
        repository = need.repository.lower()
        names = {need.id.lower(), repository.rpartition("/")[2]} - {""}
        tests = (
            lambda pack: bool(pack.id) and pack.id.lower() == need.id.lower(),
            lambda pack: bool(pack.repository) and pack.repository.lower() == repository,
            lambda pack: pack.folder.lower() in names,
        )
        return next((pack for is_it in tests for pack in self.all if is_it(pack)), None)

    def named(self, need: PackNeed) -> PackNeed:
        """The same need, by the name that the pack has for itself, where only its folder is known."""
        found = self.of(need) if not need.is_said and not need.repository else None
        if found is None:
            return need
        return replace(need, id=found.id or need.id, repository=found.repository)

    @cached_property
    def all(self) -> Sequence[Installed]:
        """All of them, those that are switched off left out."""
        return [_installed(path) for folder in self.folders for path in _folders(folder)]


def pack_state(need: PackNeed, installed: Installed | None, *, was_looked_for: bool) -> PackState:
    """Whether a pack is installed, in one of the versions that nodes were saved with."""
    if not was_looked_for:
        return "not looked for"
    if installed is None:
        return "missing"
    is_right = not need.versions or not installed.versions or any(map(installed.is_version, need.versions))
    return "present" if is_right else "another version"


def _folders(folder: Path) -> Iterator[Path]:
    with os.scandir(folder) as entries:
        names = sorted(entry.name for entry, _ in zip(entries, range(MAX_FOLDERS), strict=False) if entry.is_dir())
    yield from (folder / name for name in names if not name.endswith(_OFF) and not name.startswith("."))


def _installed(folder: Path) -> Installed:
    name, version = _project(folder / "pyproject.toml")
    match = _REMOTE.search(_text(folder / ".git" / "config"))
    return Installed(
        folder.name,
        name,
        match.group(1) if match is not None else "",
        version,
        _commit(folder / ".git"),
    )


def _project(file: Path) -> tuple[str, str]:
    """The id and the version that a pack says."""
    try:
        project = tomllib.loads(_text(file)).get("project")
    except (tomllib.TOMLDecodeError, RecursionError):
        return "", ""
    told = project if isinstance(project, dict) else {}
    name, version = told.get("name"), told.get("version")
    return name if isinstance(name, str) else "", version if isinstance(version, str) else ""


def _commit(git: Path) -> str:
    """The commit that is checked out; "" if that cannot be told."""
    head = _text(git / "HEAD").strip()
    if not head.startswith("ref: refs/"):
        return head if _COMMIT.fullmatch(head) else ""
    branch = head.removeprefix("ref: ")
    if ".." in branch:
        return ""
    found = _text(git / branch).strip() or next(
        (line.partition(" ")[0] for line in _text(git / "packed-refs").splitlines() if line.endswith(f" {branch}")), ""
    )
    return found if _COMMIT.fullmatch(found) else ""


def _text(file: Path) -> str:
    """What a file says; "" if there is none that could be read."""
    try:
        if not file.is_file():
            return ""
        with file.open("rb") as stream:
            return stream.read(MAX_BYTES).decode("utf-8", "replace")
    except (OSError, ValueError):
        return ""
