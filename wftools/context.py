"""What a running node may ask for: folders, placement, progress, cancellation. Nodes ask it, never a global."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from wftools.folders import Folders


@dataclass(frozen=True, slots=True)
class Placement:
    """Where tensors are computed and in which precision; one switch for all of it.

    Weights rest at `home` as their file has them. `weights` says what becomes of them once they were brought to the
    device and type of a call: they are kept ("resident"), or brought again at the next call, which needs the least
    memory ("mapped"), or kept as far as free memory allows ("auto").
    """

    device: str = "cpu"
    dtype: str = "float32"  # a torch dtype's name
    channels_last: bool = False
    home: str = "cpu"
    weights: Literal["auto", "resident", "mapped"] = "auto"


@dataclass(frozen=True, slots=True)
class Saved:
    """A file that a node wrote, or a text that it shows."""

    kind: str  # "output", "temp" or "text"
    path: Path | None = None
    text: str | None = None


def _silent(_done: int, _total: int) -> None:
    """Report nothing."""


def never() -> bool:
    """No: nobody has cancelled the run."""
    return False


@dataclass(frozen=True, slots=True)
class Context:
    """One run's surroundings, as one node sees them."""

    folders: Folders
    placement: Placement = Placement()
    node: str = ""  # the id of the node that runs
    metadata: bool = True  # whether saved files carry the workflow
    report: Callable[[int, int], None] = _silent  # (steps done, steps in all)
    cancelled: Callable[[], bool] = never
    saved: list[Saved] = field(default_factory=list)  # grows while the node runs

    def step(self, done: int, total: int) -> None:
        """Say how far a node is; the place where Ctrl-C takes effect. Raises KeyboardInterrupt once cancelled."""
        if self.cancelled():
            raise KeyboardInterrupt
        self.report(done, total)
