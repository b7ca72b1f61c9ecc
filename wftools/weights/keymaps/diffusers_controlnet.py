"""Control networks under diffusers' names, as they are called in the original files and in `ControlNet`.

Diffusers counts levels, and within a level by kind of module, where the original counts every block of the way down.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from wftools.weights.networks.shapes import count

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wftools.weights.tensorfile import TensorFile

MARKER: Final = "controlnet_cond_embedding.conv_in.weight"  # no other layout has it

MODULES: Final[Mapping[str, str]] = {
    "conv_in": "input_blocks.0.0",
    "time_embedding.linear_1": "time_embed.0",
    "time_embedding.linear_2": "time_embed.2",
    "add_embedding.linear_1": "label_emb.0.0",
    "add_embedding.linear_2": "label_emb.0.2",
    "controlnet_cond_embedding.conv_in": "input_hint_block.0",
    "controlnet_mid_block": "middle_block_out.0",
}
IN_RESNET: Final[Mapping[str, str]] = {
    "norm1": "in_layers.0",
    "conv1": "in_layers.2",
    "time_emb_proj": "emb_layers.1",
    "norm2": "out_layers.0",
    "conv2": "out_layers.3",
    "conv_shortcut": "skip_connection",
}

_DOWN: Final = re.compile(r"down_blocks\.(\d+)\.(resnets|attentions|downsamplers)\.(\d+)\.(.+)")
_MIDDLE: Final = re.compile(r"mid_block\.(resnets|attentions)\.(\d+)\.(.+)")
_HINT: Final = re.compile(r"controlnet_cond_embedding\.(?:blocks\.(\d+)|conv_out)")
_ZERO: Final = re.compile(r"controlnet_down_blocks\.(\d+)")


def as_original(file: TensorFile) -> TensorFile:
    """The tensors of a control network of diffusers under their original names; others keep theirs."""
    in_level = count(file.shapes, "down_blocks.0.resnets.{}.conv1.weight")
    in_hint = count(file.shapes, "controlnet_cond_embedding.blocks.{}.weight")
    return file.renamed({_original(name, in_level, in_hint): name for name in file.tensors})


def _original(name: str, in_level: int, in_hint: int) -> str:
    """A tensor's original name, where a level has so many residual blocks, and the picture so many inner layers."""
    module, _, weight = name.rpartition(".")
    if module in MODULES:
        return f"{MODULES[module]}.{weight}"
    if down := _DOWN.fullmatch(module):
        level, kind, index, rest = int(down[1]), down[2], int(down[3]), down[4]
        first = level * (in_level + 1) + 1
        if kind == "downsamplers":
            return f"input_blocks.{first + in_level}.0.op.{weight}"
        return f"input_blocks.{first + index}.{_in_block(kind, 0, rest)}.{weight}"
    if middle := _MIDDLE.fullmatch(module):
        return f"middle_block.{_in_block(middle[1], 2 * int(middle[2]), middle[3])}.{weight}"
    if hint := _HINT.fullmatch(module):
        index = in_hint if hint[1] is None else int(hint[1])
        return f"input_hint_block.{2 * index + 2}.{weight}"
    if zero := _ZERO.fullmatch(module):
        return f"zero_convs.{zero[1]}.0.{weight}"
    if name == "task_embedding":
        return "task_embedding.weight"
    return name.replace(".in_proj_", ".in_proj.")


def _in_block(kind: str, place: int, rest: str) -> str:
    """Where in a block a residual block, at its place, or a transformer has a module."""
    return f"1.{rest}" if kind == "attentions" else f"{place}.{IN_RESNET.get(rest, rest)}"
