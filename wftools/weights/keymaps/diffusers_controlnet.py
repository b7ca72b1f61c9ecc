"""Control networks under diffusers' names, as they are called in the original files and in `ControlNet`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from wftools.weights.keymaps import diffusers_unet
from wftools.weights.networks.shapes import count

if TYPE_CHECKING:
    from wftools.weights.tensorfile import TensorFile

MARKER: Final = "controlnet_cond_embedding.conv_in.weight"  # no other layout has it

_HINT: Final = re.compile(r"controlnet_cond_embedding\.(conv_in|conv_out|blocks\.(\d+))")
_ZERO: Final = re.compile(r"controlnet_down_blocks\.(\d+)")


def as_original(file: TensorFile) -> TensorFile:
    """The tensors of a control network of diffusers under their original names."""
    of_unet = diffusers_unet.as_original(file)
    inner = count(of_unet.shapes, "controlnet_cond_embedding.blocks.{}.weight")
    return of_unet.renamed({_original(name, inner): name for name in of_unet.tensors})


def _original(name: str, inner: int) -> str:
    """The original name of a tensor that is not the UNet's, where the picture passes so many inner convolutions."""
    module, _, weight = name.rpartition(".")
    if hint := _HINT.fullmatch(module):
        index = {"conv_in": 0, "conv_out": inner + 1}.get(hint[1], int(hint[2] or 0) + 1)
        return f"input_hint_block.{2 * index}.{weight}"  # an activation stands behind each
    if zero := _ZERO.fullmatch(module):
        return f"zero_convs.{zero[1]}.0.{weight}"
    if module == "controlnet_mid_block":
        return f"middle_block_out.0.{weight}"
    if name == "task_embedding":
        return "task_embedding.weight"
    return name.replace(".in_proj_", ".in_proj.")
