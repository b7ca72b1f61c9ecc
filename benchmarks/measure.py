"""Two things in turns, and their ratio."""

from __future__ import annotations

import gc
import resource
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

WFTOOLS = [str(Path(sys.executable).parent / "wftools")]


@dataclass(frozen=True)
class Result:
    """The median ratio of two things that were run in turns; seconds are the medians, of CPU time."""

    ours: str
    peer: str
    ratio: float
    ours_seconds: float
    peer_seconds: float


def compare(
    ours: str, run_ours: Callable[[], float], peer: str, run_peer: Callable[[], float], *, turns: int = 7
) -> Result:
    """Run both in turns after a warm-up; each call gives the seconds that it took."""
    run_ours()
    run_peer()
    pairs = [(run_ours(), run_peer()) for _ in range(turns)]
    return Result(
        ours,
        peer,
        statistics.median(one / other for one, other in pairs),
        statistics.median(one for one, _ in pairs),
        statistics.median(other for _, other in pairs),
    )


def process(command: Sequence[str]) -> float:
    """The CPU seconds, user and system, of a whole process."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def here(work: Callable[[], object]) -> float:
    """The CPU seconds of a call in this process, all its threads together."""
    gc.collect()
    start = time.process_time()
    work()
    return time.process_time() - start


def by_the_clock(work: Callable[[], object]) -> float:
    """The seconds that a call in this process takes, whatever number of threads it uses; for an idle machine."""
    gc.collect()
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
