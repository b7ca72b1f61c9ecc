"""The classes of a pack in either of ComfyUI's forms."""

from __future__ import annotations

import asyncio
import inspect
from typing import TYPE_CHECKING, Any

from wftools.catalog.lookup import Catalogue
from wftools.catalog.target import Target
from wftools.errors import InputError, WftoolsError
from wftools.nodepacks.importing import refused
from wftools.nodepacks.running import declaring, within

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from types import ModuleType

    from wftools.folders import Folders


def classes_of(module: ModuleType, path: Path, folders: Folders) -> Mapping[str, tuple[type, str]]:
    """The node classes by type, with their display names; none if the module has neither form. Raises InputError."""
    mappings = getattr(module, "NODE_CLASS_MAPPINGS", None)
    if mappings is not None:
        if not hasattr(mappings, "items"):
            raise InputError(f"NODE_CLASS_MAPPINGS in {path} is no dictionary")
        names = getattr(module, "NODE_DISPLAY_NAME_MAPPINGS", None) or {}
        found = {str(name): (_older(cls, path), str(names.get(name, name))) for name, cls in mappings.items()}
        core = Catalogue(target=Target()).types()  # names that a pack cannot take, as on a server
        return {name: each for name, each in found.items() if name not in core}
    entrypoint = getattr(module, "comfy_entrypoint", None)
    if entrypoint is None:
        return {}
    try:
        with within(declaring(folders)):
            from wftools.nodepacks.offered.comfy_api.latest._io import as_class  # what is offered, under ComfyUI's name

            classes = asyncio.run(_listed(entrypoint))
            schemas = [(as_class(cls), cls.GET_SCHEMA()) for cls in classes]
    except WftoolsError:
        raise
    except (Exception, SystemExit) as error:  # other people's code may raise anything
        raise refused(error, path) from error
    return {schema.node_id: (cls, schema.display_name or schema.node_id) for cls, schema in schemas}


def _older(cls: Any, path: Path) -> Any:
    """A class of the older form: the one that a class of the newer form stands for, which may be in either list."""
    from wftools.nodepacks.offered.comfy_api.latest._io import ComfyNode, as_class

    if not (isinstance(cls, type) and issubclass(cls, ComfyNode)):
        return cls
    try:
        return as_class(cls)
    except (Exception, SystemExit) as error:  # other people's code may raise anything
        raise refused(error, path) from error


async def _listed(entrypoint: Any) -> list[Any]:
    """The classes that an entry point's extension lists."""
    extension = entrypoint()
    if inspect.isawaitable(extension):
        extension = await extension
    loading = extension.on_load()
    if inspect.isawaitable(loading):
        await loading
    return list(await extension.get_node_list())
