"""A package of modules as a registry: the file name is the name, adding the file registers it."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Generic, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Iterator


Form_co = TypeVar("Form_co", covariant=True)


class Folder(Generic[Form_co]):
    """The modules of one package, by name. Names are known without importing any of them.

    Each registry says with a Protocol what its modules have: `Folder[RuleModule]`.

    Why not entry points or a decorator that fills a dict: a folder can be listed without running code, keeps its order
    (alphabetical), and cannot disagree with itself.
    """

    def __init__(self, package: str) -> None:
        self.package = package

    def names(self) -> tuple[str, ...]:
        """Every module's name, sorted."""
        return _names(self.package)

    def load(self, name: str) -> Form_co:
        """Import one module; `name` must be one of `names()`."""
        if name not in self.names():
            raise LookupError(f"{self.package} has no module {name!r}")
        return cast("Form_co", import_module(f"{self.package}.{name}"))

    def modules(self) -> Iterator[Form_co]:
        """Import and yield each module, in the order of `names()`."""
        return (self.load(name) for name in self.names())


@cache
def _names(package: str) -> tuple[str, ...]:
    path = import_module(package).__path__
    return tuple(sorted(module.name for module in iter_modules(path) if not module.name.startswith("_")))
