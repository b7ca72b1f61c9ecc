"""Says on stderr how far a run is: a bar in a terminal, a line a node elsewhere if that is wanted, or nothing."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING

from wftools.escaping import printable
from wftools.runtime.telling.watch import Watcher

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress
    from rich.progress import TaskID

    from wftools.runtime.calls.invoke import Outputs
    from wftools.runtime.plan import Plan
    from wftools.runtime.plan.call import Call
    from wftools.runtime.telling.watch import Finish

Progress = Callable[["Plan"], AbstractContextManager[Watcher | None]]
"""Makes the watcher that shows how far the run of a plan is."""


def progress(*, quiet: bool, verbose: bool) -> Progress:
    """A bar in a terminal; elsewhere a line a node if that is wanted; nothing if nothing is."""
    if quiet:
        return silent
    if sys.stderr.isatty():
        return partial(bar, with_lines=verbose)
    return lines if verbose else silent


@contextmanager
def silent(_plan: Plan) -> Iterator[None]:
    """Nothing."""
    yield None


@contextmanager
def lines(plan: Plan) -> Iterator[Watcher]:
    """A line for each node that is done."""

    def write(line: str) -> None:
        with suppress(OSError):  # nobody listens: no reason to stop
            print(line, file=sys.stderr, flush=True)  # noqa: T201

    yield _Lines(len(plan.calls), write)


@contextmanager
def bar(plan: Plan, *, with_lines: bool = False) -> Iterator[Watcher]:
    """A bar that shows which node runs and which step of it; `with_lines`: and a line for each that is done."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as shown:
        below = _Lines(len(plan.calls), lambda line: console.print(line, markup=False, highlight=False))
        yield _Bar(shown, len(plan.calls), below if with_lines else None)


class _Lines(Watcher):
    def __init__(self, total: int, write: Callable[[str], None]) -> None:
        self._total = total
        self._done = 0
        self._write = write

    def finished(self, call: Call, outputs: Outputs, finish: Finish) -> None:  # noqa: ARG002
        self._done += 1
        how = f"{finish.seconds:.2f} s" if finish.state == "ran" else finish.state
        self._write(f"[{self._done}/{max(self._total, self._done)}] {_titled(call)}: {how}")


class _Bar(Watcher):
    def __init__(self, shown: RichProgress, total: int, lines: _Lines | None) -> None:
        self._shown = shown
        self._lines = lines
        self._nodes = shown.add_task("", total=total)
        self._steps: dict[str, TaskID] = {}
        self._done = 0
        self._total = total

    def started(self, call: Call) -> None:
        number = self._done + 1
        self._shown.update(self._nodes, description=f"{number}/{max(self._total, number)} {_titled(call)}")

    def stepped(self, call: Call, done: int, total: int) -> None:
        if call.path not in self._steps:
            self._steps[call.path] = self._shown.add_task("", total=total)
        self._shown.update(self._steps[call.path], completed=done, total=total, description=f"step {done}/{total}")

    def finished(self, call: Call, outputs: Outputs, finish: Finish) -> None:
        self._done += 1
        self._shown.update(self._nodes, completed=self._done)
        if call.path in self._steps:
            self._shown.remove_task(self._steps.pop(call.path))
        if self._lines is not None:
            self._lines.finished(call, outputs, finish)


def _titled(call: Call) -> str:
    title = call.node.title
    return printable(f"{call.name} {title}" if title and title != call.node.type else call.name)
