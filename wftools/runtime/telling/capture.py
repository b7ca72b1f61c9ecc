"""Every node's outputs in one safetensors file, for debugging and for exact comparison.

Keys are `<node id>.<output slot>`, and what is inside an output is named below it:

    6.0                      an image, a mask, sigmas
    8.0.samples              a latent; also .noise_mask
    6.0.0.0                  the tensor of entry 0 of a conditioning
    6.0.0.1.pooled_output    what goes with it
    3.0#1                    element 1 of an output that holds several

Numbers, texts and booleans stand in the file's metadata under `values`, as JSON with the same keys, and an output that
is nothing (the sound of a silent video) as null. What has neither, such as a model, is left out.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields, is_dataclass
from typing import TYPE_CHECKING, Any, Final, Self

from wftools import values
from wftools.errors import Place, RunError
from wftools.runtime.telling.watch import Watcher
from wftools.weights.mapped import DTYPES
from wftools.weights.writers.safetensors import header, in_order
from wftools.writing import atomically

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from torch import Tensor

    from wftools.runtime.calls.invoke import Outputs
    from wftools.runtime.plan.call import Call
    from wftools.runtime.telling.watch import Finish

MAX_DEPTH: Final = 64  # of containers in a value; one that contains itself ends here
CHUNK: Final = 2**20  # bytes copied at once

Noted = bool | float | str | values.Whole

_NAMES: Final = {torch_name: name for name, (_, torch_name) in DTYPES.items()}


@dataclass(frozen=True, slots=True)
class _Entry:
    """A tensor in the file to which tensors are spilled."""

    dtype: str
    shape: tuple[int, ...]
    start: int
    stop: int


class Capture(Watcher):
    """A watcher that notes outputs as they come, on disk, so that it keeps no tensor alive."""

    def __init__(self, path: Path) -> None:
        """`path` is written when the capture is left: also after a failure, but not when it was interrupted."""
        self.path = path
        self._entries: dict[str, _Entry] = {}
        self._values: dict[str, Noted] = {}
        self._is_full = False  # the disk: then no whole file can be written

    def __enter__(self) -> Self:
        with self._reported():  # before anything is computed
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._spill = tempfile.TemporaryFile(dir=self.path.parent)  # on that disk; the system's may be in memory
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with self._reported(), self._spill:
            if (error is None or isinstance(error, Exception)) and not self._is_full:
                self._write()

    def finished(self, call: Call, outputs: Outputs, finish: Finish) -> None:  # noqa: ARG002
        """Note a node's outputs."""
        for slot, items in enumerate(outputs):
            for index, item in enumerate(items):
                key = f"{call.path}.{slot}" + (f"#{index}" if len(items) > 1 else "")
                for name, value in _leaves(key, item) if item is not None else ((key, None),):
                    with self._reported():
                        self._note(name, value)

    @contextmanager
    def _reported(self) -> Iterator[None]:
        """Raise RunError where the disk does not take what is to be written."""
        try:
            yield
        except OSError as error:
            self._is_full = True
            raise RunError(
                f"cannot write the capture: {error.strerror}", place=Place(str(self.path)), hint="see --capture-dir"
            ) from error

    def _note(self, name: str, value: Any) -> None:
        if not _is_tensor(value):
            self._values[name] = value
            return
        dtype = _NAMES.get(str(value.dtype).removeprefix("torch."))
        if dtype is not None:  # safetensors has no name for a few, such as complex128
            start = self._spill.tell()
            self._spill.write(_bytes(value))
            self._entries[name] = _Entry(dtype, tuple(value.shape), start, self._spill.tell())

    def _write(self) -> None:
        """The safetensors file."""
        described = {name: (entry.dtype, entry.shape) for name, entry in self._entries.items()}
        with atomically(self.path) as file:
            file.write(header(described, {"values": json.dumps(self._values, ensure_ascii=False)}))
            for name in in_order(described):
                entry = self._entries[name]
                self._spill.seek(entry.start)
                for start in range(entry.start, entry.stop, CHUNK):
                    file.write(self._spill.read(min(CHUNK, entry.stop - start)))


def _leaves(key: str, value: Any, depth: int = 0) -> Iterator[tuple[str, Any]]:
    """The tensors, numbers and texts in a value, with their keys."""
    if isinstance(value, values.Hooks | values.Keyframes):
        value = value.named()
    if _is_tensor(value) or isinstance(value, bool | int | float | str | values.Whole):
        yield key, value
    elif depth < MAX_DEPTH:
        for name, child in _children(value):
            yield from _leaves(f"{key}.{name}", child, depth + 1)


def _children(value: Any) -> Iterator[tuple[object, Any]]:
    if isinstance(value, values.Cond):
        yield from enumerate((value.tensor, value.named()))  # ComfyUI has a pair
    elif is_dataclass(value) and type(value).__module__ == values.__name__:
        yield from ((field.name, getattr(value, field.name)) for field in fields(value))
    elif isinstance(value, Mapping):
        yield from value.items()
    elif isinstance(value, list | tuple):
        yield from enumerate(value)


def _is_tensor(value: Any) -> bool:
    torch = sys.modules.get("torch")  # while it is not loaded, there are no tensors
    return torch is not None and isinstance(value, torch.Tensor)


def _bytes(tensor: Tensor) -> bytes:
    import torch

    flat = tensor.detach().cpu().contiguous().reshape(-1)
    return flat.view(torch.uint8).numpy().tobytes()
