"""One file looked into: what it holds, how much of what, what it says of itself and what is to be doubted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from wftools.errors import InputError, Place
from wftools.weights.inspecting import LEFTOVERS, describe, owners
from wftools.weights.inspecting.amounts import Amount, Way, amount_of, by_type, schemes, total
from wftools.weights.inspecting.metadata import summary
from wftools.weights.tensorfile import open_tensors

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from wftools.weights.inspecting import Described
    from wftools.weights.inspecting.graphs import Graph
    from wftools.weights.inspecting.hashes import Hashes
    from wftools.weights.inspecting.hierarchy import Branch
    from wftools.weights.inspecting.signs import Component
    from wftools.weights.tensorfile import TensorFile


@dataclass(frozen=True, slots=True)
class Share:
    """The tensors of one network, or of what is left over."""

    component: Component | None
    label: str  # "diffusion model"; what is left over by what it is
    prefix: str  # what stands before the names; "" also for what has nothing in common
    amount: Amount
    dtypes: tuple[str, ...]  # that of most bytes first


@dataclass(frozen=True, slots=True)
class Inspection:
    """One file."""

    file: TensorFile
    size: int  # in bytes, with the files that it names
    described: Described
    amount: Amount
    shares: tuple[Share, ...]
    ways: tuple[Way, ...]
    schemes: Mapping[str, int]  # how weights are quantised that have scales in tensors of their own -> layers
    summary: Mapping[str, str]
    names: tuple[str, ...]  # the tensors that were asked for
    hashes: Hashes | None
    graph: Graph | None  # of an ONNX file

    @property
    def tree(self) -> tuple[Branch, ...]:
        """The names that were asked for, as a tree."""
        from wftools.weights.inspecting.hierarchy import tree_of  # start-up: most ask for no tree, and for no hashes

        return tree_of(self.file, self.names)


def inspect(
    path: Path, *, keys: str = "*", with_hashes: bool = False, progress: Callable[[int], None] = lambda _: None
) -> Inspection:
    """Look into a model file. Reads its header only, but for hashes. Raises InputError."""
    file = open_tensors(path)
    graph = _graph(file)
    described = _told_by_graph(describe(file), graph)
    return Inspection(
        file=file,
        size=_size(file),
        described=described,
        amount=total(file.tensors.values()),
        shares=_shares(file, described),
        ways=by_type(file),
        schemes=schemes(file),
        summary=summary(file.metadata),
        names=tuple(name for name in file.tensors if fnmatchcase(name, keys)),
        hashes=_hashes(file, progress) if with_hashes else None,
        graph=graph,
    )


def _graph(file: TensorFile) -> Graph | None:
    if file.format != "onnx":
        return None
    from wftools.weights.inspecting.graphs import graph_of

    return graph_of(file)


def _told_by_graph(described: Described, graph: Graph | None) -> Described:
    """What its tensors do not tell, the names of a graph's inputs may."""
    if graph is None or described.components or described.adapter is not None:
        return described
    from wftools.weights.inspecting.graphs import component_of

    component = component_of(graph)
    return described if component is None else replace(described, kind=component.kind, components=(component,))


def _hashes(file: TensorFile, progress: Callable[[int], None]) -> Hashes | None:
    """None of a folder, which no site knows by one."""
    if file.path.is_dir():
        return None
    from wftools.weights.inspecting.hashes import hashes_of

    return hashes_of(file.path, file.format, progress)


def _size(file: TensorFile) -> int:
    paths = {file.path, *(info.file for info in file.tensors.values() if info.file is not None)}
    try:
        return sum(path.stat().st_size for path in paths if path.is_file())
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", place=Place(str(file.path))) from error


def _shares(file: TensorFile, described: Described) -> tuple[Share, ...]:
    """The parts of a file in the order of their networks; those that are nobody's last."""
    if described.adapter is not None:
        return ()
    amounts: dict[str, Amount] = {}
    dtypes: dict[str, dict[str, int]] = {}
    for name, owner in owners(file, described.components).items():
        info = file.tensors[name]
        amounts[owner] = amounts.get(owner, Amount()) + amount_of(info)
        of_type = dtypes.setdefault(owner, {})
        of_type[info.dtype] = of_type.get(info.dtype, 0) + info.stop - info.start
    components = {each.prefix: each for each in described.components}
    order = [*(prefix for prefix in components if prefix in amounts), *sorted(amounts.keys() - components.keys())]
    return tuple(
        Share(
            component=components.get(owner),
            label=components[owner].kind if owner in components else LEFTOVERS.get(owner, "others"),
            prefix=owner.removeprefix("?"),
            amount=amounts[owner],
            dtypes=tuple(sorted(dtypes[owner], key=lambda dtype: -dtypes[owner][dtype])),
        )
        for owner in order
    )
