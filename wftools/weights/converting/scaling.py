"""Weights as numbers of eight bits with a scale, in the ways in which ComfyUI reads them.

`dialects.comfy_quant` and `dialects.scaled_fp8` say what stands in a file. The scale of a weight is found before the
weight is written, so that it is read twice, and never in memory as a whole, unless it is rotated.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from wftools.weights.converting.numbers import numbers, regrouped, torch_dtype
from wftools.weights.converting.plan import Planned
from wftools.weights.converting.views import Made, with_made
from wftools.weights.dialects import comfy_quant, scaled_fp8
from wftools.weights.source import Scaled, Turned
from wftools.weights.tensorfile import PIECE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    import torch
    from torch import Tensor

    from wftools.weights.tensorfile import TensorFile

# Reasons to tell.
MULTIPLIED: Final = "numbers are multiplied with it"
MARKED: Final = "says which layers have a scale"

_WEIGHT: Final = ".weight"


@dataclass(frozen=True, slots=True)
class Scaling:
    """How a weight is scaled."""

    dtype: str  # of its numbers
    by_row: bool = False  # a scale for each row
    group: int | None = None  # inputs that are rotated together before
    is_marked: bool = False  # said as `dialects.scaled_fp8` has it, not layer by layer

    @property
    def told(self) -> dict[str, Any]:
        """What stands in the file about the layer."""
        if self.group is None:
            return {"format": comfy_quant.NAMES[self.dtype]}
        return {"format": comfy_quant.NAMES[self.dtype], "convrot": True, "convrot_groupsize": self.group}


@dataclass(frozen=True, slots=True, eq=False)
class Rotated:
    """A weight whose inputs are rotated in groups."""

    file: TensorFile
    name: str
    group: int

    def weight(self, dtype: torch.dtype, device: torch.device) -> Tensor:
        """The weight, as a whole."""
        import torch

        from wftools.weights.quant.scaled import rotated

        whole = torch.cat(list(numbers(self.file, self.name))).float()
        return rotated(whole.reshape(self.file.shapes[self.name]), self.group).to(device, dtype)


def with_scales(
    file: TensorFile, tensors: Iterable[Planned], scalings: Mapping[str, Scaling]
) -> tuple[TensorFile, tuple[Planned, ...]]:
    """The file with the scales of some tensors, by their new names, and the plan with them."""
    made: dict[str, Made] = {}
    sources = dict(file.sources)
    infos = dict(file.tensors)
    found: list[Planned] = []
    for each in tensors:
        scaling = scalings.get(each.name)
        if scaling is None:
            found.append(each)
            continue
        assert not each.joined, each.name
        source = each.source
        if scaling.group is not None:
            source = f"{each.source} rotated"
            infos[source] = replace(file.tensors[each.source], is_plain=False)
            sources[source] = Rotated(file, each.source, scaling.group)
        layer = each.name.removesuffix(_WEIGHT)
        end = scaled_fp8.SCALE if scaling.is_marked else comfy_quant.SCALE
        shape = (each.shape[0], 1) if scaling.by_row else ()
        scale = Planned(layer + end, f"{each.source} scale", "F32", shape, MULTIPLIED)
        found += [replace(each, source=source, scale=scale.source), scale]
        made[scale.source] = Made("F32", shape, _scale(replace(file, tensors=infos, sources=sources), source, scaling))
        if not scaling.is_marked:
            found.append(_told(layer, scaling, made))
    return with_made(replace(file, tensors=infos, sources=sources), made), tuple(found)


def _told(layer: str, scaling: Scaling, made: dict[str, Made]) -> Planned:
    """What says how a layer is quantised."""
    name, text = layer + comfy_quant.FORMAT, json.dumps(scaling.told).encode()

    def make() -> Tensor:
        import torch

        return torch.frombuffer(bytearray(text), dtype=torch.uint8)

    made[name] = Made("U8", (len(text),), make)
    return Planned(name, name, "U8", (len(text),), "says how the layer is quantised")


def marked(file: TensorFile, prefix: str, dtype: str) -> tuple[TensorFile, Planned]:
    """A tensor that says that the layers below its prefix have a scale: of their type, and empty."""

    def make() -> Tensor:
        import torch

        return torch.empty(0, dtype=torch_dtype(dtype))

    name = prefix + scaled_fp8.MARKER
    return with_made(file, {name: Made(dtype, (0,), make)}), Planned(name, name, dtype, (0,), MARKED)


def _scale(file: TensorFile, name: str, scaling: Scaling) -> Callable[[], Tensor]:
    """What finds the scale of a tensor."""

    def make() -> Tensor:
        import torch

        from wftools.weights.quant.scaled import scale_of

        shape = file.shapes[name]
        row = shape[-1] if scaling.by_row else 1
        largest: list[Tensor] = []
        for some in regrouped(numbers(file, name), max(1, PIECE // row) * row):
            size = some.float().abs().nan_to_num_(0.0, 0.0)  # what is not finite has no scale that fits it
            largest.append(size.reshape(-1, row).amax(1, keepdim=True) if scaling.by_row else size.max())
        found = torch.cat(largest) if scaling.by_row else torch.stack(largest).max()
        return scale_of(found, scaling.dtype)

    return make


def with_kept_scales(file: TensorFile, tensors: Iterable[Planned]) -> tuple[TensorFile, tuple[Planned, ...]]:
    """The plan with weights that have a scale as they are, each told layer by layer; the others as they were."""
    made: dict[str, Made] = {}
    found: list[Planned] = []
    for each in tensors:
        source = file.sources.get(each.source)
        group, scaled = (source.group, source.source) if isinstance(source, Turned) else (None, source)
        if not isinstance(scaled, Scaled) or each.joined or not each.name.endswith(_WEIGHT):
            found.append(each)
            continue
        dtype, shape = scaled.file.tensors[scaled.name].dtype, scaled.file.shapes[scaled.scale]
        layer, kept, scale = each.name.removesuffix(_WEIGHT), f"{each.source} kept", f"{each.source} scale"
        made[kept] = Made(dtype, each.shape, _reading(scaled.file, scaled.name))
        made[scale] = Made("F32", shape, _reading(scaled.file, scaled.scale, as_float=True))
        found += [
            replace(each, source=kept, dtype=dtype, why="its scale stays beside it"),
            Planned(layer + comfy_quant.SCALE, scale, "F32", shape, MULTIPLIED),
            _told(layer, Scaling(dtype, group=group), made),
        ]
    return with_made(file, made), tuple(found)


def _reading(file: TensorFile, name: str, *, as_float: bool = False) -> Callable[[], Tensor]:
    return lambda: file.read(name).float() if as_float else file.read(name)
