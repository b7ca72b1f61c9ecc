"""Write packs of facts.

    python -m wftools.catalog.packs core VERSION OBJECT_INFO.json > comfyui-VERSION.json
    python -m wftools.catalog.packs custom scan|import OBJECT_INFO.json FOLDER…
    python -m wftools.catalog.packs table

`core`: OBJECT_INFO is what a server of that version answers to GET /object_info, without custom nodes. Which inputs
list files is taken from the packs that are there; a new one shows as a list of the server's own files in the diff of
the new pack and has to be added to it by hand as {"folder": …}.

`custom` writes the packs of custom nodes that lie in the folders, clones of their repositories: `scan` if OBJECT_INFO
is what `wftools nodes scan FOLDER… -o OBJECT_INFO.json` wrote, `import` if it is what a server said that has the packs
in its custom_nodes, in folders of these names. What a pack's types were before goes into its history, and the index is
written anew. `table` prints what the README has of it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from wftools.catalog.packs import ELSEWHERE, PACKS, pack, text
from wftools.catalog.packs.facts import facts, file_lists_of
from wftools.catalog.packs.known import known_packs, table
from wftools.catalog.packs.refresh import refresh

SERVER = "ComfyUI 0.33.0"  # that said what is recorded of custom packs


def core(version: str, path: str) -> str:
    """The pack of a version."""
    object_info = json.loads(Path(path).read_text("utf-8"))
    nodes = {name: facts(entry, _known_file_lists(name)) for name, entry in object_info.items()}
    return text(f"Node signatures of ComfyUI {version}'s core: facts only", nodes)


def _known_file_lists(node_type: str) -> dict[str, dict[str, object]]:
    """The file lists of a node type, as the shipped packs know them."""
    found: dict[str, dict[str, object]] = {}
    for name in (ELSEWHERE, *PACKS.values()):
        found.update(file_lists_of(pack(name).entry(node_type)))
    return found


def main(*arguments: str) -> None:
    """Do what the arguments say."""
    match arguments:
        case ["core", version, path]:
            sys.stdout.write(core(version, path))
        case ["custom", "scan" | "import" as established, path, *folders] if folders:
            object_info = json.loads(Path(path).read_text("utf-8"))
            names = refresh(object_info, map(Path, folders), established, SERVER)
            sys.stdout.write("".join(f"{name}\n" for name in names))
        case ["table"]:
            sys.stdout.write(table(known_packs()) + "\n")
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main(*sys.argv[1:])
