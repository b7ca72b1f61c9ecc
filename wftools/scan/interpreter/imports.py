"""Imports: modules of the pack are interpreted, foreign ones are as they are given, and all others unknown."""

from __future__ import annotations

import ast
import posixpath
import sys
import warnings
from typing import TYPE_CHECKING, Final

from wftools.scan.interpreter import assigning, attributes, standard
from wftools.scan.interpreter.files import CUSTOM_NODES, PackFiles
from wftools.scan.interpreter.limits import Bound, Exhausted
from wftools.scan.interpreter.nesting import shallow
from wftools.scan.interpreter.scopes import Scope
from wftools.scan.interpreter.values import MISSING, ModuleValue, Raised, Undecided, Unknown, Value

if TYPE_CHECKING:
    from wftools.scan.interpreter.interpreter import Interpreter

PACKS_PACKAGE: Final = "custom_nodes"  # the package that packs stand in, as some of them name it


class Modules:
    """The modules that a pack has imported, and what else it may import."""

    def __init__(self, files: PackFiles, foreign: dict[str, ModuleValue]) -> None:
        self.files = files
        self.foreign = foreign
        self.standard: dict[str, Value] = {}  # modules of Python's own, as far as they were asked for
        self.others: dict[str, ModuleValue] = {}  # of other people
        self.loaded: dict[Value, Value] = {}  # sys.modules, as the interpreted code sees it
        self.by_path: dict[str, ModuleValue] = {}
        self.search: list[Value] = []  # sys.path
        self.package = files.root.removesuffix(".py").replace(".", "_x_")  # the name that a server gives the pack


def load(interpreter: Interpreter, name: str) -> Value:
    """A module by name; the pack itself for an empty one. A relative name is one of the pack's."""
    modules = interpreter.modules
    if name.strip(".") == "":
        return module_of_pack(interpreter, modules.package)
    if name.startswith("."):
        return module_of_pack(interpreter, modules.package + name)
    return absolute(interpreter, name, None)


# ---------------------------------------------------------------------------------------------------------------------
# Finding


def absolute(interpreter: Interpreter, name: str, importer: ModuleValue | None) -> Value:
    """The module that `import name` loads: itself, not the package it is in."""
    modules = interpreter.modules
    own = _own_name(modules, name)
    if own is not None:
        return module_of_pack(interpreter, own)
    known = modules.loaded.get(name, MISSING)
    if known is not MISSING:
        return known
    found = _foreign(interpreter, name)
    if found is not MISSING:
        return found
    top = name.partition(".")[0]
    if top in sys.stdlib_module_names or name in standard.MODELS:
        return _standard(interpreter, name)
    path = _on_search_path(interpreter, name, importer)
    if path is not None:
        return _load_with_packages(interpreter, path, name)
    return _others(interpreter, name)


def _others(interpreter: Interpreter, name: str) -> ModuleValue:
    """A module of other people: it is taken to be there, and nothing of it is known."""
    loaded = interpreter.modules.others
    if name not in loaded:
        loaded[name] = ModuleValue(name, otherwise=Unknown(f"module {name}"))
    return loaded[name]


def _own_name(modules: Modules, name: str) -> str | None:
    """The name of a module of the pack, if it is given as one of a package `custom_nodes`."""
    if name == modules.package or name.startswith(f"{modules.package}."):
        return name
    folder = posixpath.basename(modules.files.root)
    for prefix in (f"{PACKS_PACKAGE}.{folder}", f"ComfyUI.{PACKS_PACKAGE}.{folder}"):
        if name == prefix or name.startswith(f"{prefix}."):
            return modules.package + name[len(prefix) :]
    return None


def _foreign(interpreter: Interpreter, name: str) -> Value:
    """A module that was given. What is in a package of these, but was not given, is what its parent has."""
    foreign = interpreter.modules.foreign
    if name in foreign:
        return foreign[name]
    parent, _, last = name.rpartition(".")
    if not parent:
        return MISSING
    found = _foreign(interpreter, parent)
    if isinstance(found, ModuleValue):
        inner = found.lookup(last)
        return inner if inner is not MISSING else Unknown(f"module {name}")
    return found


