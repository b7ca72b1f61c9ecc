"""Makes the files of packs of custom nodes: facts of today, what they were before, and the index.

A pack that is replaced by a newer one leaves the signatures that it had, where they are no longer the same: names and
types of inputs and outputs, and from when until when.
"""

from __future__ import annotations

import json
import subprocess
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from wftools.catalog.packs import CUSTOM, HISTORY, INDEX, NODES, SUFFIX, Pack, compressed, text
from wftools.catalog.packs.facts import custom_facts, file_lists_of
from wftools.catalog.signature import COMBO, CUSTOM_MODULES
from wftools.errors import InputError, Place
from wftools.writing import atomically

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

HERE: Final = Path(__file__).parent
SHORT: Final = 7  # letters of a commit in a history

_FLAGS: Final = {"forceInput": "f", "control_after_generate": "c", "image_upload": "u", "video_upload": "v"}


@dataclass(frozen=True)
class Source:
    """A pack that was looked at: a folder of `custom_nodes`, cloned with git."""

    folder: Path

    def about(self, established: str, server: str) -> tuple[str, dict[str, str]]:
        """The name of the pack, and what its facts say of themselves. Raises InputError if it is no clone."""
        project = self._project()
        if self._git("rev-parse", "--show-cdup"):
            raise InputError("lies in the clone of another repository", place=Place(str(self.folder)))
        commit, date = self._git("log", "-1", "--format=%H %cs").split()
        repository = "/".join(self._git("remote", "get-url", "origin").removesuffix(".git").split("/")[-2:])
        licence = project.get("license")
        told = licence if isinstance(licence, str) else (licence or {}).get("text") or "see its repository"
        about = {
            "folder": self.folder.name,
            "repository": repository,
            "version": str(project.get("version") or ""),
            "commit": commit,
            "license": told.splitlines()[0][:40],
            "established": established,
            "server": server,
            "date": date,
        }
        name = str(project.get("name") or self.folder.name).lower()
        return name, {key: value for key, value in about.items() if value}

    def _project(self) -> Mapping[str, Any]:
        path = self.folder / "pyproject.toml"
        try:
            found = tomllib.loads(path.read_text("utf-8")).get("project", {}) if path.exists() else {}
        except tomllib.TOMLDecodeError as error:
            raise InputError(f"is not TOML: {error}", place=Place(str(path))) from error
        return found if isinstance(found, dict) else {}

    def _git(self, *arguments: str) -> str:
        done = subprocess.run(["git", "-C", str(self.folder), *arguments], capture_output=True, text=True, check=False)  # noqa: S603, S607
        if done.returncode:
            raise InputError(f"is not a clone of a repository: {done.stderr.strip()}", place=Place(str(self.folder)))
        return done.stdout.strip()


def refresh(
    object_info: Mapping[str, Any], folders: Iterable[Path], established: str, server: str, *, at: Path = HERE
) -> list[str]:
    """Write the packs in these folders, of whose node types object_info tells, and the index; their names.

    `established`: "import" if a server gave it, "scan" if it was read off the source.
    """
    names = []
    for folder in folders:
        name, about = Source(folder).about(established, server)
        module = CUSTOM_MODULES + folder.name
        entries = {t: entry for t, entry in object_info.items() if str(entry.get("python_module")) == module}
        if not entries:
            raise InputError(f"has no node type of {module}", hint="name the folder as the server has it")
        write_pack(name, about, entries, at)
        names.append(name)
    write_index(at)
    return names


def write_pack(name: str, about: Mapping[str, Any], entries: Mapping[str, Any], at: Path = HERE) -> None:
    """Write one pack. Which inputs list files, and of what kind, is taken from what is there."""
    path = at / CUSTOM / f"{name}{SUFFIX}"
    former = Pack.of(path.read_bytes()) if path.exists() else None
    kept = dict(about)
    if former is not None and "folders" in former.about:
        kept.setdefault("folders", former.about["folders"])
    nodes = {
        node_type: custom_facts(entry, file_lists_of(former.entry(node_type) if former is not None else None))
        for node_type, entry in entries.items()
    }
    if former is not None and former.about.get("commit") != kept.get("commit"):
        _remember(name, former, nodes, at)
    _write(path, text(kept, nodes))


def write_index(at: Path = HERE) -> None:
    """Write which packs have a type, or had it once."""
    found: dict[str, set[str]] = {}
    for folder in (CUSTOM, HISTORY):
        for path in sorted((at / folder).glob(f"*{SUFFIX}")):
            known = Pack.of(path.read_bytes())
            for node_type in known.types():
                found.setdefault(node_type, set()).add(path.name.removesuffix(SUFFIX))
    about = "Node types of packs of custom nodes, and the packs that have them"
    _write(at / INDEX, text(about, {node_type: sorted(names) for node_type, names in found.items()}))


def _remember(name: str, former: Pack, today: Mapping[str, Any], at: Path) -> None:
    """Add to the history of a pack what its types were, where they are something else today, or gone."""
    path = at / HISTORY / f"{name}{SUFFIX}"
    known = Pack.of(path.read_bytes()) if path.exists() else None
    nodes: dict[str, Any] = json.loads(known.text)["nodes"] if known is not None else {}
    about = former.about
    date, commit = about.get("date") or "", str(about.get("commit"))[:SHORT]
    for node_type in former.types():
        was = shape(former.entry(node_type))
        if node_type in today and shape(today[node_type]) == was:
            continue
        before = nodes.setdefault(node_type, [])
        last = before[-1] if before else None
        if last is not None and {key: last.get(key) for key in was} == was:
            last["to"] = max(last["to"], date)
        else:
            before.append({"from": date, "to": date, "commit": commit, **was})
    if nodes:
        told = known.about if known is not None else {key: about.get(key) for key in ("repository", "established")}
        path.parent.mkdir(exist_ok=True)
        _write(path, text(told, nodes))


def shape(entry: Mapping[str, Any]) -> dict[str, Any]:
    """What a history has of an entry: [name, type, section, flags] of each input, and the types of outputs."""
    kinds = [COMBO if isinstance(kind, dict | list) else kind for kind in entry.get("output") or ()]
    return {"input": [*map(list, _inputs(entry))], "output": kinds}


def _inputs(entry: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    for section in ("required", "optional"):
        for name, (kind, *rest) in (entry["input"].get(section) or {}).items():
            options = rest[0] if rest else {}
            flags = "".join(letter for option, letter in _FLAGS.items() if options.get(option))
            yield name, COMBO if isinstance(kind, list) else kind, section[0], flags


def _write(path: Path, content: str) -> None:
    assert NODES in content
    with atomically(path) as file:
        file.write(compressed(content))
