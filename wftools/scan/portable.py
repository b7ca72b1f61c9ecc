"""Which choices come out of files in a pack: on another machine there may be others, as people add to them.

A pack is read once more without its data, and what it offers otherwise then is marked. Why not by following values from
the files on: whatever is done with texts and lists would have to hand on where they come from.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from wftools.scan.comfyui.machine import MachineFiles
from wftools.scan.facts import SECTIONS
from wftools.scan.interpreter import Bound

if TYPE_CHECKING:
    from collections.abc import Mapping

PACK_FILES: Final = "pack files"


class SourceFiles(MachineFiles):
    """The source of a pack without its data."""

    def names(self, path: str) -> list[str] | None:
        """The modules and folders in a folder."""
        names = super().names(path)
        if names is None or self.inside(path) is None:
            return names
        return [name for name in names if name.endswith(".py") or self.is_dir(f"{path}/{name}")]

    def read(self, path: str, *, limit: int | None = None) -> bytes | None:
        """The bytes of a module. Raises Bound for anything else."""
        if not path.endswith(".py"):
            raise Bound(PACK_FILES)
        return super().read(path, limit=limit)


def mark(nodes: Mapping[str, dict[str, Any]], without_data: Mapping[str, dict[str, Any]]) -> None:
    """Say of choices that are others without the pack's data that they are open."""
    for node_type, entry in nodes.items():
        other = without_data.get(node_type, {"input": {}})["input"]
        for section in SECTIONS:
            for name, declared in entry["input"].get(section, {}).items():
                if name in other.get(section, {}) and _choices(declared) != _choices(other[section][name]):
                    declared[1:] = [{"open": PACK_FILES, **(declared[1] if len(declared) > 1 else {})}]


def _choices(declared: list[Any]) -> Any:
    """The choices of an input; its type, if it has none."""
    kind, *options = declared
    return kind if isinstance(kind, list) or not options else options[0].get("options", kind)
