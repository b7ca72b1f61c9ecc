"""Write a pack: python -m wftools.catalog.packs VERSION OBJECT_INFO.json > comfyui-VERSION.json

OBJECT_INFO is what a server of that version answers to GET /object_info, without custom nodes. Which inputs list files
is taken from the packs that are there; a new one shows as a list of the server's own files in the diff of the new pack
and has to be added to it by hand as {"folder": …}.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wftools.catalog.packs import ELSEWHERE, PACKS, pack, text
from wftools.catalog.packs.facts import facts
from wftools.catalog.signature import DYNAMIC_COMBO

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def file_lists_in(sections: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """The inputs of a pack's entry that list files, those of dynamic combos included: (path, options)."""
    for section in ("required", "optional"):
        for name, (kind, *rest) in (sections.get(section) or {}).items():
            options = rest[0] if rest else {}
            if "folder" in options:
                yield prefix + name, {key: options[key] for key in ("folder", "extra_options") if key in options}
            if kind == DYNAMIC_COMBO:
                for option in options["options"]:
                    yield from file_lists_in(option["inputs"], f"{prefix}{name}.{option['key']}.")


def known_file_lists(node_type: str) -> dict[str, dict[str, Any]]:
    """The file lists of a node type, as the shipped packs know them."""
    found: dict[str, dict[str, Any]] = {}
    for name in (ELSEWHERE, *PACKS.values()):
        entry = pack(name).entry(node_type) or []
        for variant in entry if isinstance(entry, list) else [entry]:
            found.update(file_lists_in(variant["input"]))
    return found


def main(version: str, path: str) -> None:
    """Write the pack of a version to standard output."""
    object_info = json.loads(Path(path).read_text("utf-8"))
    nodes = {name: facts(entry, known_file_lists(name)) for name, entry in object_info.items()}
    sys.stdout.write(text(f"Node signatures of ComfyUI {version}'s core: facts only", nodes))


if __name__ == "__main__":
    main(*sys.argv[1:])
