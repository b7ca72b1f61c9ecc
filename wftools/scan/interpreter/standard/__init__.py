"""Modules of Python's own library, as far as packs need them to say what their nodes are.

Each is a module of this package with `NAMES`: what it offers. Whatever else it has is unknown.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

from wftools.scan.interpreter.values import ModuleValue, Unknown, Value

if TYPE_CHECKING:
    from wftools.scan.interpreter.interpreter import Interpreter

MODELS: Final[dict[str, str]] = {}  # names of modules -> the module here that has them


def module(interpreter: Interpreter, name: str) -> Value:
    """A module of Python's library; unknown if packs do not need it."""
    if name not in MODELS:
        return Unknown(f"module {name}")
    model = import_module(f"{__name__}.{MODELS[name]}")
    names: dict[str, Value] = model.names(interpreter, name)
    return ModuleValue(name, names, otherwise=Unknown(f"module {name}"))
