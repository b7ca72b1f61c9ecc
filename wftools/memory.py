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

# What a container may use, and does: version 2 of control groups, then version 1.
_GROUPS: Final = (
    ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"),
    ("/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory/memory.usage_in_bytes"),
)


def make_room(what: str, *shape: int, item: int = FLOAT32) -> None:
    """Raise LimitError if a tensor of that shape does not fit into memory; `item`: bytes of one element."""
    size, free = item * math.prod(shape), free_memory()
    if free is not None and size > free:
        raise LimitError(
            f"{what} would take {in_words(size)} of memory, and {in_words(free)} are free",
            hint="use a smaller width, height or batch size",
        )


def free_memory() -> int | None:
    """Bytes that this process may still use, swap included; None on systems that do not tell."""
    bounds: list[int] = []
    with suppress(OSError, ValueError, KeyError):
        lines = (line.split() for line in Path("/proc/meminfo").read_text("ascii").splitlines())
        kilobytes = {parts[0].rstrip(":"): int(parts[1]) for parts in lines}
        bounds.append((kilobytes["MemAvailable"] + kilobytes["SwapFree"]) * 1024)
    if not bounds:
        with suppress(AttributeError, OSError, ValueError):  # macOS tells how much there is, not how much is free
            bounds.append(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    for limit, used in _GROUPS:
        with suppress(OSError, ValueError):  # "max" is no number: there is no limit
            bounds.append(int(Path(limit).read_text("ascii")) - int(Path(used).read_text("ascii")))
    if sys.platform != "win32":
        import resource

        limit_of_addresses, _ = resource.getrlimit(resource.RLIMIT_AS)
        if limit_of_addresses != resource.RLIM_INFINITY:
            with suppress(OSError, ValueError):
                pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
                bounds.append(limit_of_addresses - pages * resource.getpagesize())
    return max(0, min(bounds)) if bounds else None


def in_words(size: int) -> str:
    """A number of bytes as a person says it: "1.5 GB"."""
    for power, unit in ((4, "TB"), (3, "GB"), (2, "MB")):
        if size >= 1024**power:
            return f"{size / 1024**power:,.1f} {unit}"
    return f"{size:,} bytes"
