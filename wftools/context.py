"""What a running node may ask for: folders, placement, progress, cancellation. Nodes ask it, never a global."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from wftools.errors import RunError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from wftools.folders import Content, Folders


@dataclass(frozen=True, slots=True)
class Placement:
    """Where tensors are computed and in which precision; one switch for all of it.

    Weights rest at `home` as their file has them. `weights` says what becomes of them once they were brought to the
    device and type of a call: they are kept ("resident"), or brought again at the next call, which needs the least
    memory ("mapped"), or kept as far as free memory allows ("auto"); those of eight bits or fewer are then brought
    again, since they are few to save memory.
    """

    device: str = "cpu"
    dtype: str = "float32"  # a torch dtype's name
    channels_last: bool = False
    home: str = "cpu"
    integers: bool = False  # whether what is int8 is multiplied in whole numbers, with inputs that are rounded to int8
    weights: Literal["auto", "resident", "mapped"] = "auto"
    before: Placement | None = None  # what a model was loaded with, where a node has chosen otherwise

    def with_device(self, device: str | None) -> Placement:
        """On another device; None: as the model was loaded."""
        before = self.before or self
        return replace(self, device=device or before.device, before=before)

    def with_dtype(self, dtype: str | None) -> Placement:
        """In another precision; None: as the model was loaded."""
        before = self.before or self
        return replace(self, dtype=dtype or before.dtype, before=before)


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

    def write(
        self,
        prefix: str,
        suffix: str,
        contents: Iterable[Content],
        *,
        area: Literal["output", "temp"] = "output",
        size: tuple[int, int] = (0, 0),
    ) -> None:
        """Write new files as `Folders.write` does, and note each as saved once it is there, also if the next one fails.

        `suffix` is all that stands behind the number, "_.png"; `size` is that of the pictures, (width, height). Raises
        RunError if the prefix leaves the folder or a file cannot be written.
        """
        try:
            for path in self.folders.write(prefix, suffix, contents, area, size):
                self.saved.append(Saved(area, path))
        except OSError as error:
            raise RunError(f"cannot save to {self.folders.area(area)}: {error.strerror or error}") from error

    def replace(self, name: str, content: bytes) -> None:
        """Write the output file of that name, in place of one that is there, and note it. Raises as `write` does."""
        try:
            self.saved.append(Saved("output", self.folders.replace(name, content)))
        except OSError as error:
            raise RunError(f"cannot save to {self.folders.output}: {error.strerror or error}") from error

    def provenance(self, prompt: Mapping[str, Any] | None, more: Mapping[str, Any] | None) -> dict[str, str]:
        """What a file says of its making, as JSON in ASCII: `prompt` and, under their own names, `workflow` and others.

        Nothing where files carry no metadata.
        """
        if not self.metadata:
            return {}
        values = {} if prompt is None else {"prompt": prompt}
        return {name: json.dumps(value) for name, value in {**values, **(more or {})}.items()}

    def preview_prefix(self, start: str = "ComfyUI") -> str:
        """How the names of a node's previews begin: `ComfyUI_temp_12` for node 12.

        ComfyUI draws five letters in place of the id: in a terminal the name is all that tells which preview is which.
        """
        return f"{start}_temp_{re.sub(r'[^A-Za-z0-9_]', '-', self.node)}"
