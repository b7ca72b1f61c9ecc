"""What can be asked for: one type for every tensor that it fits, or a mix of several. No torch."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

from wftools.errors import InputError, shown
from wftools.weights.converting.types import Types

if TYPE_CHECKING:
    from collections.abc import Mapping

# Compressing makes floating-point numbers of fewer bits, quantising whole numbers with a scale for each block of them.
COMPRESSED: Final = ("F32", "F16", "BF16")
QUANTISED: Final = ("Q8_0", "Q6_K", "Q5_K", "Q5_1", "Q5_0", "Q4_K", "Q4_1", "Q4_0", "IQ4_NL", "IQ4_XS", "Q3_K", "Q2_K")
FOR_TRAINED: Final = ("MXFP4", "TQ2_0", "TQ1_0")  # blocks for weights that were trained to be so: others suffer most
PLAIN: Final[Mapping[str, str]] = {name.lower(): name for name in (*COMPRESSED, *QUANTISED, *FOR_TRAINED)}

# What ComfyUI itself quantises to, in .safetensors: eight bits with a scale beside them, as `converting` writes them.
NATIVE: Final[Mapping[str, Types]] = {
    "fp8_scaled": Types("fp8_e4m3fn", "comfy_quant"),
    "int8_tensorwise": Types("int8"),
    "int8_row": Types("int8_row"),
    "int8_convrot": Types("int8_convrot"),
}

# Where rows are no blocks of 256, the type of blocks of 32 that comes next.
SMALLER: Final[Mapping[str, str]] = {
    "Q2_K": "IQ4_NL",
    "Q3_K": "IQ4_NL",
    "IQ4_XS": "IQ4_NL",
    "TQ1_0": "Q4_0",
    "TQ2_0": "Q4_0",
    "Q4_K": "Q5_0",
    "Q5_K": "Q5_1",
    "Q6_K": "Q8_0",
}


@dataclass(frozen=True, slots=True)
class Mix:
    """A type for most tensors, and better ones for those where an error does most harm."""

    base: str
    value: str | None = None  # what attention reads: to_v
    first_values: tuple[int, str] | None = None  # so many of them, in order of their names, get another type
    fused: str | None = None  # queries, keys and values in one
    down: str | None = None  # the second layer of a feed-forward network


MIXES: Final[Mapping[str, Mix]] = {
    "q3_k_s": Mix("Q3_K"),
    "q3_k_m": Mix("Q3_K", value="Q4_K", first_values=(2, "Q5_K"), fused="Q4_K", down="Q4_K"),
    "q3_k_l": Mix("Q3_K", value="Q5_K", fused="Q4_K", down="Q5_K"),
    "q4_k_s": Mix("Q4_K", first_values=(4, "Q5_K"), down="Q5_K"),
    "q4_k_m": Mix("Q4_K", value="Q6_K", fused="Q5_K", down="Q6_K"),
    "q5_k_s": Mix("Q5_K"),
    "q5_k_m": Mix("Q5_K", value="Q6_K", fused="Q6_K", down="Q6_K"),
}

# What ComfyUI-GGUF's files of these names are: mixes, too.
COMFY_MIXES: Final[Mapping[str, Mix]] = {
    "q2_k": Mix("Q2_K", value="Q3_K"),
    "q4_0": Mix("Q4_0", down="Q4_1"),
    "q5_0": Mix("Q5_0", down="Q5_1"),
}

# general.file_type of what most of a file is in
FILE_TYPES: Final[Mapping[str, int]] = {
    "f32": 0,
    "f16": 1,
    "q4_0": 2,
    "q4_1": 3,
    "q8_0": 7,
    "q5_0": 8,
    "q5_1": 9,
    "q2_k": 10,
    "q3_k_s": 11,
    "q3_k": 11,
    "q3_k_m": 12,
    "q3_k_l": 13,
    "q4_k_s": 14,
    "q4_k": 14,
    "q4_k_m": 15,
    "q5_k_s": 16,
    "q5_k": 16,
    "q5_k_m": 17,
    "q6_k": 18,
    "iq4_nl": 25,
    "iq4_xs": 30,
    "bf16": 32,
    "tq1_0": 36,
    "tq2_0": 37,
    "mxfp4": 38,
}

_VALUE: Final = re.compile(r"\.to_v\.|attn_v|\.v\.|\.w1v\.|\.w2v\.|_attn\.v_proj")
_FUSED: Final = re.compile(r"qkv")
_DOWN: Final = re.compile(
    r"ffn_down|\.ffn\.2\.|\.ff\.net\.2\.|\.mlp\.layer2\.|adaln_modulation_mlp\.2\.|feed_forward\.w2|experts\.\d+\.w2|experts\.w2"
)


def mixed(mix: Mix, name: str, values_before: int) -> tuple[str, str]:
    """The type of a tensor in a mix, and why; `values_before`: how many of attention's values come before it."""
    if _FUSED.search(name) is not None:
        return mix.fused or mix.base, "attention's queries, keys and values"
    if is_value(name):
        if mix.first_values is not None and values_before < mix.first_values[0]:
            return mix.first_values[1], "attention's values, of the first"
        return mix.value or mix.base, "attention's values"
    if _DOWN.search(name) is not None:
        return mix.down or mix.base, "end of a feed-forward network"
    return mix.base, "most of the mix"


def is_value(name: str) -> bool:
    """Whether a tensor makes attention's values."""
    return _FUSED.search(name) is None and _VALUE.search(name) is not None


@dataclass(frozen=True, slots=True)
class TensorRule:
    """--tensor PATTERN=TYPE: the type of some tensors."""

    pattern: str  # of whole names, with * and ?
    dtype: str

    def matches(self, name: str) -> bool:
        """Whether it is about a tensor."""
        return fnmatchcase(name, self.pattern)


def tensor_rule(text: str) -> TensorRule:
    """Parse `PATTERN=TYPE`. Raises InputError."""
    pattern, equals, kind = text.rpartition("=")
    if not equals or not pattern:
        raise InputError(f"{shown(text)} is not of the form PATTERN=TYPE", hint="such as '*.attn2.*=q8_0'")
    if kind.lower() not in PLAIN:
        raise InputError(f"{shown(kind)} is no type", hint=f"the types are {', '.join(PLAIN)}")
    return TensorRule(pattern, PLAIN[kind.lower()])
