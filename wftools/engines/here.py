"""In this process, one job after another, whatever the number of workers."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable

    from wftools.engines import J, R


def each(
    work: Callable[[Iterable[J]], Iterable[R]],
    jobs: Iterable[J],
    *,
    workers: int = 1,  # noqa: ARG001
    batch: int = 1,  # noqa: ARG001
) -> Generator[R, None, None]:
    """The results of jobs; see `Engine`."""
    yield from work(jobs)