def _standard(interpreter: Interpreter, name: str) -> Value:
    loaded = interpreter.modules.standard
    if name not in loaded:
        loaded[name] = standard.module(interpreter, name)
    return loaded[name]


def _on_search_path(interpreter: Interpreter, name: str, importer: ModuleValue | None) -> str | None:
    """A module of the pack that is imported as if it were not in one: by sys.path, or from beside who imports it."""
    modules = interpreter.modules
    folders = [each for each in modules.search if isinstance(each, str)]
    if importer is not None and importer.path is not None:
        folders.append(posixpath.dirname(importer.path))
    if modules.files.is_folder:
        folders.append(modules.files.root)
    for folder in folders:
        path = posixpath.normpath(posixpath.join(folder, *name.split(".")))
        if find_source(modules.files, path) is not None:
            return path
    return None


def find_source(files: PackFiles, path: str) -> str | None:
    """The file of a module whose path without suffix is given; a folder without `__init__.py` is one itself."""
    if files.is_file(f"{path}/__init__.py"):
        return f"{path}/__init__.py"
    if files.is_file(f"{path}.py"):
        return f"{path}.py"
    return path if files.is_dir(path) and files.inside(path) is not None else None


def _load_with_packages(interpreter: Interpreter, path: str, name: str) -> Value:
    parts = name.split(".")
    base = posixpath.normpath(posixpath.join(path, *[".."] * len(parts)))
    module: Value = MISSING
    for count in range(1, len(parts) + 1):
        inner_name = ".".join(parts[:count])
        source = find_source(interpreter.modules.files, posixpath.join(base, *parts[:count]))
        if source is None:
            raise interpreter.error("ModuleNotFoundError", f"No module named '{inner_name}'")
        outer = module
        module = module_at(interpreter, source, inner_name)
        if isinstance(outer, ModuleValue):
            outer.names[parts[count - 1]] = module
    return module


def module_of_pack(interpreter: Interpreter, name: str) -> Value:
    """A module of the pack by the dotted name that it has there, its packages first."""
    modules = interpreter.modules
    parts = [part for part in name[len(modules.package) :].split(".") if part]
    path = modules.files.root
    module: Value = module_at(interpreter, _root_source(interpreter), modules.package)
    for count, part in enumerate(parts, 1):
        inner_name = ".".join([modules.package, *parts[:count]])
        path = f"{path}/{part}"
        known = modules.loaded.get(inner_name, MISSING)
        source = find_source(modules.files, path)
        if known is MISSING and source is None and _is_compiled(interpreter, path):
            return Unknown(f"module {inner_name}")
        if known is MISSING and source is None:
            raise interpreter.error("ModuleNotFoundError", f"No module named '{inner_name}'")
        outer = module
        module = known if known is not MISSING else module_at(interpreter, source or path, inner_name)
        if isinstance(outer, ModuleValue) and part not in outer.names:
            outer.names[part] = module
    return module


def _is_compiled(interpreter: Interpreter, path: str) -> bool:
    """Whether there is a module that is not written in Python."""
    folder, name = posixpath.split(path)
    listing = interpreter.modules.files.names(folder) or ()
    return any(each.startswith(f"{name}.") and each.endswith((".so", ".pyd")) for each in listing)


def _root_source(interpreter: Interpreter) -> str:
    files = interpreter.modules.files
    if not files.is_folder:
        return files.root
    return find_source(files, files.root) or files.root


# ---------------------------------------------------------------------------------------------------------------------
# Loading


def module_at(interpreter: Interpreter, path: str, name: str) -> ModuleValue:
    """The module of a file, or of a folder without `__init__.py`; interpreted when it is first asked for."""
    modules = interpreter.modules
    known = modules.by_path.get(path)
    if known is not None:
        modules.loaded.setdefault(name, known)
        return known
    module = new_module(interpreter, path, name)
    modules.by_path[path] = module
    modules.loaded[name] = module
    try:
        execute(interpreter, module)
    except Raised:
        modules.by_path.pop(path, None)
        modules.loaded.pop(name, None)
        raise
    return module


