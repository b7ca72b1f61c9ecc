"""The options that say which node types there are."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from collections.abc import Callable

Function = TypeVar("Function", bound="Callable[..., Any]")


def catalogue_options(function: Function) -> Function:
    """--object-info and --target; the command is given the catalogue that they make."""

    @click.option("--object-info", "object_info", multiple=True, metavar="FILE|URL",
                  help="What a ComfyUI server says of its nodes: its address, or its answer in a file. Repeatable.")
    @click.option("--target", metavar="comfyui==VERSION",
                  help="Judge for one version of ComfyUI. Without: what any known version takes passes.")
    @wraps(function)
    def wrapped(*args: Any, object_info: tuple[str, ...], target: str | None, **options: Any) -> Any:
        from wftools.catalog.lookup import catalogue
        from wftools.catalog.target import target as parse

        made = catalogue(object_info, parse(target) if target is not None else None)
        return function(*args, catalogue=made, **options)

    return wrapped  # type: ignore[return-value]
