"""The models and the input files that nodes name, with what the file says of models."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from wftools.deps.needs import InputNeed, ModelNeed, StatedHash, Use
from wftools.deps.packs import needed_nodes
from wftools.errors import RunError
from wftools.folders.names import KINDS_OF_PACKS, inside
from wftools.graph import View
from wftools.graph.named_files import model_notes, named_files

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wftools.graph import WorkflowGraph
    from wftools.graph.named_files import ModelNote, NamedFile

Named = tuple["NamedFile", Use]
"""A file that a node names, and the node."""


def named_in(file: str, graph: WorkflowGraph) -> list[Named]:
    """The files that nodes name, also those that are muted."""
    nodes = {node.path: (node, role) for node, role in needed_nodes(graph) if role != "editor"}

    def use(named: NamedFile) -> Use:
        node, role = nodes[named.node]
        return Use(file, node.path, node.type, "off" if named.is_off else role, named.input)

    view = View({path: node for path, (node, _) in nodes.items()})
    return [(named, use(named)) for named in named_files(view)]


def models_in(file: str, graph: WorkflowGraph, named: Iterable[Named]) -> tuple[ModelNeed, ...]:
    """The models that nodes name, and those of which the file says that it needs them."""
    notes = list(model_notes(graph.document, graph.unfolded))
    by_name: dict[str, list[ModelNote]] = defaultdict(list)
    for note in notes:
        by_name[_last(note.name)].append(note)
    told: set[str] = set()
    needs: list[ModelNeed] = []
    for each, use in named:
        if not each.is_model:
            continue
        fitting = _fitting(each, by_name[_last(each.name)])
        told.update(note.pointer for note in fitting)
        kinds = each.kinds or tuple(dict.fromkeys(filter(None, map(_kind, fitting))))
        needs.append(
            ModelNeed(each.name, kinds, each.spellings, (use,), _urls(fitting), _hashes(fitting), each.is_in_any_folder)
        )
    for note in notes:
        node = graph.unfolded.nodes.get(note.node) if note.node is not None else None
        # A known node that does not name the model has been given another one since.
        if note.pointer not in told and (node is None or node.signature is None):
            name, kind = note.name.replace("\\", "/"), _kind(note)
            use = Use(file, note.node, node.type if node is not None else "")
            needs.append(
                ModelNeed(name, (kind,) if kind is not None else (), (name,), (use,), _urls([note]), _hashes([note]))
            )
    return tuple(needs)


def inputs_in(named: Iterable[Named]) -> tuple[InputNeed, ...]:
    """The files that are no models."""
    return tuple(
        InputNeed(each.name, each.area, each.is_folder, (use,)) for each, use in named if each.area is not None
    )


def _last(name: str) -> str:
    return name.replace("\\", "/").rpartition("/")[2]


def _fitting(named: NamedFile, notes: Sequence[ModelNote]) -> list[ModelNote]:
    """Of the notes on models of that name, those on this one: of its node, else of its kind."""
    own = [note for note in notes if note.node == named.node]
    kinds = {KINDS_OF_PACKS.get(kind, kind) for kind in named.kinds}
    return own or [note for note in notes if note.directory is None or not kinds or note.directory in kinds]


def _kind(note: ModelNote) -> str | None:
    """The kind of folder that a note names; None if it names none inside the folder of models."""
    try:
        folder = str(inside(note.directory)) if note.directory else "."
    except RunError:
        return None
    return folder if folder != "." else None


def _urls(notes: Iterable[ModelNote]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(note.url for note in notes if note.url is not None))


def _hashes(notes: Iterable[ModelNote]) -> tuple[StatedHash, ...]:
    return tuple(
        dict.fromkeys(StatedHash((note.hash_type or "").lower(), note.hash) for note in notes if note.hash is not None)
    )