def new_module(interpreter: Interpreter, path: str, name: str) -> ModuleValue:
    """A module of the pack that is not interpreted yet."""
    module = ModuleValue(name, path=path)
    is_package = not path.endswith(".py") or posixpath.basename(path) == "__init__.py"
    module.names |= {
        "__name__": name,
        "__package__": name if is_package else name.rpartition(".")[0],
        "__doc__": None,
        "__builtins__": {},
        "__spec__": None,
        "__loader__": None,
    }
    if path.endswith(".py"):
        module.names["__file__"] = path
    if is_package:
        module.names["__path__"] = [path.removesuffix("/__init__.py")]
    interpreter.doubt.made(module)
    return module


def execute(interpreter: Interpreter, module: ModuleValue) -> None:
    """Interpret the source of a module. What cannot be read is noted at the module."""
    path = module.path
    if path is None or interpreter.modules.files.is_dir(path):
        return
    try:
        source = interpreter.modules.files.read(path, limit=interpreter.limits.source)
        if source is None:
            raise Bound("it cannot be read")
        tree = parse(interpreter, source)
    except Bound as why:
        _not_read(interpreter, module, why.reason)
        return
    run_module(interpreter, module, tree)


def parse(interpreter: Interpreter, source: str | bytes) -> ast.Module:
    """The syntax of a source. A SyntaxError is the interpreted code's; what is nested too deeply ends in `Bound`."""
    try:
        with shallow(), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of escapes that are none
            tree = ast.parse(source)
    except (SyntaxError, ValueError) as fault:
        raise interpreter.error("SyntaxError", str(fault)) from fault
    except (RecursionError, MemoryError) as fault:
        raise Bound("its syntax is nested too deeply") from fault
    if interpreter.nesting_of(tree) > interpreter.limits.syntax:
        raise Bound("its syntax is nested too deeply")
    return tree


def run_module(
    interpreter: Interpreter, module: ModuleValue, tree: ast.Module, names: dict[Value, Value] | None = None
) -> None:
    """Run the statements of a module, or of a text that is run in one.

    An exception that nobody in the pack would catch ends its statement only: it may be ours.
    """
    budget = interpreter.budget
    docstring = ast.get_docstring(tree, clean=False)
    if docstring is not None and names is None:
        module.names["__doc__"] = docstring
    scope = Scope("module", module, module.names if names is None else names)
    weight = interpreter.nesting_of(tree)
    if budget.nesting + weight > interpreter.limits.nesting:
        _not_read(interpreter, module, "modules import one another too deeply")
        return
    left = budget.begin_slice()
    calls, nesting = budget.calls, budget.nesting
    doubt = len(interpreter.doubt)
    budget.nesting += weight
    try:
        for statement in tree.body:
            _run_statement(interpreter, module, statement, scope)
    except Exhausted as end:
        _not_read(interpreter, module, end.reason)
        if budget.steps > interpreter.limits.steps:
            raise
    finally:
        budget.end_slice(left)
        budget.calls, budget.nesting = calls, nesting
        interpreter.doubt.back_to(doubt)


def _run_statement(interpreter: Interpreter, module: ModuleValue, statement: ast.stmt, scope: Scope) -> None:
    try:
        for _ in interpreter.run([statement], scope):
            pass
    except Raised as raised:
        if interpreter.guards:
            raise
        reason = interpreter.said(raised.value)
        interpreter.incomplete.append(f"{_place(interpreter, module)}:{statement.lineno}: {reason}")
        assigning.lose(interpreter, statement, scope, reason)
        if isinstance(statement, ast.ImportFrom):
            module.incomplete = module.incomplete or reason


def _not_read(interpreter: Interpreter, module: ModuleValue, reason: str) -> None:
    module.incomplete = reason
    interpreter.incomplete.append(f"{_place(interpreter, module)}: {reason}")


def _place(interpreter: Interpreter, module: ModuleValue) -> str:
    path = module.path or module.name
    return posixpath.relpath(path, CUSTOM_NODES) if path.startswith(interpreter.modules.files.root) else path


