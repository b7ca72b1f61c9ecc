"""`importlib`, `pkgutil`: modules whose names or files are computed."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from wftools.scan.interpreter import attributes, containers, imports
from wftools.scan.interpreter.builtin.types import OBJECT
from wftools.scan.interpreter.standard.declaring import functions, path_text, text
from wftools.scan.interpreter.values import (
    ClassValue,
    Foreign,
    Instance,
    ModuleValue,
    Raised,
    StaticMethod,
    Stream,
    Undecided,
    Unknown,
    Value,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from wftools.scan.interpreter.interpreter import Interpreter


def names(interpreter: Interpreter, module: str) -> dict[str, Value]:
    del interpreter
    return MODULES[module]()


def _import_module(interpreter: Interpreter, name: Value, package: Value = None) -> Value:
    name = text(name)
    level = len(name) - len(name.lstrip("."))
    if level:
        if package is None:
            raise interpreter.error("TypeError", f"the 'package' argument is required to import {name!r}")
        name = imports.relative_name(interpreter, text(package), name[level:], level)
    return imports.absolute(interpreter, name, None)


def _reload(_: Interpreter, module: Value) -> Value:
    return module


# ---------------------------------------------------------------------------------------------------------------------
# A module from a file: a spec, its loader, the module


def _spec_from_file(interpreter: Interpreter, name: Value, location: Value = None, **_: Value) -> Value:
    path = posixpath.normpath(path_text(interpreter, location))
    return _spec(text(name), path)


def _spec(name: str, path: str | None) -> Instance:
    loader = Instance(LOADER, {"name": name, "path": path})
    return Instance(SPEC, {"name": name, "origin": path, "loader": loader, "parent": name.rpartition(".")[0]})


def _module_from_spec(interpreter: Interpreter, spec: Value) -> Value:
    if not isinstance(spec, Instance):
        raise Undecided("a module whose file is not known")
    name, path = spec.attributes["name"], spec.attributes["origin"]
    module = imports.new_module(interpreter, path, name)
    module.names["__spec__"] = spec
    return module


def _exec_module(interpreter: Interpreter, loader: Instance, module: Value) -> None:
    """Interpret the file of a module. What lies outside the pack is not known."""
    if not isinstance(module, ModuleValue) or module.path is None:
        raise Undecided("a module whose file is not known")
    files = interpreter.modules.files
    if files.inside(module.path) is None:
        module.incomplete = "its file is not one of the pack"
        return
    if not files.is_file(module.path):
        raise interpreter.error("FileNotFoundError", f"No such file or directory: '{module.path}'")
    imports.execute(interpreter, module)


def _load_module(interpreter: Interpreter, loader: Instance, *_: Value) -> Value:
    module = _module_from_spec(interpreter, _spec(loader.attributes["name"], loader.attributes["path"]))
    interpreter.modules.loaded[module.name] = module
    _exec_module(interpreter, loader, module)
    return module


def _find_spec(interpreter: Interpreter, name: Value, package: Value = None) -> Value:
    """Whether there is a module. Those of other people are taken to be there."""
    try:
        module = _import_module(interpreter, name, package)
    except Raised:
        return None
    return Unknown(f"module {name}") if isinstance(module, Unknown) else _spec(module.name, module.path)


SPEC = ClassValue("ModuleSpec", (OBJECT,), builtin=True, partial=True)
LOADER = ClassValue(
    "SourceFileLoader",
    (OBJECT,),
    {
        "__new__": StaticMethod(
            Foreign(
                "SourceFileLoader",
                lambda interpreter, _, name, path: _spec(text(name), path_text(interpreter, path)).attributes["loader"],
            )
        ),
        **functions(exec_module=_exec_module, load_module=_load_module, create_module=lambda *_: None),
    },
    builtin=True,
    partial=True,
)


# ---------------------------------------------------------------------------------------------------------------------
# The modules in a folder


def _iter_modules(interpreter: Interpreter, path: Value = None, prefix: Value = "") -> Value:
    if path is None:
        raise Undecided("all modules there are")
    found: list[Value] = []
    for folder in containers.listed(interpreter, path):
        found += _modules_in(interpreter, path_text(interpreter, folder), text(prefix))
    return Stream(iter(found))


def _modules_in(interpreter: Interpreter, folder: str, prefix: str) -> list[Value]:
    files = interpreter.modules.files
    listing = files.names(folder)
    if listing is None:
        return [Unknown("a folder that is not the pack's", many=True)]
    found: list[Value] = []
    for name in listing:
        path = f"{folder}/{name}"
        if name.endswith(".py") and name != "__init__.py":
            found.append(_module_info(folder, prefix + name.removesuffix(".py"), is_package=False))
        elif files.is_file(f"{path}/__init__.py"):
            found.append(_module_info(folder, prefix + name, is_package=True))
    return found


def _module_info(folder: str, name: str, *, is_package: bool) -> Instance:
    finder = Instance(FINDER, {"path": folder})
    return Instance(
        MODULE_INFO, {"module_finder": finder, "name": name, "ispkg": is_package}, native=(finder, name, is_package)
    )


def _walk_packages(interpreter: Interpreter, path: Value = None, prefix: Value = "", onerror: Value = None) -> Value:
    found: list[Value] = []
    for folder in containers.listed(interpreter, path) if path is not None else [Unknown("all modules", many=True)]:
        _walk(interpreter, path_text(interpreter, folder), text(prefix), found)
    return Stream(iter(found))


def _walk(interpreter: Interpreter, folder: str, prefix: str, found: list[Value]) -> None:
    for info in _modules_in(interpreter, folder, prefix):
        found.append(info)
        interpreter.budget.step()
        if isinstance(info, Instance) and info.attributes["ispkg"]:
            name = info.attributes["name"]
            _walk(interpreter, f"{folder}/{name.rpartition('.')[2]}", f"{name}.", found)


def _finder_find_spec(interpreter: Interpreter, finder: Instance, name: Value, *_: Value) -> Value:
    last = text(name).rpartition(".")[2]
    source = imports.find_source(interpreter.modules.files, f"{finder.attributes['path']}/{last}")
    return None if source is None else _spec(text(name), source)


FINDER = ClassValue(
    "FileFinder",
    (OBJECT,),
    functions(
        find_spec=_finder_find_spec,
        find_module=lambda interpreter, finder, name: attributes.get(
            interpreter, _finder_find_spec(interpreter, finder, name), "loader"
        ),
    ),
    builtin=True,
    partial=True,
)
MODULE_INFO = ClassValue("ModuleInfo", (OBJECT,), native=tuple, builtin=True)


MODULES: dict[str, Callable[[], dict[str, Value]]] = {
    "importlib": lambda: {
        **functions(import_module=_import_module, reload=_reload, invalidate_caches=lambda _: None),
        "util": ModuleValue("importlib.util", MODULES["importlib.util"](), otherwise=Unknown("module importlib.util")),
        "machinery": ModuleValue("importlib.machinery", MODULES["importlib.machinery"]()),
    },
    "importlib.util": lambda: functions(
        spec_from_file_location=_spec_from_file, module_from_spec=_module_from_spec, find_spec=_find_spec
    ),
    "importlib.machinery": lambda: {"SourceFileLoader": LOADER, "ModuleSpec": SPEC},
    "pkgutil": lambda: functions(iter_modules=_iter_modules, walk_packages=_walk_packages),
}
