"""What nodes that read files share: when a file is another one, and files that only a browser makes."""

import hashlib
from collections.abc import Callable
from typing import Any

from wftools.context import Context
from wftools.errors import RunError


def content_of(name: str) -> Callable[..., str]:
    """What tells one content of the file that an input names from another: a hash of its bytes, as in ComfyUI.

    Why not its size and time of change: a checkout and a copy change the time, and a file is hashed faster than it is
    decoded.
    """

    def content(*, context: Context, **inputs: Any) -> str:
        with context.folders.file(inputs[name]).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    return content


def state_of(name: str) -> Callable[..., object]:
    """What tells one state of the file or folder that an input names from another: sizes and times of change.

    Videos and folders of pictures are too large to be hashed before each run.
    """

    def state(*, context: Context, **inputs: Any) -> object:
        path = context.folders.named(inputs[name])
        below = sorted(path.rglob("*")) if path.is_dir() else [path]
        return [(str(each), (info := each.stat()).st_size, info.st_mtime_ns) for each in below]

    return state


def recorded_by_a_browser(value: Any) -> None:
    """Raise RunError if an input is not the name of a file that a browser has recorded, or not yet."""
    if not isinstance(value, str) or not value:
        raise RunError(
            "needs a browser, which records when a workflow is queued",
            hint="give the name of a recorded file in its place, or load one with LoadImage or LoadAudio",
        )
