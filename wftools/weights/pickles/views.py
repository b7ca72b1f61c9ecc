"""What torch says of tensors in a pickle: storages, and views of them.

A tensor is a view of a storage: where it starts, and how far apart its rows are. A view that reaches beyond its
storage, or repeats numbers, is refused.
"""

from __future__ import annotations

import math
import operator
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Any, Final

from wftools.errors import shown
from wftools.weights.faults import ModelFileError
from wftools.weights.mapped import DTYPES
from wftools.weights.pickles.symbols import FROM_TYPE, Kept, Named, Rebuilt

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_DIMENSIONS: Final = 64
MAX_COUNT: Final = 2**63  # beyond what any file or memory has
MAX_WRAPPED: Final = 4  # a parameter is around a tensor, which may be around one without attributes

_OF_STORAGE: Final[Mapping[str, str]] = {
    "Float": "F32",
    "Half": "F16",
    "BFloat16": "BF16",
    "Double": "F64",
    "Long": "I64",
    "Int": "I32",
    "Short": "I16",
    "Char": "I8",
    "Byte": "U8",
    "Bool": "BOOL",
    "ComplexFloat": "C64",
}
_BY_TORCH: Final = {torch_name: name for name, (_, torch_name) in DTYPES.items()}


@dataclass(frozen=True, slots=True)
class Storage:
    """Numbers that tensors are views of."""

    key: str
    dtype: str | None  # None if they are bytes, of which the tensors know the type
    length: int  # in numbers, or in bytes

    @property
    def size(self) -> int:
        """Its bytes."""
        return self.length * (DTYPES[self.dtype][0] if self.dtype else 1)


@dataclass(frozen=True, slots=True)
class View:
    """A tensor: some numbers of a storage."""

    key: str  # of the storage
    dtype: str
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]

    @property
    def reach(self) -> int:
        """How many numbers there are from the first to the last, both counted."""
        return 0 if 0 in self.shape else 1 + sum((n - 1) * s for n, s in zip(self.shape, self.strides, strict=True))

    @property
    def is_in_order(self) -> bool:
        """Whether its numbers stand one after another, the last dimension's first."""
        steps = accumulate(reversed(self.shape), operator.mul, initial=1)
        moving = zip(reversed(self.shape), reversed(self.strides), steps, strict=False)
        return 0 in self.shape or all(size == 1 or stride == step for size, stride, step in moving)


def storage_of(kept: Kept) -> Storage:
    """What torch says of numbers that stand outside of the pickle. Raises ModelFileError if it would not say so."""
    parts = kept.id if isinstance(kept.id, tuple) and len(kept.id) in {5, 6} else (None,) * 5
    kind, named, key, _, length, *view = parts
    if kind != "storage" or not isinstance(named, Named) or not named.name.endswith("Storage") or any(view):
        raise ModelFileError("STORAGE_KEY", "the pickle in the file takes something that is no storage", offset=kept.at)
    if not isinstance(key, str) or not key or "/" in key or "\\" in key or key in {".", ".."}:
        message = f"a tensor in the file has a storage {shown(key) if isinstance(key, str) else 'without a name'}"
        raise ModelFileError("STORAGE_KEY", f"{message}, as torch would not have written", offset=kept.at)
    if not is_count(length):
        raise ModelFileError("STORAGE_SIZE", f"the storage {shown(key)} has no length that can be", offset=kept.at)
    return Storage(key, _OF_STORAGE.get(named.name.rpartition(".")[2].removesuffix("Storage")), length)


def is_count(value: Any) -> bool:
    return type(value) is int and 0 <= value < MAX_COUNT


def view_of(value: Rebuilt) -> View | None:
    """A tensor; None for a call that gives none. Raises ModelFileError for one that its description does not fit."""
    value = _unwrapped(value)
    if not value.name.startswith("torch._"):
        return None

    def refuse(code: str, problem: str) -> ModelFileError:
        return ModelFileError(code, f"a tensor in the file {problem}", offset=value.at)

    if not value.name.startswith("torch._utils._rebuild_tensor") or len(value.arguments) < 4:
        raise refuse("PICKLE_SYNTAX", "is not described as torch describes tensors")
    kept, offset, shape, strides, *rest = value.arguments
    shape, strides = _numbers(shape), _numbers(strides)
    if not isinstance(kept, Kept) or shape is None or strides is None:
        raise refuse("PICKLE_SYNTAX", "is not described as torch describes tensors")
    if len(shape) > MAX_DIMENSIONS:
        raise refuse("TENSOR_DIMS", f"has {len(shape):,} dimensions; at most {MAX_DIMENSIONS} are read")
    if not all(map(is_count, (offset, *shape, *strides))) or len(shape) != len(strides):
        raise refuse("TENSOR_BOUNDS", "has a shape that no tensor has")
    if any(isinstance(each, dict) and each for each in rest):  # lazily conjugated or negated
        raise refuse("PICKLE_SYNTAX", "is to be computed from others when it is read, which is not done")
    storage = storage_of(kept)
    dtype = storage.dtype or _told(rest)
    if dtype is None:
        raise refuse("PICKLE_SYNTAX", "has a type that is not read")
    length = storage.size // DTYPES[dtype][0]
    view = View(storage.key, dtype, offset, shape, strides)
    said = f"of the shape {shown(list(shape))}"
    if offset + view.reach > length:
        raise refuse("TENSOR_BOUNDS", f"{said} reaches beyond its {length:,} numbers")
    if math.prod(shape) > length:
        raise refuse("TENSOR_EXPAND", f"{said} has only {length:,} numbers, which it repeats")
    return view


def _unwrapped(value: Rebuilt) -> Rebuilt:
    """The call that makes the tensor itself, below those that make it a parameter, or give it attributes."""
    for _ in range(MAX_WRAPPED):
        inner = _inner(value)
        if not isinstance(inner, Rebuilt):
            break
        value = inner
    return value


def _inner(value: Rebuilt) -> Any:
    if value.name.endswith(("_parameter", "_parameter_with_state")):
        return value.arguments[0] if value.arguments else None
    if value.name == FROM_TYPE and len(value.arguments) == len(("function", "type", "arguments", "attributes")):
        function, _, arguments, _ = value.arguments
        if isinstance(function, Named) and function.name.startswith("torch._") and isinstance(arguments, tuple):
            return Rebuilt(function.name, arguments, value.at)
    return None


def _numbers(shape: Any) -> tuple[Any, ...] | None:
    if isinstance(shape, Rebuilt) and shape.name == "torch.Size" and len(shape.arguments) == 1:
        shape = shape.arguments[0]
    return tuple(shape) if isinstance(shape, (tuple, list)) else None


def _told(rest: list[Any]) -> str | None:
    """The name, as in safetensors, of the type that is told beside a storage of bytes."""
    return next((_BY_TORCH.get(each.name.removeprefix("torch.")) for each in rest if isinstance(each, Named)), None)
