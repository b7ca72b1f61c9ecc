"""Write images as PNG files, with the workflow that made them in text chunks, as ComfyUI's SaveImage does."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any, Final

import torch
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from wftools.errors import RunError
from wftools.folders import Folders, filled_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from torch import Tensor

COMPRESSION: Final = 4  # zlib level of ComfyUI's SaveImage


def save(
    images: Tensor,
    folders: Folders,
    *,
    area: str,
    prefix: str,
    texts: Mapping[str, str],
    compression: int = COMPRESSION,
) -> Iterator[Path]:
    """Write each image of a batch (B, H, W, C) to a new file, numbered after `prefix`, in "output" or "temp".

    Yields each file once it is there. Raises RunError if the prefix leaves that folder or a file cannot be written.
    """
    height, width = images.shape[1:3]
    contents = (png(image, texts, compression) for image in images)
    try:
        yield from folders.write(filled_in(prefix, width, height), ".png", contents, area)
    except OSError as error:
        raise RunError(f"cannot save to {folders.area(area)}: {error.strerror}") from error


def png(image: Tensor, texts: Mapping[str, str], compression: int = COMPRESSION) -> bytes:
    """An image (H, W, C) of 1, 3 or 4 channels as a PNG file of 8 bits: 255 * x, clipped, fractions dropped.

    `texts` become tEXt chunks before the pixels. Pixels that are not a number become black.
    """
    channels = image.shape[-1]
    if channels not in {1, 3, 4}:
        raise RunError(f"an image of {channels} channels cannot be saved as PNG")
    pixels = image.float().nan_to_num(0.0).mul(255).clamp(0, 255).to("cpu", torch.uint8)
    file = io.BytesIO()
    picture = Image.fromarray(pixels.squeeze(-1).numpy() if channels == 1 else pixels.numpy())
    picture.save(file, "PNG", pnginfo=_chunks(texts), compress_level=compression)
    return file.getvalue()


def _chunks(texts: Mapping[str, str]) -> PngInfo:
    chunks = PngInfo()
    for keyword, text in texts.items():
        try:
            chunks.add_text(keyword, text)
        except UnicodeEncodeError as error:
            raise RunError(f"metadata cannot be named {keyword!r}", hint="a PNG keyword has Latin letters") from error
    return chunks


def texts_of(prompt: Mapping[str, Any] | None, more: Mapping[str, Any] | None) -> dict[str, str]:
    """What a file says of its making, as JSON in ASCII: `prompt` and, under their own names, `workflow` and others."""
    values = {} if prompt is None else {"prompt": prompt}
    return {name: json.dumps(value) for name, value in {**values, **(more or {})}.items()}
