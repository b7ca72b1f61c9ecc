"""Options that several commands share."""

from __future__ import annotations

from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import click

from wftools.cli.output import note

if TYPE_CHECKING:
    from collections.abc import Callable

    from wftools.catalog.given import ObjectInfo
    from wftools.catalog.lookup import Catalogue

Function = TypeVar("Function", bound="Callable[..., Any]")

_FOLDER = click.Path(file_okay=False, path_type=Path)
_FILE = click.Path(dir_okay=False, path_type=Path)
_WITHOUT_TARGET = {
    "shipped": "Without: what any known version takes passes.",
    "newest": "Without: the newest that is known.",
}


def folder_options(function: Function) -> Function:
    """--models-dir, --input-dir …; the command is given the Folders that they make."""

    @click.option(
        "--models-dir",
        type=_FOLDER,
        default="models",
        show_default=True,
        help="Where models are: a folder a kind, as in ComfyUI.",
    )
    @click.option(
        "--extra-model-paths",
        type=_FILE,
        multiple=True,
        metavar="FILE",
        help="An extra_model_paths.yaml of ComfyUI. Repeatable.",
    )
    @click.option("--input-dir", type=_FOLDER, default="input", show_default=True, help="Where inputs are read.")
    @click.option("--output-dir", type=_FOLDER, default="output", show_default=True, help="Where results are written.")
    @click.option("--temp-dir", type=_FOLDER, default="temp", show_default=True, help="Where previews are written.")
    @wraps(function)
    def wrapped(
        *args: Any,
        models_dir: Path,
        extra_model_paths: tuple[Path, ...],
        input_dir: Path,
        output_dir: Path,
        temp_dir: Path,
        **options: Any,
    ) -> Any:
        from wftools.folders import Folders
        from wftools.folders.extra_model_paths import extra_model_paths as read

        more: dict[str, tuple[Path, ...]] = {}
        for file in extra_model_paths:
            for kind, paths in read(file).items():
                more[kind] = (*more.get(kind, ()), *paths)
        made = Folders(models_dir, input_dir, output_dir, temp_dir, more)
        return function(*args, folders=made, **options)

    return wrapped  # type: ignore[return-value]


def nodes_option(function: Function) -> Function:
    """--nodes; the command is given the paths."""
    return click.option(
        "--nodes",
        "packs",
        type=click.Path(path_type=Path),
        multiple=True,
        metavar="FILE.py|FOLDER",
        help="Nodes of your own, or a pack of custom nodes for ComfyUI: its Python is run, so name only code that you "
        "trust. Without this option no code of a workflow, a model or a pack is ever run. Repeatable.",
    )(function)


def custom_nodes_option(function: Function) -> Function:
    """--custom-nodes; the command is given the paths."""
    return click.option(
        "--custom-nodes",
        "custom_nodes",
        type=click.Path(path_type=Path),
        multiple=True,
        metavar="FOLDER",
        help="A ComfyUI's custom_nodes folder, or one pack: its source is read for what its nodes take and give, and "
        "none of it is run. Repeatable.",
    )(function)


def with_custom_nodes(catalogue: Catalogue, folders: tuple[Path, ...]) -> Catalogue:
    """A catalogue that knows what the packs in some folders have, before what is shipped. Raises InputError."""
    if not folders:
        return catalogue
    from dataclasses import replace

    return replace(catalogue, object_infos=(*catalogue.object_infos, *read_packs(folders, catalogue.version.version)))


def read_packs(folders: tuple[Path, ...], version: str, *, quiet: bool = False) -> tuple[ObjectInfo, ...]:
    """What the packs in some folders have, if there are any folders. Raises InputError."""
    if not folders:
        return ()
    from wftools.catalog.given import ObjectInfo
    from wftools.cli.progress import status
    from wftools.scan.packs import object_info, packs_in, scan_all

    with status(quiet=quiet) as telling:
        packs = [pack for folder in folders for pack in packs_in(folder)]
        return (ObjectInfo("--custom-nodes", object_info(scan_all(packs, version, telling=telling))),)


def catalogue_options(
    default: Literal["shipped", "newest"], *, reads_packs: bool = True
) -> Callable[[Function], Function]:
    """--object-info, --custom-nodes and --target; the command is given the catalogue that they make, or the default.

    Without `reads_packs`, --custom-nodes is left to the command, which asks something else of the folder.
    """

    def decorated(function: Function) -> Function:
        @click.option(
            "--object-info",
            "object_info",
            multiple=True,
            metavar="FILE|URL",
            help="What a ComfyUI server says of its nodes: its address, or its answer in a file. Repeatable.",
        )
        @(custom_nodes_option if reads_packs else _as_it_is)
        @click.option(
            "--target", metavar="comfyui==VERSION", help=f"Go by one version of ComfyUI. {_WITHOUT_TARGET[default]}"
        )
        @wraps(function)
        def wrapped(*args: Any, object_info: tuple[str, ...], target: str | None, **options: Any) -> Any:
            from wftools.catalog import lookup
            from wftools.catalog.target import target as parse

            version = parse(target) if target is not None else None
            if version is not None and version.asked is not None:
                note(f"ComfyUI {version.asked} is not known; the nearest that is, {version.version}, stands for it")
            is_given = bool(object_info or target)
            made = lookup.catalogue(object_info, version) if is_given else getattr(lookup, default)()
            if reads_packs:
                made = with_custom_nodes(made, options.pop("custom_nodes"))
            return function(*args, catalogue=made, **options)

        return wrapped  # type: ignore[return-value]

    return decorated


def _as_it_is(function: Function) -> Function:
    """No option."""
    return function
