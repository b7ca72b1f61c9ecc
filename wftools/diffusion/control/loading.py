"""Control networks from files: what the loader nodes do."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from wftools.diffusion.control.adapter import AdapterControl
from wftools.diffusion.control.net import UNetControl
from wftools.diffusion.loading import load_network
from wftools.diffusion.networks.controlnet import ControlNet
from wftools.diffusion.networks.t2i_adapter import LightAdapter, T2iAdapter
from wftools.errors import InputError
from wftools.weights.dialects import understood
from wftools.weights.networks.controlnet import find_controlnet
from wftools.weights.networks.t2i_adapter import find_light_adapter, find_t2i_adapter
from wftools.weights.tensorfile import open_tensors

if TYPE_CHECKING:
    from wftools import values
    from wftools.context import Context

# Nothing in a file tells that its network copies a style: ComfyUI goes by its name.
AVERAGED: Final = re.compile(r".*_shuffle(_fp16)?")


def load_control_net(name: str, context: Context) -> values.ControlNet:
    """The control network, or adapter, in a file. Raises RunError if it is not there, InputError if it is none."""
    path = context.folders.find("controlnet", name)
    file = understood(open_tensors(path))
    if (part := find_controlnet(file)) is not None:
        network = load_network(ControlNet, part, context.placement)
        return UNetControl(network, context.placement, is_averaged=AVERAGED.fullmatch(path.stem) is not None)
    if (full := find_t2i_adapter(file)) is not None:
        adapter = load_network(T2iAdapter, full, context.placement)
        return AdapterControl(adapter, context.placement, is_xl=full.config.is_xl)
    if (light := find_light_adapter(file)) is not None:
        return AdapterControl(load_network(LightAdapter, light, context.placement), context.placement)
    raise InputError("there is no control network in the file that wftools knows", place=file.place)
