"""How many numbers in how many bytes, of which types, and what the types mean: compressed, or quantised."""

from __future__ import annotations

import json
import math
from collections import Counter
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final

from wftools.errors import InputError
from wftools.weights.quant.blocks import BLOCKS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from wftools.weights.tensorfile import TensorFile, TensorInfo

FLOAT: Final = "float"
COMPRESSED: Final = "compressed"
QUANTISED: Final = "quantised"
OTHER: Final = "no weights"

MEANINGS: Final[Mapping[str, str]] = {
    FLOAT: "floats of full precision",
    COMPRESSED: "compressed to floats of fewer bits",
    QUANTISED: "quantised to whole numbers that share scales",
    OTHER: "whole numbers that are no weights",
}
FULL: Final = frozenset({"F64", "F32", "C64"})
SMALLER: Final = frozenset({"F16", "BF16", "F8_E4M3", "F8_E5M2"})
# Not whole numbers, but steps of a table or of few floats: quantised all the same, as they share their scales.
_BYTES: Final = frozenset({"I8", "U8"})

# How scales beside a weight are called -> whose way of quantising it is.
_SCALES: Final[Mapping[str, str]] = {
    ".comfy_quant": "comfy_quant",
    ".scale_weight": "scaled_fp8",
    ".quant_state.bitsandbytes__nf4": "NF4 of bitsandbytes",
    ".quant_state.bitsandbytes__fp4": "FP4 of bitsandbytes",
    ".weight_format": "bitsandbytes",
    ".qweight": "packed integers of GPTQ, AWQ or SVDQuant",
}
_MAX_LAYERS: Final = 4096  # whose own word is read


@dataclass(frozen=True, slots=True)
class Amount:
    """So much of something."""

    tensors: int = 0
    parameters: int = 0
    bytes: int = 0

    def __add__(self, other: Amount) -> Amount:
        """Both together."""
        return Amount(self.tensors + other.tensors, self.parameters + other.parameters, self.bytes + other.bytes)

    @property
    def bits(self) -> float:
        """Bits a weight."""
        return 8 * self.bytes / self.parameters if self.parameters else 0.0


@dataclass(frozen=True, slots=True)
class Way:
    """The tensors of one type."""

    dtype: str
    meaning: str  # a key of `MEANINGS`
    amount: Amount


def amount_of(info: TensorInfo) -> Amount:
    """What one tensor comes to."""
    return Amount(1, math.prod(info.shape), info.stop - info.start)


def total(infos: Iterable[TensorInfo]) -> Amount:
    """What some tensors come to."""
    return sum(map(amount_of, infos), Amount())


def by_type(file: TensorFile) -> tuple[Way, ...]:
    """The types in a file, that of most bytes first."""
    has_scales = bool(schemes(file))
    amounts: dict[str, Amount] = {}
    for info in file.tensors.values():
        amounts[info.dtype] = amounts.get(info.dtype, Amount()) + amount_of(info)
    ways = [Way(dtype, _meaning(dtype, has_scales), amount) for dtype, amount in amounts.items()]
    return tuple(sorted(ways, key=lambda way: (-way.amount.bytes, way.dtype)))


def schemes(file: TensorFile) -> dict[str, int]:
    """The ways in which weights are quantised that have their scales in tensors of their own -> layers."""
    found: Counter[str] = Counter()
    for name in file.tensors:
        end = next((end for end in _SCALES if name.endswith(end)), None)
        if end is not None:
            found[_SCALES[end]] += 1
    if "comfy_quant" in found:
        del found["comfy_quant"]
        own = (name for name in file.tensors if name.endswith(".comfy_quant"))
        found.update(f"comfy_quant {_format(file, name)}" for name in islice(own, _MAX_LAYERS))
    return dict(found.most_common())


def told(ways: Iterable[Way]) -> str:
    """What is done to the weights, in words, with the share of each way."""
    shares: dict[str, int] = {}
    for way in ways:
        if way.meaning != OTHER:
            shares[way.meaning] = shares.get(way.meaning, 0) + way.amount.parameters
    whole = sum(shares.values())
    if not whole:
        return "there are no weights"
    ordered = sorted(shares.items(), key=lambda item: -item[1])
    return ", ".join(f"{_percent(count / whole)} {MEANINGS[meaning]}" for meaning, count in ordered if count)


def _percent(share: float) -> str:
    if share == 1:
        return "all"
    return f"{100 * share:.0f} %" if 0.01 <= share <= 0.99 else "under 1 %" if share < 0.01 else "over 99 %"


def _meaning(dtype: str, has_scales: bool) -> str:
    if dtype in BLOCKS:
        return QUANTISED
    if dtype in FULL:
        return FLOAT
    if dtype in SMALLER:
        return COMPRESSED
    return QUANTISED if has_scales and dtype in _BYTES else OTHER


def _format(file: TensorFile, name: str) -> str:
    """The format that a layer says it is in; "?" if it says it in no way that is known."""
    try:
        told = json.loads(file.raw(name))
    except (InputError, OSError, ValueError, RecursionError):
        return "?"
    return str(told.get("format", "?"))[:40] if isinstance(told, dict) else "?"
