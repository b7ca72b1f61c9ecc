"""Who is told what happens in a run: the progress bar, the report, the capture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from wftools.context import Saved
    from wftools.runtime.calls.invoke import Outputs
    from wftools.runtime.plan.call import Call

State = Literal["ran", "cached", "blocked"]


@dataclass(frozen=True, slots=True)
class Finish:
    """How a call ended."""

    state: State
    seconds: float = 0.0  # in the node's own function
    saved: tuple[Saved, ...] = ()


class Watcher:
    """Told of each call of a run, in the order in which they happen; a subclass does something about it.

    It keeps no outputs.
    """

    def started(self, call: Call) -> None:
        """A node's function is called for the first time."""

    def stepped(self, call: Call, done: int, total: int) -> None:
        """A running node says how far it is."""

    def finished(self, call: Call, outputs: Outputs, finish: Finish) -> None:
        """A node's outputs are there."""

    def failed(self, call: Call, saved: tuple[Saved, ...]) -> None:
        """A node has raised an exception, after it had saved these."""
