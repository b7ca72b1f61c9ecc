"""How much memory there is, asked before something large is made.

Linux promises more memory than it has, and ends the process that uses it: what is too large has to be refused before it
is allocated, since afterwards nobody can say so.
"""

from __future__ import annotations

import math
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

from wftools.errors import LimitError

FLOAT32: Final = 4  # bytes

CONTROL_GROUP: Final = Path("/sys/fs/cgroup")  # this process's, where it runs in a container


def make_room(
    what: str, *shape: int, item: int = FLOAT32, hint: str = "use a smaller width, height or batch size"
) -> None:
    """Raise LimitError if a tensor of that shape does not fit into memory; `item`: bytes of one element."""
    size, free = item * math.prod(shape), free_memory(swap=True)
    if size > free:
        raise LimitError(
            f"{what} would take {in_words(size)} of memory, and {in_words(free)} are free",
            hint=hint,
        )


def free_memory(*, swap: bool = False) -> int:
    """Bytes that this process may still use, with `swap` on disk too; where nobody says, as many as can be counted."""
    return min(_free_in_system(swap=swap), _free_in_group(), _free_addresses())


def _free_in_system(*, swap: bool) -> int:
    with suppress(OSError, ValueError, KeyError, IndexError):  # Linux
        lines = dict(line.split(":", 1) for line in Path("/proc/meminfo").read_text("ascii").splitlines())
        free = int(lines["MemAvailable"].split()[0]) + (int(lines["SwapFree"].split()[0]) if swap else 0)
        return free * 1024
    with suppress(OSError, ValueError, AttributeError):  # macOS does not say what is free: half of all there is
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // (1 if swap else 2)
    return sys.maxsize


def _free_in_group() -> int:
    """What a container may still use, whose limit the system's figures do not know. Mapped files do not count."""
    group = CONTROL_GROUP
    with suppress(OSError, ValueError, KeyError):
        used = _figures(group / "memory.stat")
        return int((group / "memory.max").read_text("ascii")) - used["anon"] - used["kernel"]  # "max": no limit
    with suppress(OSError, ValueError, KeyError):  # the first version of control groups
        used = _figures(group / "memory" / "memory.stat")
        return used["hierarchical_memory_limit"] - used["total_rss"]
    return sys.maxsize


def _figures(path: Path) -> dict[str, int]:
    return {name: int(value) for name, value in map(str.split, path.read_text("ascii").splitlines())}


def _free_addresses() -> int:
    if sys.platform != "win32":
        import resource

        limit, _ = resource.getrlimit(resource.RLIMIT_AS)
        if limit != resource.RLIM_INFINITY:
            with suppress(OSError, ValueError):
                pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
                return max(0, limit - pages * resource.getpagesize())
    return sys.maxsize


def in_words(size: int) -> str:
    """A number of bytes as a person says it: "1.5 GB"."""
    for power, unit in ((4, "TB"), (3, "GB"), (2, "MB")):
        if size >= 1024**power:
            return f"{size / 1024**power:,.1f} {unit}"
    return f"{size:,} bytes"
