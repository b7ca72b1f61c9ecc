"""Control networks from files: what the loader nodes do."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from wftools.diffusion.control.adapter import AdapterControl
from wftools.diffusion.control.net import UNetControl
from wftools.diffusion.control.shared import LORA_MARKER, ControlLora, summed
from wftools.diffusion.loading import load_network
from wftools.diffusion.networks.controlnet import ControlNet
from wftools.diffusion.networks.t2i_adapter import LightAdapter, T2iAdapter
from wftools.errors import InputError
from wftools.weights.dialects import understood
from wftools.weights.networks.controlnet import DIFFERENCE, find_controlnet
from wftools.weights.networks.t2i_adapter import find_light_adapter, find_t2i_adapter
from wftools.weights.tensorfile import open_tensors

if TYPE_CHECKING:
    from wftools import values
    from wftools.context import Context
    from wftools.values import Model

# Nothing in a file tells that its network copies a style: ComfyUI goes by its name.
AVERAGED: Final = re.compile(r".*_shuffle(_fp16)?")


def load_control_net(name: str, context: Context, model: Model | None = None) -> values.ControlNet:
    """The control network, or adapter, in a file. Raises RunError if it is not there, InputError if it is none.

    One that is stored as a difference is added to the weights of the model.
    """
    path = context.folders.find("controlnet", name)
    file = understood(open_tensors(path))
    is_averaged = AVERAGED.fullmatch(path.stem) is not None
    if file.format == "onnx":
        from wftools.diffusion.onnx.loading import load_onnx_control_net

        return load_onnx_control_net(path, context, is_averaged=is_averaged)
    if LORA_MARKER in file.tensors:
        return ControlLora(file, context.placement, is_averaged)
    if (part := find_controlnet(file)) is not None:
        if DIFFERENCE in file.tensors and model is not None:
            part = replace(part, tensors=summed(part.tensors, model.weights()))
        return UNetControl(load_network(ControlNet, part, context.placement), context.placement, is_averaged)
    if (full := find_t2i_adapter(file)) is not None:
        adapter = load_network(T2iAdapter, full, context.placement)
        return AdapterControl(adapter, context.placement, is_xl=full.config.is_xl)
    if (light := find_light_adapter(file)) is not None:
        return AdapterControl(load_network(LightAdapter, light, context.placement), context.placement)
    raise InputError("there is no control network in the file that wftools knows", place=file.place)
