"""OpenCLIP's text encoders under the names that transformers gives them, which are those of `ClipText`.

OpenCLIP keeps the projections of queries, keys and values in one tensor, and multiplies with its last one from the
right.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from wftools.weights.quant.blocks import BLOCKS
from wftools.weights.source import SomeRows, Stacked, Transposed, Weight

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from torch import Tensor

    from wftools.weights.tensorfile import TensorFile, TensorInfo

NAMES: Final[Mapping[str, str]] = {
    "token_embedding.weight": "embeddings.token_embedding.weight",
    "positional_embedding": "embeddings.position_embedding.weight",
    "ln_final.weight": "final_layer_norm.weight",
    "ln_final.bias": "final_layer_norm.bias",
}
IN_LAYER: Final[Mapping[str, str]] = {
    "ln_1": "layer_norm1",
    "ln_2": "layer_norm2",
    "mlp.c_fc": "mlp.fc1",
    "mlp.c_proj": "mlp.fc2",
    "attn.out_proj": "self_attn.out_proj",
}
PROJECTION: Final = "text_projection"
TEXT_PROJECTION: Final = (PROJECTION, f"{PROJECTION}.weight")

# The same of the encoder of pictures.
VISION_NAMES: Final[Mapping[str, str]] = {
    "class_embedding": "embeddings.class_embedding",
    "conv1.weight": "embeddings.patch_embedding.weight",
    "positional_embedding": "embeddings.position_embedding.weight",
    "ln_pre.weight": "pre_layrnorm.weight",
    "ln_pre.bias": "pre_layrnorm.bias",
    "ln_post.weight": "post_layernorm.weight",
    "ln_post.bias": "post_layernorm.bias",
}
VISION_PROJECTION: Final = ("proj", "visual_projection.weight")
JOINED: Final = ("q_proj", "k_proj", "v_proj")  # in one tensor of OpenCLIP's, in this order

_LAYER: Final = re.compile(r"transformer\.resblocks\.(\d+)\.(.+)\.(weight|bias)")
_JOINT: Final = re.compile(r"transformer\.resblocks\.(\d+)\.attn\.in_proj_(weight|bias)")
_LAYER_OF_TRANSFORMERS: Final = re.compile(r"encoder\.layers\.(\d+)\.(.+)\.(weight|bias)")
_JOINED_FIRST: Final = re.compile(r"encoder\.layers\.(\d+)\.self_attn\.q_proj\.(weight|bias)")


def as_transformers(
    file: TensorFile, outside: Mapping[str, str] = NAMES, projection: tuple[str, str] = TEXT_PROJECTION
) -> TensorFile:
    """The tensors of an OpenCLIP encoder, the one of texts by default, under transformers' names; others keep theirs.

    `outside` has the names outside of layers, `projection` that of the last tensor in both layouts.
    """
    old_last, new_last = projection
    names: dict[str, str] = {}  # new -> old
    parts: dict[str, tuple[str, int, int]] = {}  # new -> old, and which of its rows
    for name, shape in file.shapes.items():
        layer, joint = _LAYER.fullmatch(name), _JOINT.fullmatch(name)
        if joint:
            rows = shape[0] // 3 if shape else 0
            for index, each in enumerate(JOINED):
                new = f"encoder.layers.{joint[1]}.self_attn.{each}.{joint[2]}"
                parts[new] = (name, index * rows, (index + 1) * rows)
        elif layer and layer[2] in IN_LAYER:
            names[f"encoder.layers.{layer[1]}.{IN_LAYER[layer[2]]}.{layer[3]}"] = name
        elif name != old_last:
            names[outside.get(name, name)] = name
    renamed = file.renamed(names)
    tensors, sources = dict(renamed.tensors), dict(renamed.sources)
    for new, (old, start, stop) in parts.items():
        tensors[new] = _some_rows(file.tensors[old], start, stop)
        if old in file.sources:
            sources[new] = SomeRows(file.sources[old], start, stop)
    if old_last in file.tensors:
        info = file.tensors[old_last]
        tensors[new_last] = replace(info, shape=info.shape[::-1], is_plain=False)
        if old_last in file.sources:
            sources[new_last] = Transposed(file.sources[old_last])

    def read(new: str) -> Tensor:
        if new in parts:
            old, start, stop = parts[new]
            return file.read(old)[start:stop]
        is_turned = new == new_last and old_last in file.tensors
        return file.read(old_last).T if is_turned else renamed.read(new)

    return replace(file, tensors=tensors, reader=read, sources=sources)


def _some_rows(info: TensorInfo, start: int, stop: int) -> TensorInfo:
    """Some rows of a tensor; those of plain numbers stand in the file by themselves."""
    shape = (stop - start, *info.shape[1:])
    if not info.is_plain or info.dtype in BLOCKS or stop == start:
        return replace(info, shape=shape, is_plain=False)
    row = (info.stop - info.start) // info.shape[0]
    return replace(info, shape=shape, start=info.start + start * row, stop=info.start + stop * row)


def openclip_names(names: Collection[str]) -> dict[str, tuple[str, ...]]:
    """The way back: OpenCLIP's names -> those of a text encoder in transformers whose rows each has, one after another.

    The projection, whose old name stands alone, is to be turned.
    """
    outside = {new: old for old, new in NAMES.items()} | {f"{PROJECTION}.weight": PROJECTION}
    in_layer = {new: old for old, new in IN_LAYER.items()}
    found: dict[str, tuple[str, ...]] = {}
    for name in names:
        layer, joint = _LAYER_OF_TRANSFORMERS.fullmatch(name), _JOINED_FIRST.fullmatch(name)
        if joint:
            joined = tuple(f"encoder.layers.{joint[1]}.self_attn.{each}.{joint[2]}" for each in JOINED)
            found[f"transformer.resblocks.{joint[1]}.attn.in_proj_{joint[2]}"] = joined
        elif layer and layer[2] in in_layer:
            found[f"transformer.resblocks.{layer[1]}.{in_layer[layer[2]]}.{layer[3]}"] = (name,)
        elif not layer:
            found[outside.get(name, name)] = (name,)
    return found


def as_openclip(weights: Mapping[str, Weight]) -> dict[str, Weight]:
    """A text encoder's weights under OpenCLIP's names."""
    found: dict[str, Weight] = {}
    for name, old in openclip_names(weights).items():
        parts = [weights[each] for each in old]
        if name == PROJECTION:
            found[name] = Weight(Transposed(parts[0].source), parts[0].shape[::-1])
        elif len(parts) > 1:
            rows = sum(part.shape[0] for part in parts)
            found[name] = Weight(Stacked(tuple(part.source for part in parts)), (rows, *parts[0].shape[1:]))
        else:
            found[name] = parts[0]
    return found
