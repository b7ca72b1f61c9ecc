"""The UNet's modules under the names that diffusers gives them.

Both count from the input to the output, but diffusers by levels ("blocks") and within a level by kind of module, where
the original counts every input or output block.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from wftools.weights.networks.shapes import count

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from wftools.weights.tensorfile import TensorFile

OUTSIDE_OF_BLOCKS: Final[Mapping[str, str]] = {
    "time_embed.0": "time_embedding.linear_1",
    "time_embed.2": "time_embedding.linear_2",
    "label_emb.0.0": "add_embedding.linear_1",
    "label_emb.0.2": "add_embedding.linear_2",
    "input_blocks.0.0": "conv_in",
    "out.0": "conv_norm_out",
    "out.2": "conv_out",
}
IN_RESNET: Final[Mapping[str, str]] = {
    "in_layers.0": "norm1",
    "in_layers.2": "conv1",
    "emb_layers.1": "time_emb_proj",
    "out_layers.0": "norm2",
    "out_layers.3": "conv2",
    "skip_connection": "conv_shortcut",
}

_BLOCK: Final = re.compile(r"(input_blocks|output_blocks)\.(\d+)\.(\d+)\.(.+)")
_MIDDLE: Final = re.compile(r"middle_block\.(\d+)\.(.+)")
_DOWN: Final = re.compile(r"input_blocks\.(\d+)\.0\.op")


def diffusers_names(modules: Iterable[str]) -> dict[str, str]:
    """The diffusers names of a UNet's modules, by their own; those that diffusers does not know are left out."""
    modules = tuple(modules)
    # A level of the way down ends with a block that halves the picture; a UNet without one has a single level.
    ends = [int(match[1]) for match in map(_DOWN.fullmatch, modules) if match]
    blocks_of_level = min(ends, default=len(modules))
    names = {module: _diffusers_name(module, blocks_of_level) for module in modules}
    return {module: name for module, name in names.items() if name is not None}


def _diffusers_name(module: str, blocks_of_level: int) -> str | None:
    """`blocks_of_level`: how many input blocks a level has, the one that halves the picture included."""
    if module in OUTSIDE_OF_BLOCKS:
        return OUTSIDE_OF_BLOCKS[module]
    middle = _MIDDLE.fullmatch(module)
    if middle:
        index, rest = int(middle[1]), middle[2]
        return f"mid_block.attentions.0.{rest}" if index == 1 else _resnet(f"mid_block.resnets.{index // 2}", rest)
    match = _BLOCK.fullmatch(module)
    if match is None:
        return None
    way, number, place, rest = match[1], int(match[2]), int(match[3]), match[4]
    level, index = divmod(number - 1 if way == "input_blocks" else number, blocks_of_level)
    level_name = f"down_blocks.{level}" if way == "input_blocks" else f"up_blocks.{level}"
    if rest == "op":
        return f"{level_name}.downsamplers.0.conv"
    if rest == "conv":
        return f"{level_name}.upsamplers.0.conv"
    if place == 0:
        return _resnet(f"{level_name}.resnets.{index}", rest)
    return f"{level_name}.attentions.{index}.{rest}"


def _resnet(name: str, rest: str) -> str | None:
    return f"{name}.{IN_RESNET[rest]}" if rest in IN_RESNET else None


_LEVEL: Final = re.compile(r"(down|up)_blocks\.(\d+)\.(resnets|attentions|downsamplers|upsamplers)\.(\d+)\.(.+)")
_MID: Final = re.compile(r"mid_block\.(resnets|attentions)\.(\d+)\.(.+)")
_ORIGINAL: Final = {name: original for original, name in OUTSIDE_OF_BLOCKS.items()} | {
    "class_embedding.linear_1": "label_emb.0.0",
    "class_embedding.linear_2": "label_emb.0.2",
}
_ORIGINAL_IN_RESNET: Final = {name: original for original, name in IN_RESNET.items()}


def as_original(file: TensorFile) -> TensorFile:
    """The tensors of a UNet of diffusers under their original names; the same file if it is none."""
    in_level = count(file.shapes, "down_blocks.0.resnets.{}.conv1.weight")
    if not in_level:
        return file
    return file.renamed({_original(name, in_level, file.tensors): name for name in file.tensors})


def _original(name: str, in_level: int, names: Collection[str]) -> str:
    """A tensor's original name, where a level has so many residual blocks on the way down; up there is one more."""
    module, _, weight = name.rpartition(".")
    if module in _ORIGINAL:
        return f"{_ORIGINAL[module]}.{weight}"
    if middle := _MID.fullmatch(module):
        return f"middle_block.{_in_block(middle[1], 2 * int(middle[2]), middle[3])}.{weight}"
    match = _LEVEL.fullmatch(module)
    if match is None:
        return name
    way, level, kind, index, rest = match[1], int(match[2]), match[3], int(match[4]), match[5]
    if kind == "downsamplers":
        return f"input_blocks.{(level + 1) * (in_level + 1)}.0.op.{weight}"
    if kind == "upsamplers":
        last = f"up_blocks.{level}.attentions.{in_level}.norm.weight"
        return f"output_blocks.{level * (in_level + 1) + in_level}.{2 if last in names else 1}.{rest}.{weight}"
    way_there = f"output_blocks.{level * (in_level + 1) + index}"
    if way == "down":
        way_there = f"input_blocks.{1 + level * (in_level + 1) + index}"
    return f"{way_there}.{_in_block(kind, 0, rest)}.{weight}"


def _in_block(kind: str, place: int, rest: str) -> str:
    """Where in a block a residual block, at its place, or a transformer has a module."""
    return f"1.{rest}" if kind == "attentions" else f"{place}.{_ORIGINAL_IN_RESNET.get(rest, rest)}"
