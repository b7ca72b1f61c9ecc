"""Modules of Python's own library, as far as packs need them to say what their nodes are; and a little of two others.

Each is told by a module of this package: `names(interpreter, module)` answers what it offers. Whatever else it has is
unknown.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

from wftools.scan.interpreter.values import ModuleValue, Unknown, Value

if TYPE_CHECKING:
    from wftools.scan.interpreter.interpreter import Interpreter

_MODELS: Final = {  # the module here that has them -> names of modules
    "importing": "importlib importlib.util importlib.machinery pkgutil",
    "paths": "os os.path posixpath ntpath glob shutil",
    "pathobjects": "pathlib",
    "filedata": "json yaml csv configparser io codecs",
    "functional": "functools itertools operator contextlib copy",
    "collection": "collections collections.abc types",
    "enums": "enum",
    "records": "dataclasses",
    "mathematics": "math numpy",
    "system": "sys platform logging warnings asyncio",
    "annotations": "typing typing_extensions abc __future__",
    "inspection": "inspect",
    "regular": "re string textwrap",
    "syntax": "ast",
}
MODELS: Final = {name: model for model, names in _MODELS.items() for name in names.split()}


def module(interpreter: Interpreter, name: str) -> Value:
    """A module of Python's library; unknown if packs do not need it."""
    if name not in MODELS:
        return ModuleValue(name, otherwise=Unknown(f"module {name}"))
    model = import_module(f"{__name__}.{MODELS[name]}")
    names: dict[str, Value] = model.names(interpreter, name)
    return ModuleValue(name, dict(names), otherwise=Unknown(f"module {name}"))
