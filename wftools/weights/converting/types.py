"""Which type each tensor gets: what is asked for goes to the weights, and what would suffer is kept. No torch.

fp32 fp16 bf16              every floating-point tensor, as ComfyUI casts whole files
fp8_e4m3fn fp8_e5m2         those of two dimensions and more, beyond 1,024 elements
fp8 with a scale, int8      matrices of the network that denoises, but for the first and last layers, embeddings,
                            and what encodes time: the layers whose scale ComfyUI reads
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

from wftools.errors import InputError
from wftools.weights.converting.numbers import is_kept
from wftools.weights.converting.scaling import Scaling
from wftools.weights.quant.blocks import BLOCKS
from wftools.weights.quant.scaled import GROUP, steps
from wftools.weights.writers import WRITERS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wftools.weights.converting.layouts import Laid
    from wftools.weights.converting.plan import Planned
    from wftools.weights.quantising.architectures import Architecture
    from wftools.weights.tensorfile import TensorFile

FLOATS: Final[Mapping[str, str]] = {
    "fp32": "F32",
    "fp16": "F16",
    "bf16": "BF16",
    "fp8_e4m3fn": "F8_E4M3",
    "fp8_e5m2": "F8_E5M2",
}
INTEGERS: Final = ("int8", "int8_row", "int8_convrot")  # one scale, one for each row, and rotated before
TYPES: Final = (*FLOATS, *INTEGERS)

NETWORK: Final = "model.diffusion_model."  # in checkpoints of every family

FLOATING: Final = frozenset({"F64", "F32", "F16", "BF16", "F8_E4M3", "F8_E5M2"})
EIGHT_BITS: Final = frozenset({"F8_E4M3", "F8_E5M2"})
DECODED: Final = "F16"  # what numbers in blocks, or with a scale, become where they cannot stay
LEAST: Final = 1024  # elements of what gets eight bits: more than that
LEAST_GROUP: Final = 16  # inputs that are rotated together: fewer spread little

Way = Literal["comfy_quant", "scaled_fp8"]


@dataclass(frozen=True, slots=True)
class Types:
    """What is asked for."""

    dtype: str | None = None  # one of TYPES; None: as it is
    scaled: Way | None = None  # how a scale stands beside float8; integers always have one
    rest: str | None = None  # of FLOATS: what eight bits leave out gets it; None: as it is

    def __post_init__(self) -> None:
        """Raise InputError for what does not go together."""
        if self.scaled is not None and FLOATS.get(self.dtype or "") not in EIGHT_BITS:
            raise InputError("only float8 has its scale in several ways", hint="add --dtype fp8_e4m3fn")
        if self.rest is not None and not self.has_few_bits:
            raise InputError("only eight bits leave something out", hint="add --dtype fp8_e4m3fn, or leave out --rest")

    @property
    def is_scaled(self) -> bool:
        """Whether weights become numbers with a scale."""
        return self.scaled is not None or self.dtype in INTEGERS

    @property
    def has_few_bits(self) -> bool:
        """Whether they become numbers of eight bits."""
        return self.is_scaled or FLOATS.get(self.dtype or "") in EIGHT_BITS


def typed(
    laid: Laid, form: str, types: Types, architecture: Architecture
) -> tuple[tuple[Planned, ...], dict[str, Scaling]]:
    """Every tensor with its type and why; and for those that get a scale, by their new names, which one."""
    choice = _Choice(laid.file, form, types, network_prefix(laid), architecture)
    scalings = {each.name: scaling for each in laid.tensors if (scaling := choice.scaling(each)) is not None}
    return tuple(
        replace(each, dtype=scalings[each.name].dtype, why=choice.why_scaled(scalings[each.name]))
        if each.name in scalings
        else choice.planned(each)
        for each in laid.tensors
    ), scalings


def network_prefix(laid: Laid) -> str:
    """Where the network that denoises stands among others; nothing where a file has nothing else."""
    return NETWORK if any(each.name.startswith(NETWORK) for each in laid.tensors) else ""


@dataclass(frozen=True, slots=True)
class _Choice:
    file: TensorFile
    form: str  # the module of `weights.writers`
    types: Types
    prefix: str
    architecture: Architecture

    def planned(self, each: Planned) -> Planned:
        """A tensor that gets no scale."""
        if not self._is_floating(each):
            return replace(each, why=each.why or "no floating-point numbers")
        if self.types.has_few_bits:
            why = self._why_kept(each)
            if not why and not self.types.is_scaled:
                return replace(each, dtype=FLOATS[self.types.dtype or ""], why="asked for")
            kept = self._kept(each) if self.types.rest is None else FLOATS[self.types.rest]
            return replace(each, dtype=kept, why=why or "ComfyUI reads no scale here")
        if self.types.dtype is not None:
            return replace(each, dtype=FLOATS[self.types.dtype], why="asked for")
        kept = self._kept(each)
        return replace(each, dtype=kept, why=each.why if kept == each.dtype else f"{each.dtype} cannot stay")

    def scaling(self, each: Planned) -> Scaling | None:
        """Which scale a tensor gets; None: it gets none."""
        types = self.types
        is_matrix = len(each.shape) == 2 and each.name.endswith(".weight") and self._is_floating(each)
        if not types.is_scaled or not is_matrix or not each.name.startswith(self.prefix) or self._why_kept(each):
            return None
        if types.scaled is not None:
            return Scaling(FLOATS[types.dtype or ""], is_marked=types.scaled == "scaled_fp8")
        group = group_of(each.shape[-1]) if types.dtype == "int8_convrot" else None
        return Scaling("I8", by_row=types.dtype != "int8", group=group)

    def why_scaled(self, scaling: Scaling) -> str:
        """The reason to tell."""
        if self.types.dtype == "int8_convrot":
            told = "in groups of inputs that are no power of 4: not rotated"
            return f"asked for, rotated in groups of {scaling.group}" if scaling.group else f"asked for, {told}"
        return "asked for"

    def _is_floating(self, each: Planned) -> bool:
        return each.dtype in FLOATING or each.dtype in BLOCKS or each.source in self.file.sources

    def _why_kept(self, each: Planned) -> str:
        """Why a tensor is not brought to eight bits; nothing if it is."""
        if len(each.shape) < 2:
            return "no matrix"
        if math.prod(each.shape) <= LEAST:
            return f"at most {LEAST:,} elements"
        if self.types.is_scaled and self.architecture.keeps(each.name):
            return "an error here does most harm"
        return ""

    def _kept(self, each: Planned) -> str:
        """The type of a tensor that nothing is asked of: its own, if its numbers are all, and the format has them."""
        are_kept = all(is_kept(self.file, name, each.dtype) for name in each.sources)
        return each.dtype if are_kept and WRITERS.load(self.form).holds(each.dtype, each.shape) else DECODED


def group_of(inputs: int) -> int | None:
    """How many inputs are rotated together: the largest power of 4 that divides them, at most 256."""
    fitting = [size for size in steps(4 * GROUP) if size >= LEAST_GROUP and inputs % size == 0]
    return max(fitting, default=None)
