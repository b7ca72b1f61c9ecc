"""In processes on this machine, several jobs at a time."""

from __future__ import annotations

import pickle
from collections import deque
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any

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
        running.extend(pool.submit(_done, _sent(work, some)) for some in islice(batches, workers))
        while running:
            results = running.popleft().result()
            running.extend(pool.submit(_done, _sent(work, some)) for some in islice(batches, 1))
            yield from results
    except BrokenProcessPool as error:
        raise WftoolsError(
            "a process that ran jobs has ended before it was done", hint="if memory is short, use fewer workers"
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)


def _sent(work: Callable[[Iterable[J]], Iterable[R]], jobs: list[J]) -> bytes:
    """What a process is sent. Pickled here, not by the pool: so no error of the work is taken for one of sending."""
    try:
        return pickle.dumps((work, jobs))
    except (pickle.PicklingError, TypeError, AttributeError, RecursionError) as error:  # it raises any of these
        raise WftoolsError(f"a job cannot be sent to another process: {error}") from error


def _done(sent: bytes) -> list[Any]:
    work, jobs = pickle.loads(sent)  # noqa: S301  our own process has written it
    return list(work(jobs))
