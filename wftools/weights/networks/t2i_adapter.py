"""T2I-Adapters for the UNets of Stable Diffusion: their configs, and how they are read off a file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wftools.weights.networks import find
from wftools.weights.networks.shapes import Shapes, count, size

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wftools.weights.networks import Part
    from wftools.weights.tensorfile import TensorFile

BLOCKS_OF_LEVEL: Final = 2
XL_INPUTS: Final = (256, 768)  # grey and coloured pictures, 16 x 16 pixels a cell

_DIFFUSERS: Final = re.compile(r"adapter\.body\.(\d+)\.(?:resnets\.(\d+)\.)?(.+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class T2iAdapterConfig:
    """The adapter of Mou et al. 2023, "T2I-Adapter": at each level two residual blocks."""

    in_channels: int = 192  # colours times pixels of a cell
    channels: tuple[int, ...] = (320, 640, 1280, 1280)
    kernel: int = 1  # of the second convolution of a block, and of the one that changes the width
    has_strided: bool = False  # whether convolutions halve the picture; else means do

    @property
    def is_xl(self) -> bool:
        """Whether it is for SDXL, which has fewer levels."""
        return self.in_channels in XL_INPUTS

    @property
    def unshuffle(self) -> int:
        """Pixels a cell, along one side."""
        return 16 if self.is_xl else 8

    @property
    def halved(self) -> tuple[int, ...]:
        """The levels that begin by halving the picture."""
        return (2,) if self.is_xl else tuple(range(1, len(self.channels)))


@dataclass(frozen=True, slots=True, kw_only=True)
class LightAdapterConfig:
    """The light version: at each level some narrow residual blocks."""

    in_channels: int = 192
    channels: tuple[int, ...] = (320, 640, 1280, 1280)
    inner: tuple[int, ...] = (80, 160, 320, 320)  # a level's width within
    blocks: int = 4  # of each level

    @property
    def unshuffle(self) -> int:
        """Pixels a cell, along one side."""
        return 8


def find_t2i_adapter(file: TensorFile) -> Part[T2iAdapterConfig] | None:
    """The adapter in a file, under its original names or diffusers'; None if there is none.

    Raises InputError if it is there and cannot be built.
    """
    return find(_original(file), "t2i_adapter", ("", "adapter."), infer_t2i_adapter)


def find_light_adapter(file: TensorFile) -> Part[LightAdapterConfig] | None:
    """The light adapter in a file; None if there is none. Raises InputError if it is there and cannot be built."""
    return find(file, "t2i_adapter", ("", "adapter."), infer_light_adapter)


def infer_t2i_adapter(shapes: Shapes, _hidden: Mapping[str, int]) -> T2iAdapterConfig | None:
    """Read the config off an adapter's tensor names and shapes; None if there is none. Reads no data.

    Raises InputError if a tensor that tells is missing.
    """
    if "conv_in.weight" not in shapes or "body.0.block1.weight" not in shapes:
        return None
    blocks = count(shapes, "body.{}.block1.weight")
    return T2iAdapterConfig(
        in_channels=size(shapes, "conv_in.weight", 1, dimensions=4),
        channels=tuple(
            size(shapes, f"body.{index}.block1.weight", 0, dimensions=4) for index in range(0, blocks, BLOCKS_OF_LEVEL)
        ),
        kernel=size(shapes, "body.0.block2.weight", 2, dimensions=4),
        has_strided=any(name.endswith("down_opt.op.weight") for name in shapes),
    )


def infer_light_adapter(shapes: Shapes, _hidden: Mapping[str, int]) -> LightAdapterConfig | None:
    """Read the config off a light adapter's tensor names and shapes; None if there is none. Reads no data.

    Raises InputError if a tensor that tells is missing.
    """
    if "body.0.out_conv.weight" not in shapes:
        return None
    levels = range(count(shapes, "body.{}.out_conv.weight"))
    return LightAdapterConfig(
        in_channels=size(shapes, "body.0.in_conv.weight", 1, dimensions=4),
        channels=tuple(size(shapes, f"body.{level}.out_conv.weight", 0, dimensions=4) for level in levels),
        inner=tuple(size(shapes, f"body.{level}.out_conv.weight", 1, dimensions=4) for level in levels),
        blocks=count(shapes, "body.0.body.{}.block1.weight"),
    )


def _original(file: TensorFile) -> TensorFile:
    """The file under its original names, if it has diffusers', which count the blocks of each level."""
    if "adapter.body.0.resnets.0.block1.weight" not in file.tensors:
        return file
    names = {}
    for name in file.tensors:
        level = _DIFFUSERS.fullmatch(name)
        if level is None:
            names[name.removeprefix("adapter.")] = name
        else:
            names[f"body.{int(level[1]) * BLOCKS_OF_LEVEL + int(level[2] or 0)}.{level[3]}"] = name
    return file.renamed(names)
