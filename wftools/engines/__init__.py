"""Where jobs run: in this process, in others, and in time on other machines.

Each module of this folder is an engine; its name is the module's. A job and its result travel: both can be pickled.

    reports = ENGINES.load("processes").each(run_jobs, jobs, workers=4)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol, TypeVar

from wftools.plugins import Folder

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable

J = TypeVar("J")
R = TypeVar("R")


class Engine(Protocol):
    """What a module of this folder has."""

    def each(
        self, work: Callable[[Iterable[J]], Iterable[R]], jobs: Iterable[J], *, workers: int = 1, batch: int = 1
    ) -> Generator[R, None, None]:
        """The results of jobs, in the order of the jobs, each as soon as it and those before it are there.

        `work` gives a result for each job of a stream. It is a function of a stream, and not of a job, so that it may
        look ahead and keep for the next job what both need. An engine with several workers gives each of them `batch`
        jobs at a time. Jobs are taken only as they are needed. Whoever stops asking for results stops the jobs.
        """
        ...


ENGINES: Final[Folder[Engine]] = Folder("wftools.engines")
