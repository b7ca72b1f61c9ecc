"""What becomes of each tensor of a file that is quantised, and why. No torch: only names, shapes and types count.

A plain type is given to every tensor of two dimensions whose rows are whole blocks of it. A mix leaves alone what
encodes time, words and labels, and the first and the last layers, and gives better types to some of the others.

Rows that are no whole blocks: a convolution of Stable Diffusion's, whose rows are 3, is stored in rows of 256, as
ComfyUI-GGUF has it; `writers.gguf` puts its shape into the metadata. A matrix gets a type of smaller blocks.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

from wftools import __version__
from wftools.errors import InputError, shown
from wftools.weights.converting.plan import Plan, Planned
from wftools.weights.converting.selecting import pruned
from wftools.weights.formats.gguf import entries
from wftools.weights.gguf import ARCHITECTURE
from wftools.weights.gguf import PLAIN as GGUF_PLAIN
from wftools.weights.quant.blocks import BLOCKS, fits
from wftools.weights.quantising.architectures import PRECISE, PREFIXES, Architecture, architecture_of
from wftools.weights.quantising.types import (
    COMFY_MIXES,
    COMPRESSED,
    FILE_TYPES,
    MIXES,
    NATIVE,
    PLAIN,
    SMALLER,
    is_value,
    mixed,
)

if TYPE_CHECKING:
    from wftools.values import Json
    from wftools.weights.gguf import Typed
    from wftools.weights.quantising.types import Mix, TensorRule
    from wftools.weights.tensorfile import TensorFile, TensorInfo

Fallback = Literal["reshape", "block32", "keep"]
Compat = Literal["comfy-gguf", "sdcpp"]

ROW: Final = 256  # elements of a row of what is stored in another shape
LEAST_RESHAPED: Final = 512  # elements
LEAST: Final = 1024  # elements of what a mix quantises: more than that
MOST_DIMENSIONS: Final = 4  # that ggml knows
FLOATING: Final = frozenset({"F64", "F32", "F16", "BF16", "F8_E4M3", "F8_E5M2"})
GGUF_TYPES: Final = FLOATING | BLOCKS.keys() | GGUF_PLAIN.keys()

# What a quantised file says of its own numbers, and what counts for one format.
_TOLD_ANEW: Final = frozenset(
    {
        "general.file_type",
        "general.quantization_version",
        "general.quantized_by",
        "format",
    }
)
COMPRESSING: Final = frozenset(each.lower() for each in COMPRESSED)
QUANTIZATION_VERSION: Final = 2  # of ggml's blocks


@dataclass(frozen=True, slots=True)
class Rules:
    """What is asked for."""

    type: str  # a name of PLAIN, MIXES or NATIVE
    tensors: tuple[TensorRule, ...] = ()  # the last that matches decides
    fallback: Fallback | None = None  # None: reshape what readers give its shape back, else smaller blocks
    compat: Compat | None = None  # which program has to read the file

    def __post_init__(self) -> None:
        """Raise InputError for a type that is not known, and for rules about blocks where there are none."""
        if self.type not in PLAIN and self.type not in MIXES and self.type not in NATIVE:
            raise InputError(
                f"{shown(self.type)} is no type", hint=f"the types are {', '.join(sorted({*PLAIN, *MIXES, *NATIVE}))}"
            )
        if self.is_native and (self.tensors or self.fallback is not None or self.compat is not None):
            raise InputError(f"{self.type} has no blocks: only its type can be chosen", hint="say --type alone")

    @property
    def is_native(self) -> bool:
        """Whether it is a type of ComfyUI's own, in .safetensors."""
        return self.type in NATIVE

    @property
    def mix(self) -> Mix | None:
        """The mix that it is; None for one type."""
        comfy = COMFY_MIXES.get(self.type) if self.compat == "comfy-gguf" else None
        return comfy or MIXES.get(self.type)

    @property
    def is_careful(self) -> bool:
        """Whether what suffers most is kept."""
        return self.mix is not None or self.compat is not None


