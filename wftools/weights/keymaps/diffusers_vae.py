"""The autoencoder of Stable Diffusion under diffusers' names, as the original files call its tensors.

Diffusers counts the levels of the decoder from the coarsest on, and has linear layers where the original has
convolutions of one cell.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from wftools.weights.networks.shapes import count
from wftools.weights.source import Reshaped

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from torch import Tensor

    from wftools.weights.tensorfile import TensorFile

MARKER: Final = "decoder.up_blocks.0.resnets.0.norm1.weight"  # no other layout has it

IN_ATTENTION: Final[Mapping[str, str]] = {  # those of old versions first
    "group_norm": "norm",
    "query": "q",
    "key": "k",
    "value": "v",
    "proj_attn": "proj_out",
    "to_q": "q",
    "to_k": "k",
    "to_v": "v",
    "to_out.0": "proj_out",
}

_OUTSIDE: Final = {"conv_norm_out": "norm_out", "conv_shortcut": "nin_shortcut"}

_LEVEL: Final = re.compile(r"(down|up)_blocks\.(\d+)\.(resnets|downsamplers|upsamplers)\.(\d+)\.")
_MIDDLE: Final = re.compile(r"mid_block\.(resnets|attentions)\.(\d+)\.(.+)\.(weight|bias)")
_ORIGINAL_LEVEL: Final = re.compile(r"(encoder|decoder)\.(down|up)\.(\d+)\.(?:block\.(\d+)|(\w+))\.(.+)")
_ORIGINAL_MIDDLE: Final = re.compile(r"(encoder|decoder)\.mid\.(block|attn)_(\d+)\.(.+)\.(weight|bias)")
_OF_LEVEL: Final = {"downsamplers": "downsample", "upsamplers": "upsample"}
_LAYERS_OF_ATTENTION: Final = re.compile(r"(?:encoder|decoder)\.mid\.attn_1\.(?:q|k|v|proj_out)\.weight")


def as_original(file: TensorFile) -> TensorFile:
    """The tensors of a VAE of diffusers under their original names; the same file if it is none."""
    if MARKER not in file.tensors:
        return file
    levels = count(file.shapes, "decoder.up_blocks.{}.resnets.0.norm1.weight")
    renamed = file.renamed({_original(name, levels): name for name in file.tensors})
    flat = {name for name in renamed.tensors if _LAYERS_OF_ATTENTION.fullmatch(name) and len(renamed.shapes[name]) == 2}
    tensors = {
        name: replace(info, shape=(*info.shape, 1, 1)) if name in flat else info
        for name, info in renamed.tensors.items()
    }

    def read(name: str) -> Tensor:
        return renamed.read(name)[..., None, None] if name in flat else renamed.read(name)

    sources = {
        name: Reshaped(source, tensors[name].shape) if name in flat else source
        for name, source in renamed.sources.items()
    }
    return replace(renamed, tensors=tensors, reader=read, sources=sources)


def _original(name: str, levels: int) -> str:
    """A tensor's original name, where there are so many levels."""

    def level(match: re.Match[str]) -> str:
        number = int(match[2]) if match[1] == "down" else levels - 1 - int(match[2])
        inner = f"block.{match[4]}." if match[3] == "resnets" else f"{_OF_LEVEL[match[3]]}."
        return f"{match[1]}.{number}.{inner}"

    def middle(match: re.Match[str]) -> str:
        if match[1] == "resnets":
            return f"mid.block_{int(match[2]) + 1}.{match[3]}.{match[4]}"
        return f"mid.attn_1.{IN_ATTENTION.get(match[3], match[3])}.{match[4]}"

    name = _MIDDLE.sub(middle, _LEVEL.sub(level, name))
    for new, original in _OUTSIDE.items():
        name = name.replace(new, original)
    return name


def diffusers_names(names: Collection[str]) -> dict[str, str]:
    """The way back: a VAE's original names -> those that diffusers has now."""
    levels = len({match[3] for match in map(_ORIGINAL_LEVEL.fullmatch, names) if match and match[2] == "up"})
    return {name: _diffusers_name(name, levels) for name in names}


def _diffusers_name(name: str, levels: int) -> str:
    in_attention = {original: new for new, original in IN_ATTENTION.items()}
    of_level = {original: new for new, original in _OF_LEVEL.items()}
    if match := _ORIGINAL_LEVEL.fullmatch(name):
        number = int(match[3]) if match[2] == "down" else levels - 1 - int(match[3])
        inner = f"resnets.{match[4]}" if match[4] else f"{of_level[match[5]]}.0"
        name = f"{match[1]}.{match[2]}_blocks.{number}.{inner}.{match[6]}"
    elif match := _ORIGINAL_MIDDLE.fullmatch(name):
        number, is_resnet = int(match[3]) - 1, match[2] == "block"
        inner = f"resnets.{number}.{match[4]}" if is_resnet else f"attentions.0.{in_attention.get(match[4], match[4])}"
        name = f"{match[1]}.mid_block.{inner}.{match[5]}"
    for new, original in _OUTSIDE.items():
        name = re.sub(rf"(?<=\.){original}(?=\.)", new, name)
    return name
