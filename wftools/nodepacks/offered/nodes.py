"""The core's node classes, for packs that stand on them: each calls the node of wftools.

`nodes.SaveImage` has INPUT_TYPES, RETURN_TYPES and the method that ComfyUI's class has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from wftools.nodepacks.core import CORE_METHODS, core_class, core_types

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_RESOLUTION: Final = 16384


class _Mappings(dict[str, Any]):
    """Every core node class by type, made when it is asked for."""

    def __missing__(self, name: str) -> Any:
        if name not in core_types():
            raise KeyError(name)
        self[name] = core_class(name)
        return self[name]

    def __contains__(self, name: object) -> bool:
        return name in core_types()

    def __iter__(self) -> Iterator[str]:
        return iter(core_types())

    def get(self, name: str, default: Any = None) -> Any:
        """The class of a type, or the default."""
        return self[name] if name in self else default


NODE_CLASS_MAPPINGS: Final = _Mappings()
NODE_DISPLAY_NAME_MAPPINGS: Final[dict[str, str]] = {}


def interrupt_processing(value: bool = True) -> None:
    """Ask the run to stop. A node cannot: whoever started the run can."""


def __getattr__(name: str) -> Any:
    """A node class by ComfyUI's name for it, which may not be that of the node type."""
    node_type = CORE_METHODS[name][0] if name in CORE_METHODS else name
    if node_type not in core_types():
        raise AttributeError(f"nodes.{name} is not offered", name=name)
    return NODE_CLASS_MAPPINGS[node_type]