def as_it_is(file: TensorFile) -> Plan:
    """The plan of a file with the same tensors."""
    return Plan(
        file,
        "gguf",
        tuple(Planned(name, name, info.dtype, info.shape) for name, info in file.tensors.items()),
        entries(file.path) if file.format == "gguf" else file.metadata,
    )


def plan_quantised(base: Plan, rules: Rules) -> Plan:
    """The plan of a GGUF file with the tensors of another plan, of the types that rules say.

    A network that stands alone is written under its own names, as ComfyUI-GGUF has it, whatever stands before all of
    them. Raises InputError if a rule is about no tensor.
    """
    base = _unprefixed(base)
    file = base.file
    named = file.renamed({each.name: each.source for each in base.tensors})
    architecture = architecture_of(named)
    choice = _Choice(rules, architecture or Architecture(""), is_alone=not _is_checkpoint(base))
    left_out = {**base.left_out, **pruned(named)[1]}
    tensors: list[Planned] = []
    values = 0
    for each in sorted(base.tensors, key=lambda one: _in_order(one.name)):
        info = replace(file.tensors[each.source], shape=each.shape)
        if each.source in file.sources and info.dtype not in BLOCKS:  # few bits with a scale mean numbers of more
            info = replace(info, dtype="F16")
        if info.dtype not in GGUF_TYPES:
            left_out[each.name] = f"{info.dtype} has no form in GGUF"
        if each.name in left_out:
            continue
        tensors.append(choice.planned(each, info, values))
        values += is_value(each.name)
    for rule in rules.tensors:
        if not any(rule.matches(each.name) for each in tensors):
            raise InputError(
                f"no tensor has a name like {shown(rule.pattern)}",
                place=file.place,
                hint="`wftools model inspect --tensors` lists the names",
            )
    return Plan(file, "gguf", tuple(tensors), _metadata(base, rules, architecture), left_out)


def kept_type(name: str, info: TensorInfo) -> str:
    """The type of a tensor that is not quantised: 16 bits, but for what is small or has to be precise.

    What is in 16 bits or in blocks already stays so, since more would not make it better.
    """
    if info.dtype not in FLOATING:
        return info.dtype
    is_precise = len(info.shape) <= 1 or math.prod(info.shape) <= LEAST or any(part in name for part in PRECISE)
    if len(info.shape) > MOST_DIMENSIONS or (info.dtype in ("F64", "F32", "BF16") and is_precise):
        return "F32"
    return "BF16" if info.dtype == "BF16" else "F16"


