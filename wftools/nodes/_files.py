"""What nodes that read files share: when a file is another one."""

import hashlib
from collections.abc import Callable
from typing import Any

from wftools.context import Context


def content_of(name: str) -> Callable[..., str]:
    """What tells one content of the file that an input names from another: a hash of its bytes, as in ComfyUI.

    Why not its size and time of change: a checkout and a copy change the time, and a file is hashed faster than it is
    decoded.
    """

    def content(*, context: Context, **inputs: Any) -> str:
        with context.folders.file(inputs[name]).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    return content
