"""The options that say which node types there are."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import click

if TYPE_CHECKING:
    from collections.abc import Callable

Function = TypeVar("Function", bound="Callable[..., Any]")

_WITHOUT_TARGET = {
    "shipped": "Without: what any known version takes passes.",
    "newest": "Without: the newest that is known.",
}


def catalogue_options(default: Literal["shipped", "newest"]) -> Callable[[Function], Function]:
    """--object-info and --target; the command is given the catalogue that they make, or the default one."""

    def decorated(function: Function) -> Function:
        @click.option(
            "--object-info",
            "object_info",
            multiple=True,
            metavar="FILE|URL",
            help="What a ComfyUI server says of its nodes: its address, or its answer in a file. Repeatable.",
        )
        @click.option(
            "--target", metavar="comfyui==VERSION", help=f"Go by one version of ComfyUI. {_WITHOUT_TARGET[default]}"
        )
        @wraps(function)
        def wrapped(*args: Any, object_info: tuple[str, ...], target: str | None, **options: Any) -> Any:
            from wftools.catalog import lookup
            from wftools.catalog.target import target as parse

            version = parse(target) if target is not None else None
            is_given = bool(object_info or target)
            made = lookup.catalogue(object_info, version) if is_given else getattr(lookup, default)()
            return function(*args, catalogue=made, **options)

        return wrapped  # type: ignore[return-value]

    return decorated
