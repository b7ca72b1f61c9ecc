"""Names as workflows write them: relative paths with forward slashes, below a folder that they do not leave."""

from __future__ import annotations

import os
import posixpath
import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final, Literal, cast

from wftools.errors import RunError, shown

if TYPE_CHECKING:
    from collections.abc import Mapping

Area = Literal["input", "output", "temp"]

MAX_NAME: Final = 255  # bytes of a file's name, or a folder's, on every file system in use
IS_WINDOWS: Final = os.name == "nt"

# Kinds of models that ComfyUI has renamed.
OLD_NAMES: Final[Mapping[str, str]] = {
    "unet": "diffusion_models",
    "clip": "text_encoders",
    "t2i_adapter": "controlnet",
}

# Kinds that packs of custom nodes add to look in the folders of another for files of a kind of their own.
KINDS_OF_PACKS: Final[Mapping[str, str]] = {
    "unet_gguf": "diffusion_models",
    "clip_gguf": "text_encoders",
}

_AREA: Final = re.compile(r" \[(input|output|temp)\]$")

# `isreserved` of Python 3.13's ntpath, which earlier ones lack.
_DEVICES: Final = re.compile(
    r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[1-9\u00b9\u00b2\u00b3])( *\..*)?", re.IGNORECASE
)


def split(prefix: str) -> tuple[PurePosixPath, str]:
    """The subfolder and the name of a `filename_prefix`; as in ComfyUI, an empty one has the name `.`."""
    whole = _normal(prefix)
    return PurePosixPath(posixpath.dirname(whole)), posixpath.basename(whole)


def inside(name: str) -> PurePosixPath:
    """A relative path that stays below the folder it is joined to. Raises RunError for any other name."""
    return PurePosixPath(_normal(name))


def annotated(value: str) -> tuple[str, Area | None]:
    """A value such as `sub/a.png [output]` as the name and the area that it says; None if it says none."""
    match = _AREA.search(value)
    return (value[: match.start()], cast("Area", match.group(1))) if match is not None else (value, None)


def _normal(name: str) -> str:
    """A relative path without detours: `a/../b` is `b`. Raises RunError if it leaves, or can name no file."""
    path = posixpath.normpath(name.replace("\\", "/"))
    if path.startswith(("/", "../")) or path == ".." or re.match(r"[A-Za-z]:", path):
        raise RunError(f"{shown(name)} would leave the folder it belongs to", hint="use a relative path without '..'")
    try:
        parts = [os.fsencode(part) for part in path.split("/")]
    except UnicodeEncodeError:
        raise RunError(f"{shown(name)} is no name of a file: half of a character is missing") from None
    if "\0" in path:
        raise RunError(f"{shown(name)} is no name of a file: it has a zero byte in it")
    if any(len(part) > MAX_NAME for part in parts):
        raise RunError(f"{shown(name)} is no name of a file: it is too long", hint=f"at most {MAX_NAME} bytes fit")
    if IS_WINDOWS and any(_is_reserved(part) for part in path.split("/")):
        raise RunError(f"{shown(name)} is no name of a file on Windows", hint="a device has that name, or no file may")
    return path


def _is_reserved(part: str) -> bool:
    """Whether Windows takes a name for a device or a stream, or drops its last letter."""
    is_dots = set(part) == {"."}
    odd = re.search(r'[<>:"|?*\x00-\x1f]', part) or (part[-1:] in {".", " "} and not is_dots)
    return bool(odd) or _DEVICES.fullmatch(part) is not None
