"""Control networks from files: what the loader nodes do."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from wftools.diffusion.control.net import UNetControl
from wftools.diffusion.loading import load_network
from wftools.diffusion.networks.controlnet import ControlNet
from wftools.errors import InputError
from wftools.weights.dialects import understood
from wftools.weights.networks.controlnet import find_controlnet
from wftools.weights.tensorfile import open_tensors

if TYPE_CHECKING:
    from wftools import values
    from wftools.context import Context

# Nothing in a file tells that its network copies a style: ComfyUI goes by its name.
AVERAGED: Final = re.compile(r".*_shuffle(_fp16)?")


def load_control_net(name: str, context: Context) -> values.ControlNet:
    """The control network in a file. Raises RunError if it is not there, InputError if it is not one."""
    path = context.folders.find("controlnet", name)
    file = understood(open_tensors(path))
    part = find_controlnet(file)
    if part is None:
        raise InputError("there is no control network in the file that wftools knows", place=file.place)
    network = load_network(ControlNet, part, context.placement)
    return UNetControl(network, context.placement, is_averaged=AVERAGED.fullmatch(path.stem) is not None)
