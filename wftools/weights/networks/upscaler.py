"""Networks that make pictures larger: their configs, and how they are read off a file."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wftools.errors import InputError
from wftools.weights.keymaps import esrgan
from wftools.weights.networks import find
from wftools.weights.networks.shapes import MAX_LAYERS, Shapes, count, size

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wftools.weights.networks import Part
    from wftools.weights.tensorfile import TensorFile

# Under which a training keeps the weights, beside others or not; the first that is there counts.
PREFIXES: Final = ("params_ema.", "params.", "model_state_dict.", "net.")
COMMON_PREFIX: Final = "module."  # of a training on several devices

_UNSHUFFLED: Final = (2, 4)  # pixels of a cell along one side, where a network sees cells


@dataclass(frozen=True, slots=True, kw_only=True)
class RrdbConfig:
    """The residual blocks in residual blocks of Wang et al. 2018, "ESRGAN", and 2021, "Real-ESRGAN"."""

    in_channels: int = 3  # of what it sees: a picture, or cells of one
    out_channels: int = 3
    channels: int = 64
    growth: int = 32  # channels that a dense block adds with each convolution
    blocks: int = 23
    doublings: int = 2
    is_plus: bool = False  # with the shortcuts of ESRGAN+ (Rakotonirina and Rasoanaivo 2020)

    @property
    def unshuffle(self) -> int:
        """Pixels of a cell along one side; 1 where the network sees pictures as they are."""
        return next((side for side in _UNSHUFFLED if self.in_channels == self.out_channels * side**2), 1)

    @property
    def scale(self) -> float:
        """How many times larger pictures become, along one side."""
        return float(2**self.doublings / self.unshuffle)


@dataclass(frozen=True, slots=True, kw_only=True)
class CompactConfig:
    """The compact network of Real-ESRGAN: convolutions at the picture's size, and what is between them."""

    in_channels: int = 3
    out_channels: int = 3
    channels: int = 64
    layers: int = 16  # between the first and the last
    upscale: int = 4

    @property
    def scale(self) -> float:
        """How many times larger pictures become, along one side."""
        return float(self.upscale)


def unwrapped(file: TensorFile) -> TensorFile:
    """The weights alone, as networks name them."""
    for prefix in PREFIXES:
        inner = file.below(prefix)
        if inner.tensors:
            file = inner
            break
    is_common = bool(file.tensors) and all(name.startswith(COMMON_PREFIX) for name in file.tensors)
    return file.below(COMMON_PREFIX) if is_common else file


def find_rrdb(file: TensorFile) -> Part[RrdbConfig] | None:
    """The network of ESRGAN in a file, under the names of any of its versions; None if there is none.

    Raises InputError if it is there and cannot be built.
    """
    return find(esrgan.as_newest(file), "rrdb", ("",), infer_rrdb)


def find_compact(file: TensorFile) -> Part[CompactConfig] | None:
    """The compact network of Real-ESRGAN in a file; None if there is none. Raises InputError if it cannot be built."""
    return find(file, "compact", ("",), infer_compact)


def infer_rrdb(shapes: Shapes, _hidden: Mapping[str, int]) -> RrdbConfig | None:
    """Read the config off the newest names and shapes; None if there is no such network. Reads no data.

    Raises InputError if a tensor that tells is missing.
    """
    dense = "body.0.rdb1.conv1.weight"
    if "conv_first.weight" not in shapes or dense not in shapes:
        return None
    return RrdbConfig(
        in_channels=size(shapes, "conv_first.weight", 1, dimensions=4),
        out_channels=size(shapes, "conv_last.weight", 0, dimensions=4),
        channels=size(shapes, "conv_first.weight", 0, dimensions=4),
        growth=size(shapes, dense, 0, dimensions=4),
        blocks=count(shapes, "body.{}.rdb1.conv1.weight"),
        doublings=count(shapes, "conv_up{}.weight", start=1),
        is_plus="body.0.rdb1.conv1x1.weight" in shapes,
    )


def infer_compact(shapes: Shapes, _hidden: Mapping[str, int]) -> CompactConfig | None:
    """Read the config off names and shapes; None if there is no such network. Reads no data.

    Raises InputError if a tensor that tells is missing, or the last layer gives no whole number of pixels.
    """
    if "body.0.weight" not in shapes or len(shapes.get("body.1.weight", ())) != 1:
        return None
    last = 2 * count(shapes, "body.{}.weight", start=1, step=2)
    in_channels = size(shapes, "body.0.weight", 1, dimensions=4)
    numbers = size(shapes, f"body.{last}.weight", 0, dimensions=4)
    # Nothing tells the colours from the pixels: most likely as many come out as go in.
    for colours in (in_channels, 3, 4, 1):
        if numbers % colours == 0 and math.isqrt(numbers // colours) ** 2 == numbers // colours:
            return CompactConfig(
                in_channels=in_channels,
                out_channels=colours,
                channels=size(shapes, "body.0.weight", 0, dimensions=4),
                layers=min(last // 2, MAX_LAYERS) - 1,
                upscale=math.isqrt(numbers // colours),
            )
    raise InputError(f"tensor 'body.{last}.weight' gives {numbers} numbers a pixel, which are no square of colours")
