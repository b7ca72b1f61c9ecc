"""How far long work with bytes is: a bar on standard error, in a terminal."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from wftools.escaping import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from wftools.weights.converting.plan import Planned


@contextmanager
def bar(total: int, *, quiet: bool) -> Iterator[Callable[[Planned, int], None] | None]:
    """What is told of so many bytes of a tensor that are done; None where nobody sees it."""
    with names_and_bytes(total, quiet=quiet) as done:
        yield None if done is ignore else lambda planned, count: done(planned.name, count)


def ignore(_name: str, _count: int) -> None:
    """What is told where nobody sees it."""


@contextmanager
def names_and_bytes(total: int, *, quiet: bool) -> Iterator[Callable[[str, int], None]]:
    """What is told of so many bytes that are done, of what is named."""
    if quiet or not sys.stderr.isatty():
        yield ignore
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (BarColumn(), DownloadColumn(), TimeRemainingColumn(), TextColumn("{task.description}", markup=False))
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task("", total=total)

        def done(name: str, count: int) -> None:
            shown.update(task, advance=count, description=printable(name))

        yield done


@contextmanager
def status(*, quiet: bool) -> Iterator[Callable[[str], None]]:
    """What is told of each thing that is begun, and shows it in a terminal."""
    if quiet or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console

    with Console(stderr=True).status("") as shown:
        yield lambda name: shown.update(printable(name).replace("[", "\\["))
