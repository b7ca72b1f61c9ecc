"""The node types that wftools can run: the built-in ones, and those of plug-ins.

Both come in by name, so that nothing here imports them: the modules of the package `wftools.nodes`, and the modules
that installed distributions name in the entry-point group of the same name:

    [project.entry-points."wftools.nodes"]
    my_pack = "my_pack.nodes"

Others are given by the caller, whose word it takes to run the code of a file or folder.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from itertools import chain
from typing import TYPE_CHECKING, Final

from wftools.catalog.declare import Declared, declared_in
from wftools.errors import InputError
from wftools.plugins import Folder

if TYPE_CHECKING:
    from types import ModuleType

MODULES: Final[Folder[ModuleType]] = Folder("wftools.nodes")
ENTRY_POINTS: Final = "wftools.nodes"


class NodeTypes(Mapping[str, Declared]):
    """Every declared node by its type.

    Plug-ins are imported when a type is asked for that is not built in, so that a broken one is in nobody's way who
    does not use it. A built-in type cannot be replaced. What is `given` comes before plug-ins.
    """

    def __init__(self, given: Mapping[str, Declared] | None = None) -> None:
        self._given = given if given is not None else {}

    def __getitem__(self, node_type: str) -> Declared:
        built_in = _built_in()
        if node_type in built_in:
            return built_in[node_type]
        return self._given[node_type] if node_type in self._given else _plugged_in()[node_type]

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(chain(_built_in(), self._given, _plugged_in())))

    def __len__(self) -> int:
        return len(_built_in().keys() | self._given.keys() | _plugged_in().keys())


def by_type(modules: Iterable[ModuleType]) -> dict[str, Declared]:
    """The nodes that some modules declare, by type. Raises InputError if two of them declare one type."""
    found: dict[str, Declared] = {}
    for module in modules:
        for declared in declared_in(module):
            other = found.setdefault(declared.type, declared)
            if other is not declared:
                raise InputError(
                    f"the node type {declared.type!r} is declared twice: in {other.function.__module__} "
                    f"and in {module.__name__}",
                    hint="remove one of the two",
                )
    return found


@cache
def _built_in() -> dict[str, Declared]:
    return by_type(MODULES.modules())


@cache
def _plugged_in() -> dict[str, Declared]:
    return by_type(_plug_ins())


def _plug_ins() -> Iterator[ModuleType]:
    """The modules that installed distributions name. Raises InputError if one of them cannot be imported."""
    from importlib.metadata import entry_points

    for entry in sorted(entry_points(group=ENTRY_POINTS)):
        try:
            yield entry.load()
        except Exception as error:  # importing runs other people's code, which may raise anything
            raise InputError(
                f"the plug-in {entry.name!r} cannot be imported: {type(error).__name__}: {error}",
                hint=f"repair or uninstall {entry.dist.name if entry.dist else entry.value}",
            ) from error
