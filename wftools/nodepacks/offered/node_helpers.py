"""ComfyUI's small helpers of that module's name."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def conditioning_set_values(
    conditioning: list[list[Any]], values: Mapping[str, Any] | None = None, append: bool = False
) -> list[list[Any]]:
    """A conditioning whose entries say more; with `append` lists get longer instead of new."""
    changed = []
    for tensor, said in conditioning:
        own = dict(said)
        for name, value in (values or {}).items():
            own[name] = own[name] + value if append and own.get(name) is not None else value
        changed.append([tensor, own])
    return changed


def pillow(function: Callable[..., Any], arg: Any) -> Any:
    """What a function of Pillow gives, though the file is cut off."""
    from PIL import ImageFile, UnidentifiedImageError

    try:
        return function(arg)
    except (OSError, UnidentifiedImageError, ValueError):
        before, ImageFile.LOAD_TRUNCATED_IMAGES = ImageFile.LOAD_TRUNCATED_IMAGES, True
        try:
            return function(arg)
        finally:
            ImageFile.LOAD_TRUNCATED_IMAGES = before


def hasher() -> Callable[..., Any]:
    """The function for digests of files."""
    return hashlib.sha256


def string_to_torch_dtype(string: str) -> Any:
    """The type that a widget calls fp32, fp16 or bf16."""
    import torch

    return {"fp32": torch.float32, "fp16": torch.float16, "bf16": torch.bfloat16}.get(string)


def image_alpha_fix(destination: Any, source: Any) -> tuple[Any, Any]:
    """Two pictures with as many channels: the second is cut, or the first gets an opaque alpha."""
    import torch

    if destination.shape[-1] < source.shape[-1]:
        source = source[..., : destination.shape[-1]]
    elif destination.shape[-1] > source.shape[-1]:
        destination = torch.nn.functional.pad(destination, (0, 1))
        destination[..., -1] = 1.0
    return destination, source
