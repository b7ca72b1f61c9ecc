"""How far long work with bytes or many files is: a bar on standard error, in a terminal."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

from wftools.escaping import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.progress import Progress

    from wftools.weights.converting.plan import Planned

FILES_TO_WAIT_FOR: Final = 10  # so many take a while


@contextmanager
def bar(total: int, *, quiet: bool) -> Iterator[Callable[[Planned, int], None] | None]:
    """What is told of so many bytes of a tensor that are done; None where nobody sees it."""
    with names_and_bytes(total, quiet=quiet) as done:
        yield None if done is ignore else lambda planned, count: done(planned.name, count)


def ignore(_name: str, _count: int) -> None:
    """What is told where nobody sees it."""


@contextmanager
def names_and_bytes(total: int, *, quiet: bool) -> Iterator[Callable[[str, int], None]]:
    """What is told of so many bytes that are done, of what is named. Nothing is shown where rich is not installed."""
    if quiet or not sys.stderr.isatty() or find_spec("rich") is None:
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


class FilesProgress:
    """How many of many files are done, and which comes next."""

    def __init__(self) -> None:
        self._shown: Progress | None = None

    def begin(self, name: str, number: int, total: int) -> None:
        """Tell of a file before it is worked on, with how many were before it and how many there are."""
        if number == 0 and total >= FILES_TO_WAIT_FOR and sys.stderr.isatty():
            self._shown = _bar_of_files(total)
        if self._shown is not None:
            self._shown.update(self._shown.task_ids[0], completed=number, description=printable(name))

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Nothing is shown while something else is written."""
        if self._shown is not None:
            self._shown.stop()
        yield
        if self._shown is not None:
            self._shown.start()

    def end(self) -> None:
        """Take away what is shown."""
        if self._shown is not None:
            self._shown.stop()


@contextmanager
def files_progress() -> Iterator[FilesProgress]:
    """What shows, in a terminal, how far work on many files is."""
    progress = FilesProgress()
    try:
        yield progress
    finally:
        progress.end()


def _bar_of_files(total: int) -> Progress | None:
    """A bar that is shown; None where rich is not installed, which linting does not need."""
    try:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    except ImportError:
        return None
    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}", markup=False))
    bar = Progress(*columns, console=Console(stderr=True), transient=True)
    bar.add_task("", total=total)
    bar.start()
    return bar
