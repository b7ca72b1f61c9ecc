"""Quantised layers as ComfyUI saves them now: each says in which format it is.

    LAYER.comfy_quant       U8: the bytes of a JSON text, {"format": "float8_e4m3fn", …}
    LAYER.weight            float8 or int8
    LAYER.weight_scale      one value, or with int8 one for each row: the weight is its numbers times this
    LAYER.input_scale       the same for what is multiplied with it, where that is quantised too; not needed here

With {"convrot": true, "convrot_groupsize": 256} a weight of int8 is one for inputs that are rotated, so many together.

Instead of the first key, the file's metadata may have all of them in one text: `_quantization_metadata` is
{"format_version": "1.0", "layers": {LAYER: {"format": …}, …}}.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from wftools.errors import InputError, shown
from wftools.weights.quant.scaled import GROUP, steps
from wftools.weights.source import Scaled, Turned

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wftools.values import Json
    from wftools.weights.tensorfile import TensorFile

ALL_LAYERS: Final = "_quantization_metadata"
FORMAT: Final = ".comfy_quant"
SCALE: Final = ".weight_scale"
INPUT_SCALE: Final = ".input_scale"

# What is one number times one scale -> the type of the tensor. The others are packed.
READ: Final[Mapping[str, str]] = {"float8_e4m3fn": "F8_E4M3", "float8_e5m2": "F8_E5M2", "int8_tensorwise": "I8"}
NAMES: Final[Mapping[str, str]] = {dtype: name for name, dtype in READ.items()}  # the way back


def understood(file: TensorFile) -> TensorFile:
    """The file with a source for each quantised weight. Raises InputError for a format that is not read yet."""
    sources: dict[str, Scaled | Turned] = {}
    keys: set[str] = set()
    for layer, told in _layers(file).items():
        weight, scale = layer + ".weight", layer + SCALE
        if weight not in file.tensors:
            continue
        dtype = file.tensors[weight].dtype
        if READ.get(str(told.get("format"))) != dtype:
            raise InputError(
                f"layer {shown(layer)} is quantised as {shown(told)} in {dtype}, which wftools does not read yet",
                place=file.place,
                hint=f"take a file of one of the formats {', '.join(READ)}",
            )
        if scale not in file.tensors:
            raise InputError(f"tensor {shown(scale)} is missing", place=file.place)
        sources[weight] = (
            _turned(Scaled(file, weight, scale), told) if told.get("convrot") else Scaled(file, weight, scale)
        )
        keys |= {layer + FORMAT, scale, layer + INPUT_SCALE}
    return file.said(sources, keys) if sources else file


def _turned(stored: Scaled, told: Mapping[str, Json]) -> Turned:
    """A weight that is stored for rotated inputs. Raises InputError for groups that there cannot be."""
    group, shape = told.get("convrot_groupsize", GROUP), stored.file.shapes[stored.name]
    if not isinstance(group, int) or not steps(group) or len(shape) != 2 or shape[1] % group:
        raise InputError(
            f"tensor {shown(stored.name)} of the shape {list(shape)} is said to be rotated in groups of {shown(group)}",
            place=stored.file.place,
            hint="groups are a power of 4, and the inputs are whole groups",
        )
    return Turned(stored, group)


def _layers(file: TensorFile) -> dict[str, dict[str, Json]]:
    """What is told of each layer that is quantised; nothing where it is no table."""
    layers: dict[str, Json] = {}
    if ALL_LAYERS in file.metadata:
        told = _parsed(file, f"metadata {ALL_LAYERS}", file.metadata[ALL_LAYERS].encode())
        listed = told.get("layers") if isinstance(told, dict) else None
        if not isinstance(listed, dict):
            raise InputError(f"metadata {ALL_LAYERS} has no table of layers", place=file.place)
        layers |= listed
    for name in file.tensors:
        if name.endswith(FORMAT):
            layers[name.removesuffix(FORMAT)] = _parsed(file, f"tensor {shown(name)}", file.raw(name))
    return {layer: told if isinstance(told, dict) else {} for layer, told in layers.items()}


def _parsed(file: TensorFile, what: str, text: bytes) -> Json:
    try:
        parsed: Json = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{what} is not JSON", place=file.place) from error
    return parsed