# ---------------------------------------------------------------------------------------------------------------------
# Statements


def import_statement(interpreter: Interpreter, statement: ast.Import, scope: Scope) -> None:
    """`import a.b, c as d`."""
    for alias in statement.names:
        module = absolute(interpreter, alias.name, scope.module)
        top = alias.name.partition(".")[0]
        if alias.asname is not None:
            assigning.bind(interpreter, alias.asname, module, scope)
        elif top == alias.name:
            assigning.bind(interpreter, top, module, scope)
        else:
            assigning.bind(interpreter, top, absolute(interpreter, top, scope.module), scope)


def from_statement(interpreter: Interpreter, statement: ast.ImportFrom, scope: Scope) -> None:
    """`from a.b import c as d, *`."""
    module = imported_from(interpreter, statement.module or "", statement.level, scope.module)
    for alias in statement.names:
        if alias.name == "*":
            import_all(interpreter, module, scope)
        else:
            value = member(interpreter, module, alias.name)
            assigning.bind(interpreter, alias.asname or alias.name, value, scope)


def imported_from(interpreter: Interpreter, name: str, level: int, importer: ModuleValue) -> Value:
    """The module that `from …name import` means, with `level` dots before it."""
    if level == 0:
        return absolute(interpreter, name, importer)
    return absolute(interpreter, relative_name(interpreter, importer.names.get("__package__"), name, level), importer)


def relative_name(interpreter: Interpreter, package: Value, name: str, level: int) -> str:
    """The full name of a relative one."""
    if not isinstance(package, str):
        raise Undecided("the package of a module")
    parts = package.split(".")
    if not package or len(parts) < level:
        raise interpreter.error("ImportError", "attempted relative import beyond top-level package")
    base = ".".join(parts[: len(parts) - level + 1])
    return f"{base}.{name}" if name else base


def member(interpreter: Interpreter, module: Value, name: str) -> Value:
    """What `from module import name` gives: a name of it, or a module in it."""
    if not isinstance(module, ModuleValue):
        return (
            Unknown(f"{name} of {module.reason}")
            if isinstance(module, Unknown)
            else attributes.get(interpreter, module, name)
        )
    found = attributes.find(interpreter, module, name)
    if found is not MISSING and not (isinstance(found, Unknown) and "__path__" in module.names):
        return found
    if "__path__" in module.names:
        try:
            return absolute_in(interpreter, module, name)
        except Raised as raised:
            if raised.value.cls.name != "ModuleNotFoundError" or found is not MISSING:
                raise
    if found is not MISSING:
        return found
    raise interpreter.error("ImportError", f"cannot import name '{name}' from '{module.name}'")


def absolute_in(interpreter: Interpreter, package: ModuleValue, name: str) -> Value:
    """A module of a package of the pack, by its name in it."""
    if package.path is None:
        return Unknown(f"{name} of {package.name}")
    folder = package.path.removesuffix("/__init__.py")
    source = find_source(interpreter.modules.files, f"{folder}/{name}")
    if source is None:
        raise interpreter.error("ModuleNotFoundError", f"No module named '{package.name}.{name}'")
    module = module_at(interpreter, source, f"{package.name}.{name}")
    package.names.setdefault(name, module)
    return module


def import_all(interpreter: Interpreter, module: Value, scope: Scope) -> None:
    """`from module import *`: what `__all__` names, else all names without an underscore before."""
    if not isinstance(module, ModuleValue):
        reason = module.reason if isinstance(module, Unknown) else "no module"
        scope.module.incomplete = scope.module.incomplete or f"it imports everything of {reason}"
        return
    exported = module.names.get("__all__", MISSING)
    names = [name for name in module.names if isinstance(name, str) and not name.startswith("_")]
    if isinstance(exported, list | tuple):
        names = [name for name in exported if isinstance(name, str)]
    for name in names:
        assigning.bind(interpreter, name, member(interpreter, module, name), scope)
    if module.incomplete:
        scope.module.incomplete = scope.module.incomplete or module.incomplete
    elif module.otherwise is not None:
        scope.module.incomplete = scope.module.incomplete or f"it imports everything of {module.name}"
