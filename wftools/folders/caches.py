"""Where what can be made again is kept between runs: the cache folder of the user, as the platform has it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Final

_NAME: Final = "wftools"


def user_cache() -> Path:
    """The folder of our own below the user's cache folder; it may not be there yet."""
    if sys.platform == "win32":
        given = os.environ.get("LOCALAPPDATA")
        return (Path(given) if given else Path.home() / "AppData" / "Local") / _NAME / "Cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / _NAME
    given = os.environ.get("XDG_CACHE_HOME")
    # The specification of XDG: a path that is not absolute is to be ignored.
    return (Path(given) if given and Path(given).is_absolute() else Path.home() / ".cache") / _NAME
