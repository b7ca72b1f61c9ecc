"""Packs on disk: where they are, what is read of them, and what is known of their node types then."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from wftools.catalog.signature import CUSTOM_MODULES, WILDCARD
from wftools.errors import InputError, Place
from wftools.scan.cache import remember, remembered
from wftools.scan.comfyui import ComfyUI, types_of
from wftools.scan.comfyui.machine import MachineFiles
from wftools.scan.facts import COMPUTED, SECTIONS, PackFacts, facts_of
from wftools.scan.interpreter import Interpreter, Limits
from wftools.scan.interpreter.values import Unknown
from wftools.scan.portable import SourceFiles, mark

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

MAX_PROJECT: Final = 1_000_000  # bytes of a pyproject.toml
MAX_REFS: Final = 16_000_000  # and of git's packed references

_ENTRY: Final = "__init__.py"
_CUSTOM_NODES: Final = "custom_nodes"


@dataclass(frozen=True)
class PackReport:
    """What a scan found in one pack."""

    folder: str  # its name in custom_nodes, which a server gives as the module of its nodes
    path: str
    name: str = ""  # as its pyproject says: its id in the registry
    version: str = ""
    commit: str = ""  # that is checked out, if it was cloned
    facts: PackFacts = field(default_factory=PackFacts)
    steps: int = 0

    @property
    def nodes(self) -> Mapping[str, dict[str, Any]]:
        """What is known of its node types, as object_info has it."""
        return self.facts.nodes

    @property
    def is_whole(self) -> bool:
        """Whether everything is known of it."""
        return not (self.partly or self.facts.unknown or self.facts.incomplete)

    @cached_property
    def partly(self) -> Mapping[str, tuple[str, ...]]:
        """The types of which something is not known, and what."""
        found = {node_type: tuple(_unknown_of(entry)) for node_type, entry in self.nodes.items()}
        return {node_type: reasons for node_type, reasons in found.items() if reasons}


def _unknown_of(entry: Mapping[str, Any]) -> Iterator[str]:
    """What is not known of a node type."""
    yield from entry.get("partly", ())
    for section in SECTIONS:
        for name, (kind, *options) in entry["input"].get(section, {}).items():
            said = options[0] if options else {}
            if said.get("open") == COMPUTED:
                yield f"{name}: {'its type' if kind == WILDCARD else 'its choices'}"
            for option in said.get("unknown", ()):
                yield f"{name}: {'some of its options' if option == WILDCARD else option}"


def packs_in(folder: Path) -> list[Path]:
    """The packs that a path leads to: one pack, those of a custom_nodes folder, or those of a ComfyUI.

    Raises InputError if it is none of these. Packs that are disabled, and hidden ones, are left out.
    """
    if not folder.exists():
        raise InputError("there is no such folder", place=Place(str(folder)))
    if is_pack(folder):
        return [folder]
    if not folder.is_dir():
        raise InputError("is no pack of custom nodes", place=Place(str(folder)), hint="name a folder or a .py file")
    if (folder / _CUSTOM_NODES).is_dir():
        folder = folder / _CUSTOM_NODES
    return sorted(each for each in folder.iterdir() if _is_enabled(each.name) and is_pack(each))


def is_pack(path: Path) -> bool:
    """Whether a server would import it."""
    return (path / _ENTRY).is_file() if path.is_dir() else path.suffix == ".py" and path.is_file()


def _is_enabled(name: str) -> bool:
    return not (name.startswith((".", "__")) or name.endswith(".disabled"))


def scan_all(
    packs: Iterable[Path],
    version: str,
    *,
    keeps: bool = True,
    portable: bool = False,
    telling: Callable[[str], None] = lambda _: None,
) -> Iterator[PackReport]:
    """What is known of some packs, one after another; with `keeps`, from the last time where nothing has changed.

    Each is told of before it is read. What goes wrong with one of them is told in its report. `portable`: see `scan`.
    """
    for pack in packs:
        telling(pack.name)
        state, facts = remembered(pack, version) if keeps and not portable else ("", None)
        if facts is not None:
            yield replace(about_pack(pack), facts=facts)
            continue
        try:
            made = scan(pack, version, portable=portable)
        except Exception as fault:  # a fault of ours in one pack is no reason to lose the others
            why = f"wftools failed: {type(fault).__name__}: {fault}"
            yield replace(about_pack(pack), facts=PackFacts(incomplete=[why]))
            continue
        remember(pack, version, state, made.facts)
        yield made


def scan(pack: Path, version: str, limits: Limits | None = None, *, portable: bool = False) -> PackReport:
    """What is known of the node types of one pack, for that version of ComfyUI. Nothing of it is imported or run.

    With `portable`, choices that come out of files in the pack are open.
    """
    facts, steps = _read(pack, version, limits, MachineFiles)
    if portable:
        mark(facts.nodes, _read(pack, version, limits, SourceFiles)[0].nodes)
    about = about_pack(pack)
    for entry in facts.nodes.values():
        entry["python_module"] = CUSTOM_MODULES + about.folder
    return replace(about, facts=facts, steps=steps)


def _read(
    pack: Path, version: str, limits: Limits | None, files: Callable[[Path, Limits], MachineFiles]
) -> tuple[PackFacts, int]:
    """The facts of a pack, and how many steps it took to find them."""
    comfyui = ComfyUI(version)
    interpreter = Interpreter(pack, comfyui.modules, limits, files=files)
    comfyui.interpreter = interpreter
    module = interpreter.load()
    if isinstance(module, Unknown):
        facts = PackFacts(incomplete=[module.reason])
    else:
        facts = facts_of(interpreter, module, types_of(version), comfyui.registered)
    facts.incomplete = list(dict.fromkeys([*interpreter.incomplete, *facts.incomplete]))
    return facts, interpreter.budget.steps


def about_pack(pack: Path) -> PackReport:
    """What files beside the source say of a pack: its name, its version, and the commit that is checked out."""
    folder = pack.resolve().name if pack.name in ("", ".", "..") else pack.name
    name, version = _project(pack)
    return PackReport(folder.removesuffix(".py"), str(pack), name, version, _commit(pack))


def _project(pack: Path) -> tuple[str, str]:
    text = _small(pack / "pyproject.toml", MAX_PROJECT)
    try:
        project = tomllib.loads(text).get("project", {})
    except (tomllib.TOMLDecodeError, RecursionError):
        return "", ""
    found = [project.get(key, "") if isinstance(project, dict) else "" for key in ("name", "version")]
    return tuple(each if isinstance(each, str) else "" for each in found)  # type: ignore[return-value]


def _commit(pack: Path) -> str:
    git = pack / ".git"
    head = _small(git / "HEAD", MAX_PROJECT).strip()
    name = head.removeprefix("ref: ")
    if name == head:
        return head if _is_hash(head) else ""
    if not name.startswith("refs/") or ".." in name:
        return ""
    found = _small(git / name, MAX_PROJECT).strip()
    if not found:
        packed = (line.split(" ") for line in _small(git / "packed-refs", MAX_REFS).splitlines())
        found = next((parts[0] for parts in packed if parts[1:] == [name]), "")
    return found if _is_hash(found) else ""


def _is_hash(text: str) -> bool:
    return len(text) >= 40 and set(text) <= set("0123456789abcdef")


def _small(path: Path, limit: int) -> str:
    """The text of a file; empty if it is not there, cannot be read or is too large."""
    try:
        if not path.is_file() or path.stat().st_size > limit:
            return ""
        return path.read_text("utf-8", errors="replace")
    except OSError:
        return ""


def object_info(reports: Iterable[PackReport]) -> dict[str, Any]:
    """All node types, as `--object-info` takes them. Of several packs that have a type the last one wins, as there."""
    return {node_type: entry for report in reports for node_type, entry in report.nodes.items()}
