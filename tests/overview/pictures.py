"""Pictures with a workflow and its prompt in them, as ComfyUI saves them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from PIL import Image
from PIL.PngImagePlugin import PngInfo

if TYPE_CHECKING:
    from pathlib import Path


def picture(path: Path, size: tuple[int, int] = (8, 8), **texts: Any) -> Path:
    """A PNG with these texts; what is no text, as JSON."""
    info = PngInfo()
    for key, text in texts.items():
        info.add_text(key, text if isinstance(text, str) else json.dumps(text))
    Image.new("RGB", size).save(path, pnginfo=info)
    return path