@dataclass(frozen=True, slots=True)
class _Choice:
    """The rules as they apply to one file."""

    rules: Rules
    architecture: Architecture
    is_alone: bool  # whether a network stands alone in the file, under its own names

    def planned(self, each: Planned, info: TensorInfo, values_before: int) -> Planned:
        """What becomes of a tensor."""
        dtype, why = self._type(each.name, info, values_before)
        return replace(each, dtype=dtype, why=why)

    def _type(self, name: str, info: TensorInfo, values_before: int) -> tuple[str, str]:
        """The type of a tensor, and why."""
        if info.dtype not in FLOATING and info.dtype not in BLOCKS:
            return info.dtype, "no floating-point numbers"
        own = next((rule for rule in reversed(self.rules.tensors) if rule.matches(name)), None)
        if len(info.shape) < 2 and (own is None or own.dtype in BLOCKS):
            return kept_type(name, info), "no matrix"
        if own is not None:
            wanted, why = own.dtype, f"asked for: {own.pattern}"
        else:
            wanted, why = self._usual(name, info, values_before)
        if wanted == info.dtype and wanted in BLOCKS:
            return wanted, f"is {wanted} already"
        if wanted not in BLOCKS or (fits(wanted, info.shape) and (len(info.shape) == 2 or own is not None)):
            return wanted, why
        return self._fitted(name, info, wanted, is_asked=own is not None)

    def _usual(self, name: str, info: TensorInfo, values_before: int) -> tuple[str, str]:
        """The type that a tensor should get without a rule of its own, and why."""
        if self.rules.type in COMPRESSING:
            return PLAIN[self.rules.type], "asked for"
        if self.rules.is_careful and math.prod(info.shape) <= LEAST:
            return kept_type(name, info), f"at most {LEAST:,} elements"
        # A plain type is for every matrix, but a convolution is none: there the usual ones are kept, too.
        if (self.rules.is_careful or len(info.shape) > 2) and self.architecture.keeps(name):
            return kept_type(name, info), "an error here does most harm"
        mix = self.rules.mix
        return mixed(mix, name, values_before) if mix is not None else (PLAIN[self.rules.type], "asked for")

    def _fitted(self, name: str, info: TensorInfo, wanted: str, *, is_asked: bool) -> tuple[str, str]:
        """A type for a tensor whose rows are no whole blocks of the one that it should have, or which is no matrix."""
        shape, elements = info.shape, math.prod(info.shape)
        why = f"rows of {shape[-1]:,} are no blocks of {BLOCKS[wanted].elements}"
        if elements >= LEAST_RESHAPED and elements % ROW == 0 and self._reshapes(is_asked=is_asked):
            return wanted, f"{why}: stored in rows of {ROW}"
        smaller = SMALLER.get(wanted)
        if self._fallback != "keep" and smaller is not None and fits(smaller, shape) and len(shape) == 2:
            return smaller, why
        return kept_type(name, info), why if len(shape) == 2 else "no matrix"

    @property
    def _fallback(self) -> Fallback:
        return self.rules.fallback or ("keep" if self.rules.compat is not None else "block32")

    def _reshapes(self, *, is_asked: bool) -> bool:
        if self.rules.compat == "sdcpp" or self.rules.fallback in ("block32", "keep"):
            return False
        return is_asked or self.rules.fallback == "reshape" or (self.is_alone and self.architecture.is_reshaped)


def plan_dequantised(file: TensorFile, dtype: str, form: str) -> Plan:
    """The plan of a file in which what is quantised is of a plain type; `form`: the module of `weights.writers`."""
    base = as_it_is(file)
    tensors = [
        replace(each, dtype=dtype, why="was quantised")
        if is_quantised(file, each.source)
        else replace(each, why="was not quantised")
        for each in sorted(base.tensors, key=lambda one: _in_order(one.name))
    ]
    return Plan(file, form, tuple(tensors), _told(base))


def is_quantised(file: TensorFile, name: str) -> bool:
    """Whether a tensor is in blocks, or in few bits with a scale."""
    return file.tensors[name].dtype in BLOCKS or name in file.sources


def _unprefixed(base: Plan) -> Plan:
    """A network that stands alone in a file under its own names, without what stands before all of them."""
    names = [each.name for each in base.tensors]
    prefix = next((each for each in PREFIXES if names and all(name.startswith(each) for name in names)), "")
    return replace(base, tensors=tuple(replace(each, name=each.name.removeprefix(prefix)) for each in base.tensors))


def _is_checkpoint(base: Plan) -> bool:
    return any(each.name.startswith(("model.diffusion_model.", "first_stage_model.")) for each in base.tensors)


def _metadata(base: Plan, rules: Rules, architecture: Architecture | None) -> dict[str, Json | Typed]:
    """What the new file says of itself. What the old one said stays, but for what was true of that file alone."""
    return {
        **_told(base),
        **({ARCHITECTURE: architecture.name} if architecture is not None else {}),
        "general.file_type": FILE_TYPES[rules.type],
        "general.quantization_version": QUANTIZATION_VERSION,
        "general.quantized_by": f"wftools {__version__}",
    }


def _told(base: Plan) -> dict[str, Json | Typed]:
    return {key: value for key, value in base.metadata.items() if key not in _TOLD_ANEW}


def _in_order(name: str) -> list[tuple[int, str]]:
    """Names with their numbers in order: blocks.2 before blocks.10."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", name)]
