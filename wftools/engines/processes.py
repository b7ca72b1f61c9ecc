"""In processes on this machine, several jobs at a time."""

from __future__ import annotations

from collections import deque
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from multiprocessing import get_context
from pickle import PicklingError
from typing import TYPE_CHECKING

from wftools.errors import WftoolsError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable
    from concurrent.futures import Future

    from wftools.engines import J, R


def each(
    work: Callable[[Iterable[J]], Iterable[R]], jobs: Iterable[J], *, workers: int = 1, batch: int = 1
) -> Generator[R, None, None]:
    """The results of jobs; see `Engine`. Raises WftoolsError if a process ends, or if a job cannot be sent to one.

    New processes start from nothing (spawn), since threads of torch do not survive a fork.
    """
    remaining = iter(jobs)
    batches = iter(lambda: list(islice(remaining, batch)), [])
    pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"))
    running: deque[Future[list[R]]] = deque()
    try:
        running.extend(pool.submit(_done, work, some) for some in islice(batches, workers))
        while running:
            results = running.popleft().result()
            running.extend(pool.submit(_done, work, some) for some in islice(batches, 1))
            yield from results
    except BrokenProcessPool as error:
        raise WftoolsError(
            "a process that ran jobs has ended before it was done", hint="if memory is short, use fewer workers"
        ) from error
    except (PicklingError, TypeError, AttributeError, RecursionError) as error:  # what pickle raises
        raise WftoolsError(f"a job cannot be sent to another process: {error}") from error
    finally:
        pool.shutdown(cancel_futures=True)


def _done(work: Callable[[Iterable[J]], Iterable[R]], jobs: list[J]) -> list[R]:
    return list(work(jobs))
