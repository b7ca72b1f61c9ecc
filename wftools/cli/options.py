"""Options that several commands share."""

from __future__ import annotations

from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from collections.abc import Callable

Function = TypeVar("Function", bound="Callable[..., Any]")

_FOLDER = click.Path(file_okay=False, path_type=Path)
_FILE = click.Path(dir_okay=False, path_type=Path)


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
        from wftools.folders import extra_model_paths as read

        more: dict[str, tuple[Path, ...]] = {}
        for file in extra_model_paths:
            for kind, paths in read(file).items():
                more[kind] = (*more.get(kind, ()), *paths)
        made = Folders(models_dir, input_dir, output_dir, temp_dir, more)
        return function(*args, folders=made, **options)

    return wrapped  # type: ignore[return-value]
