"""The UNet's modules under the names that diffusers gives them.

Both count from the input to the output, but diffusers by levels ("blocks") and within a level by kind of module, where
the original counts every input or output block.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

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
