"""Write images as PNG files, with the workflow that made them in text chunks, as ComfyUI's SaveImage does."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Final

import torch
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from wftools.errors import RunError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

COMPRESSION: Final = 4  # zlib level of ComfyUI's SaveImage
FAST: Final = 1  # and of its previews, which are thrown away


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
