"""Of nodes that will not run: the files that they name, and what they would write.

Whether a node can be run says nothing of what a workflow needs: who sets a machine up wants to know both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wftools.deps.looking import input_found, model_found
from wftools.deps.needs import InputNeed, ModelNeed
from wftools.errors import RunError
from wftools.graph.model import Literal
from wftools.graph.named_files import files_of
from wftools.runtime.plan.files import PREFIX

if TYPE_CHECKING:
    from collections.abc import Container, Iterator
    from pathlib import Path

    from wftools.catalog.lookup import Catalogue
    from wftools.folders import Folders
    from wftools.graph.model import Node, NodePath, View
    from wftools.graph.named_files import NamedFile


@dataclass(frozen=True)
class LeftOut:
    """A node that will not run, and names files or is an output."""

    node: Node
    reads: tuple[Path, ...] = ()  # those that are there
    missing: tuple[str, ...] = ()  # those that are not, each with its kind
    writes: str | None = None  # how the names of the files begin that it would write


def left_out(view: View, running: Container[NodePath], known: Catalogue, folders: Folders) -> Iterator[LeftOut]:
    """The nodes of a view that are not among those that run, in its order."""
    for path, node in view.nodes.items():
        if path in running:
            continue
        named = [each for each in files_of(node) if not each.is_off]
        found = {each: _path(each, folders) for each in named}
        signature = node.signature or known.signature(node.type)
        is_output = signature is not None and signature.output_node
        if named or is_output:
            yield LeftOut(
                node,
                tuple(dict.fromkeys(where for where in found.values() if where is not None)),
                tuple(dict.fromkeys(_described(each) for each, where in found.items() if where is None)),
                _prefix(node, folders) if is_output else None,
            )


def _path(named: NamedFile, folders: Folders) -> Path | None:
    """Where a file is; None if it is not there."""
    if named.area is not None:
        return input_found(InputNeed(named.name, named.area, named.is_folder, ()), folders).path
    return model_found(ModelNeed(named.name, named.kinds, named.spellings, ()), folders).path


def _described(named: NamedFile) -> str:
    if named.area is not None:
        return f"{named.name} (of the {named.area} folder)"
    return f"{named.name} ({' or '.join(named.kinds) if named.kinds else 'a model of unknown kind'})"


def _prefix(node: Node, folders: Folders) -> str | None:
    given = node.given.get(PREFIX)
    if not isinstance(given, Literal) or not isinstance(given.value, str):
        return None
    try:
        folders.check_prefix(given.value)
    except RunError:
        return None
    return str(folders.output / given.value)
