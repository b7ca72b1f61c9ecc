"""Import a pack: its own modules by its path, what it imports of ComfyUI from what is offered here."""

from __future__ import annotations

import importlib.util
import re
import sys
import traceback
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Final

from wftools.errors import InputError, Place
from wftools.nodepacks.running import declaring, within

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wftools.folders import Folders

OFFERED: Final = Path(__file__).parent / "offered"
_HERE: Final = "wftools.nodepacks.offered"

# What is ComfyUI's, whether or not any of it is offered.
COMFYUI: Final = frozenset(
    {
        "comfy", "comfy_api", "comfy_api_nodes", "comfy_config", "comfy_execution", "comfy_extras", "app", "api_server",
        "execution", "folder_paths", "latent_preview", "node_helpers", "nodes", "server",
    }
)  # fmt: skip

_NO_NAME: Final = re.compile(r"cannot import name '(\w+)' from '([\w.]+)'")


class NotOfferedError(ImportError):
    """Something of ComfyUI that wftools has nothing for."""


class _Offered(MetaPathFinder, Loader):
    """Gives ComfyUI's modules for what is offered, as the very modules that wftools has of it."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The spec of one of ComfyUI's modules; None for others. Raises NotOfferedError."""
        parts = fullname.split(".")
        if parts[0] not in COMFYUI or (path is not None and not _is_ours(parts[0])):
            return None
        file = OFFERED.joinpath(*parts)
        if not file.is_dir() and not file.with_suffix(".py").is_file():
            raise NotOfferedError(f"{fullname} of ComfyUI is not offered", name=fullname)
        return ModuleSpec(fullname, self, is_package=file.is_dir())

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """The module, imported under its own name."""
        return import_module(f"{_HERE}.{spec.name}")

    def exec_module(self, module: ModuleType) -> None:
        """It is executed already."""


def _is_ours(name: str) -> bool:
    """Whether the module of that name that is imported already is one that is offered."""
    origin = getattr(sys.modules.get(name), "__file__", None)
    return origin is not None and OFFERED in Path(origin).parents


_FINDER: Final = _Offered()


def import_pack(path: Path, folders: Folders) -> ModuleType:
    """Import, and so run, the Python of a file or of a folder with an `__init__.py`. Raises InputError."""
    file = path / "__init__.py" if path.is_dir() else path
    if not file.is_file():
        problem = "has no __init__.py" if path.is_dir() else "is not there"
        raise InputError(f"the nodes in {path} cannot be read: it {problem}", hint="name a file or folder of Python")
    name = "wftools_pack_" + re.sub(r"\W", "_", str(path.resolve()))
    if name in sys.modules:
        return sys.modules[name]
    if _FINDER not in sys.meta_path:
        sys.meta_path.insert(0, _FINDER)
    places = [str(path.resolve())] if path.is_dir() else None
    spec = importlib.util.spec_from_file_location(name, file.resolve(), submodule_search_locations=places)
    if spec is None or spec.loader is None:
        raise InputError(f"{path} is no Python", hint="name a .py file, or a folder with an __init__.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        with within(declaring(folders)):
            spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:  # other people's code may raise anything
        for each in [each for each in sys.modules if each == name or each.startswith(f"{name}.")]:
            del sys.modules[each]
        raise refused(error, path) from error
    return module


def refused(error: BaseException, path: Path) -> InputError:
    """What a pack's code has raised while it was read, with the place in it."""
    absent = not_offered(error)
    if absent is not None:
        return InputError(
            f"the nodes in {path} need {absent} of ComfyUI, which wftools does not offer",
            place=_place(error, path),
            hint="run workflows with these nodes in ComfyUI",
        )
    hint = None
    if isinstance(error, ModuleNotFoundError) and error.name:
        hint = f"if it is a package that the nodes need: pip install {error.name.partition('.')[0]}"
    said = f"{type(error).__name__}: {error}"
    return InputError(f"the nodes in {path} cannot be imported: {said}", place=_place(error, path), hint=hint)


def not_offered(error: BaseException) -> str | None:
    """The name of what is ComfyUI's and not offered, if that is what is wrong."""
    if isinstance(error, NotOfferedError):
        return error.name
    match = _NO_NAME.search(str(error)) if isinstance(error, ImportError) else None
    if match is not None:
        return _of_comfyui(match[2], match[1])
    if isinstance(error, AttributeError) and isinstance(error.obj, ModuleType):
        return _of_comfyui(error.obj.__name__, str(error.name))
    return None


def _of_comfyui(module: str, name: str) -> str | None:
    """A name in one of ComfyUI's modules, as ComfyUI calls it; None if the module is somebody else's."""
    own = module.removeprefix(f"{_HERE}.")
    return f"{own}.{name}" if own.partition(".")[0] in COMFYUI else None


def _place(error: BaseException, path: Path) -> Place:
    """The line of the pack that led to it."""
    if isinstance(error, SyntaxError) and error.filename:
        return Place(error.filename, error.lineno)
    root = path.resolve()
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename).is_relative_to(root)]
    return Place(frames[-1].filename, frames[-1].lineno) if frames else Place(str(path))
