"""Nodes of people's own: a file or folder of Python, in wftools' form or in either of ComfyUI's.

    packs = NodePacks([Path("my_nodes")], folders)     # imports, and so runs, their code
    Session(nodes=NodeTypes(packs)).run(["flow.json"])

Forms: functions declared by `@node`; classes in `NODE_CLASS_MAPPINGS`; `comfy_entrypoint`, which gives `io.ComfyNode`s.
What such code imports of ComfyUI is offered by `offered/` for as far as nodes for pictures, masks, texts and numbers
use it; whatever else it asks for is one error that names it.

Why an adapter, and not ComfyUI's own classes inside: a node here is a function of values, and knows no globals. What
other people's code takes for globals is made of the run's context, while one of their nodes is called.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from wftools.catalog.declare import Declared, declared_in_package
from wftools.errors import InputError
from wftools.nodepacks.classes import Foreign
from wftools.nodepacks.entry import classes_of
from wftools.nodepacks.importing import import_pack

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path
    from types import ModuleType

    from wftools.folders import Folders


class NodePacks(Mapping[str, Declared]):
    """The node types of some files and folders, by name; imported when one is first asked for.

    Raises InputError for what cannot be imported, declares no nodes, or declares one twice. Can be pickled: it is
    imported anew where it is needed.
    """

    def __init__(self, paths: Iterable[Path], folders: Folders) -> None:
        self._paths = tuple(paths)
        self._folders = folders

    def __reduce__(self) -> tuple[type[NodePacks], tuple[tuple[Path, ...], Folders]]:
        return NodePacks, (self._paths, self._folders)

    def __getitem__(self, node_type: str) -> Declared:
        return self._declared[node_type]

    def __iter__(self) -> Iterator[str]:
        return iter(self._declared)

    def __len__(self) -> int:
        return len(self._declared)

    @cached_property
    def _declared(self) -> Mapping[str, Declared]:
        found: dict[str, Declared] = {}
        for path in self._paths:
            module = import_pack(path, self._folders)
            nodes = list(_nodes_in(module, path, self._folders))
            if not nodes:
                raise InputError(
                    f"{path} declares no nodes",
                    hint="it needs functions with @node, NODE_CLASS_MAPPINGS or comfy_entrypoint",
                )
            for declared in nodes:
                if found.setdefault(declared.type, declared) is not declared:
                    raise InputError(
                        f"the node type {declared.type!r} is declared twice, the second time in {path}",
                        hint="leave one of the packs out",
                    )
        return found


def _nodes_in(module: ModuleType, path: Path, folders: Folders) -> Iterator[Declared]:
    """The nodes that a pack declares, in whichever of the forms."""
    yield from declared_in_package(module)
    for name, (cls, display_name) in classes_of(module, path, folders).items():
        yield Foreign.of(name, cls, display_name, pack=path.stem, folders=folders)
