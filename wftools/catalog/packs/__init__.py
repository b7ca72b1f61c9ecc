"""Recorded facts of ComfyUI's core nodes, a file a version, and of custom nodes, a file a pack of them.

README.md says where they come from.

A pack is JSON with one node type a line, in the order of their names, so that the signature of one type is found
without parsing the others: a workflow names a few dozen of a thousand types. Those of custom nodes are compressed, and
an index of the same form says which of them have a type: a file that has none of their types opens none of them.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

PACKS: Final = {"0.33.0": "comfyui-0.33.0.json", "0.8.0": "comfyui-0.8.0.json", "0.3.64": "comfyui-0.3.64.json"}
"""The versions of which the whole object_info is known, the newest first."""

ELSEWHERE: Final = "elsewhere.json"
"""Signatures that stand in none of them: of other versions, of documentation, of saved workflows."""

CUSTOM: Final = "custom"
"""The folder of the packs of custom nodes: each file of it is one, and has the name of the pack."""

HISTORY: Final = "custom/history"
"""The same for signatures that a pack had before: a list for a type, the oldest first."""

INDEX: Final = "custom_index.json.gz"
"""Node type -> the names of the packs of custom nodes that have it, or had it once."""

SUFFIX: Final = ".json.gz"

NODES: Final = '"nodes": {\n'


@dataclass(frozen=True, slots=True)
class Pack:
    """The text of one pack."""

    text: str

    @classmethod
    def of(cls, data: bytes) -> Pack:
        """A pack as a compressed file has it."""
        import gzip  # only where a file has nodes of packs

        return cls(gzip.decompress(data).decode())

    def entry(self, node_type: str) -> Any:
        """What the pack says of a node type, or None. The lines are in order: each look halves what is left."""
        low, high = self._first + 1, len(self.text)
        while low < high:
            start = self.text.rfind("\n", low - 1, (low + high) // 2) + 1
            end = self.text.index("\n", start)
            if self.text[start] != '"':  # the closing braces
                high = start
                continue
            after = self.text.index('": ', start)
            name = self.text[start + 1 : after]
            if "\\" in name:
                name = json.loads(f'"{name}"')
            if name == node_type:
                return json.loads(self.text[after + len('": ') : end].rstrip(","))
            if name < node_type:
                low = end + 1
            else:
                high = start
        return None

    def types(self) -> frozenset[str]:
        """The node types of the pack."""
        names = re.compile(r'^("(?:[^"\\]|\\.)*"): ', re.MULTILINE).findall(self.text, self._first + 1)
        return frozenset(map(json.loads, names))

    @property
    def about(self) -> Any:
        """What the pack says of itself."""
        return json.loads(self.text[: self.text.index(",\n")] + "}")["about"]

    @property
    def _first(self) -> int:
        """Where the line break before the first node type stands."""
        return self.text.index(NODES) + len(NODES) - 1


@cache
def pack(name: str) -> Pack:
    """A shipped pack by its file name."""
    file = files(__name__).joinpath(name)
    return Pack.of(file.read_bytes()) if name.endswith(SUFFIX) else Pack(file.read_text("utf-8"))


@cache
def custom_packs() -> tuple[str, ...]:
    """The names of the shipped packs of custom nodes."""
    return _names_in(CUSTOM)


@cache
def older_packs() -> frozenset[str]:
    """Those of which older signatures are known."""
    return frozenset(_names_in(HISTORY))


def _names_in(folder: str) -> tuple[str, ...]:
    names = (each.name for each in files(__name__).joinpath(folder).iterdir())
    return tuple(sorted(name.removesuffix(SUFFIX) for name in names if name.endswith(SUFFIX)))


def custom(name: str) -> Pack:
    """A shipped pack of custom nodes by its name."""
    return pack(f"{CUSTOM}/{name}{SUFFIX}")


def older(name: str) -> Pack:
    """The older signatures of a pack of custom nodes."""
    return pack(f"{HISTORY}/{name}{SUFFIX}")


def packs_with(node_type: str) -> tuple[str, ...]:
    """The packs of custom nodes that have a type, or had it once."""
    return tuple(pack(INDEX).entry(node_type) or ())


@cache
def editor_names() -> dict[str, str]:
    """What the web editor calls node types for which the server gives no name."""
    names: dict[str, str] = json.loads(files(__name__).joinpath("editor_names.json").read_text("utf-8"))
    return names


def text(about: Any, nodes: dict[str, Any]) -> str:
    """A pack's text: JSON, with a line a node type."""
    lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(nodes[name], ensure_ascii=False)}" for name in sorted(nodes))
    return f'{{"about": {json.dumps(about)},\n{NODES}{lines}\n}}}}\n'


def compressed(text: str) -> bytes:
    """A text as the files of packs have it: the same bytes for the same text."""
    import gzip

    return gzip.compress(text.encode(), 9, mtime=0)
