"""Control networks whose weights are told from those of the UNet that they control.

A file may have the difference from the UNet, or, as Stability's control LoRAs have it, only what the UNet lacks and
products of two narrow matrices (Hu et al. 2021) that are added to the rest.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from wftools.diffusion.adapters import Adapted
from wftools.diffusion.adapters.lora import Lora
from wftools.diffusion.control.net import UNetControl
from wftools.diffusion.loading import load_network
from wftools.diffusion.model import LatentDiffusion
from wftools.diffusion.networks.controlnet import ControlNet
from wftools.diffusion.networks.unet import UNetEncoder
from wftools.errors import InputError, RunError
from wftools.weights.networks import Part
from wftools.weights.networks.controlnet import ControlNetConfig
from wftools.weights.tensorfile import TensorInfo

if TYPE_CHECKING:
    from collections.abc import Mapping

    import torch
    from torch import Tensor, nn

    from wftools.context import Placement
    from wftools.diffusion.patches import Control
    from wftools.values import Hint, Model, NetworkInputs
    from wftools.weights.source import Source, Weight
    from wftools.weights.tensorfile import TensorFile

LORA_MARKER: Final = "lora_controlnet"  # a tensor that only control LoRAs have

OF_ENCODER: Final = ("time_embed.", "label_emb.", "input_blocks.", "middle_block.")


@dataclass(frozen=True, slots=True, eq=False)
class Sum:
    """A weight of a model, and the difference from it that a file has; added in the file's type, as in ComfyUI."""

    difference: Tensor
    source: Source

    def weight(self, dtype: torch.dtype, device: torch.device) -> Tensor:
        """The sum, made anew."""
        stored = self.difference.to(device)
        return (stored + self.source.weight(stored.dtype, device)).to(dtype)


def summed(file: TensorFile, weights: Mapping[str, Weight]) -> TensorFile:
    """A control network's tensors, added to a UNet's weights of the same names. Raises InputError for other shapes."""
    sources = {}
    for name in file.tensors.keys() & weights.keys():
        if file.shapes[name] != weights[name].shape:
            raise InputError(
                f"tensor {name!r} has the shape {list(file.shapes[name])}, the model's {list(weights[name].shape)}",
                hint="the control network is stored as the difference from another model",
                place=file.place,
            )
        sources[name] = Sum(file.tensor(name), weights[name].source)
    return replace(file, sources={**file.sources, **sources})


@dataclass(frozen=True, slots=True, eq=False)
class ControlLora:
    """A control network that shares the weights of whatever UNet it controls: a kind of `values.ControlNet`."""

    file: TensorFile
    placement: Placement
    is_averaged: bool = False
    _of: list[tuple[nn.Module, UNetControl]] = field(default_factory=list, init=False)  # of the UNet that it saw last

    def with_type(self, _kind: int | None) -> ControlLora:
        """The same: it knows one kind of pictures."""
        return self

    def seen(self, hint: Hint, height: int, width: int, model: Model) -> Tensor:
        """As of `UNetControl`. Raises RunError for a model that has no UNet, InputError for one that does not fit."""
        return self._with(model).seen(hint, height, width, model)

    def control(
        self, seen: Tensor, x: Tensor, sigma: Tensor, inputs: NetworkInputs, model: Model, *, calls: int
    ) -> Control:
        """As of `UNetControl`."""
        return self._with(model).control(seen, x, sigma, inputs, model, calls=calls)

    def _with(self, model: Model) -> UNetControl:
        """The control network that shares the model's weights."""
        if not isinstance(model, LatentDiffusion) or not isinstance(model.network, UNetEncoder):
            raise RunError("a control LoRA shares the weights of a UNet, and the model has none")
        if not self._of or self._of[0][0] is not model.network:
            hint = self.file.shapes.get("input_hint_block.0.weight", (0, 3))
            config = ControlNetConfig(encoder=model.network.config, hint_channels=hint[1])
            part = Part(config, completed(self.file, model.weights()))
            net = UNetControl(load_network(ControlNet, part, self.placement), self.placement, self.is_averaged)
            self._of[:] = [(model.network, net)]
        return self._of[0][1]


def completed(file: TensorFile, weights: Mapping[str, Weight]) -> TensorFile:
    """A control LoRA's tensors with those of a UNet that it lacks, changed where it has matrices for them."""
    narrow = {name for name in file.tensors if name.endswith((".up", ".down"))}
    tensors = {name: info for name, info in file.tensors.items() if name not in narrow and name != LORA_MARKER}
    sources = dict(file.sources)
    for name, weight in weights.items():
        if not name.startswith(OF_ENCODER) or name in tensors:
            continue
        tensors[name] = TensorInfo("F32", weight.shape, 0, 0)
        layer = name.removesuffix(".weight")
        sources[name] = weight.source
        if f"{layer}.up" in narrow:
            lora = Lora(file.tensor(f"{layer}.up"), file.tensor(f"{layer}.down"))
            if not lora.fits(weight.shape):
                raise InputError(f"the matrices of {layer} do not fit the model's weight", place=file.place)
            sources[name] = Adapted(weight.source, lora, 1.0)
    return replace(file, tensors=tensors, sources=sources)
