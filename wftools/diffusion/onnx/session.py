"""A graph as a function of tensors: onnxruntime's session, for files that were judged before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import torch
from torch import Tensor

from wftools.errors import InputError, Place, RunError, shown
from wftools.weights.formats.onnx import graph_facts
from wftools.weights.onnx.roles import fixed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from wftools.weights.onnx.judging import Facts
    from wftools.weights.onnx.model import Value

# Types of ONNX's inputs, by their names here, as torch's; what numpy lacks cannot be given to a session.
_GIVEN: Final = {
    "F32": torch.float32,
    "F16": torch.float16,
    "F64": torch.float64,
    "I64": torch.int64,
    "I32": torch.int32,
    "BOOL": torch.bool,
}


@dataclass(frozen=True, slots=True, eq=False)
class Session:
    """A model that is ready to run on the CPU."""

    path: Path
    facts: Facts
    runtime: Any  # onnxruntime.InferenceSession

    def __deepcopy__(self, _memo: object) -> Session:
        """The same: it has no state that a run changes."""
        return self

    @property
    def place(self) -> Place:
        """Where errors about the file point."""
        return Place(str(self.path))

    def takes(self, name: str) -> bool:
        """Whether there is an input of that name, be it one that may be left out."""
        return name in self.inputs

    @property
    def inputs(self) -> dict[str, str]:
        """Every input's name, also of those that may be left out, and its type as onnxruntime calls it."""
        every = (*self.runtime.get_inputs(), *self.runtime.get_overridable_initializers())
        return {each.name: each.type for each in every}

    def input(self, name: str) -> Value | None:
        """What is said of an input."""
        return next((each for each in self.facts.inputs if each.name == name), None)

    @property
    def outputs(self) -> list[str]:
        """The names of the outputs, in order."""
        return [each.name for each in self.facts.outputs]

    def __call__(self, given: Mapping[str, Tensor], outputs: Sequence[str]) -> list[Tensor]:
        """Some outputs, on the CPU. Inputs are brought to the types that the graph has. Raises RunError."""
        feeds = {name: tensor.detach().cpu().to(self._dtype(name)).numpy() for name, tensor in given.items()}
        try:
            made = self.runtime.run(list(outputs), feeds)
        except runtime_errors() as error:
            raise RunError(
                f"onnxruntime could not run the model: {_reason(error)}",
                place=self.place,
                hint="a model whose sizes are fixed takes no others",
            ) from error
        return [torch.from_numpy(each) for each in made]

    def in_batches(self, given: Mapping[str, Tensor], outputs: Sequence[str]) -> list[Tensor]:
        """The same for tensors (B, …) of any B, also where the graph has a fixed one: the last part is filled up."""
        sizes = [fixed(value, 0) for value in self.facts.inputs if value.name in given and value.name != "timestep"]
        size = next((size for size in sizes if size is not None), None)
        batch = max(len(tensor) for tensor in given.values() if tensor.ndim)
        if size is None or size == batch:
            return self(given, outputs)
        parts = []
        for start in range(0, batch, size):
            rows = [min(start + index, batch - 1) for index in range(size)]
            parts.append(
                self({name: tensor if len(tensor) == 1 else tensor[rows] for name, tensor in given.items()}, outputs)
            )
        return [torch.cat(made)[:batch] for made in zip(*parts, strict=True)]

    def _dtype(self, name: str) -> torch.dtype:
        value = self.input(name)
        dtype = value.dtype if value is not None else _RUNTIME_NAMES.get(self.inputs[name], "")
        if dtype not in _GIVEN:
            raise RunError(f"the model takes {shown(name)} in the type {dtype or 'of no tensor'}", place=self.place)
        return _GIVEN[dtype]


_RUNTIME_NAMES: Final = {"tensor(float)": "F32", "tensor(float16)": "F16", "tensor(double)": "F64"}


def open_session(path: Path) -> Session:
    """A session for a file, which is judged first. Raises ModelFileError for one that must not be used.

    Raises InputError where onnxruntime is missing, or does not take the file.
    """
    facts = graph_facts(path)
    try:
        import onnxruntime
    except ImportError as error:
        raise missing("onnxruntime", path) from error
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    options.log_severity_level = _SILENT
    try:
        runtime = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except runtime_errors() as error:
        raise InputError(f"onnxruntime does not take the model: {_reason(error)}", place=Place(str(path))) from error
    return Session(path, facts, runtime)


_SILENT: Final = 4  # its errors are raised, too


def missing(package: str, path: Path) -> InputError:
    """That a package is not installed which ONNX needs."""
    return InputError(
        f"models in ONNX need the package {package}, which is not installed",
        place=Place(str(path)),
        hint="pip install 'wftools[onnx]'",
    )


def runtime_errors() -> tuple[type[Exception], ...]:
    """What onnxruntime raises: its own exceptions, which have no common one."""
    from onnxruntime.capi import onnxruntime_pybind11_state as state

    own = (each for each in vars(state).values() if isinstance(each, type) and issubclass(each, Exception))
    return (*own, RuntimeError, ValueError)


def _reason(error: Exception) -> str:
    """What it says, on one line."""
    return shown(str(error).strip().partition("\n")[0])
