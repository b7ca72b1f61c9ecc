"""Placement's names as torch's objects, and how much memory is free."""

from __future__ import annotations

import logging
import math
import time
from typing import TYPE_CHECKING, Final, TypeVar

import torch

from wftools import memory
from wftools.errors import RunError, shown

if TYPE_CHECKING:
    from torch import Tensor

    from wftools.context import Placement
    from wftools.diffusion.ops import Room
    from wftools.values import Clip, Model, Vae

log = logging.getLogger(__name__)

COMPUTE_DTYPES: Final = {"float32": torch.float32, "float16": torch.float16, "bfloat16": torch.bfloat16}

# Kept weights leave so much free: for what networks compute in between, and for others.
RESERVE: Final = 2 * 2**30

MEASURED_EVERY: Final = 1.0  # seconds


def dtype_of(placement: Placement) -> torch.dtype:
    """The type that networks compute in. Raises RunError for one that they cannot."""
    if placement.dtype not in COMPUTE_DTYPES:
        raise RunError(
            f"networks do not compute in {placement.dtype!r}", hint=f"choose one of {', '.join(COMPUTE_DTYPES)}"
        )
    return COMPUTE_DTYPES[placement.dtype]


def device_of(name: str) -> torch.device:
    """A device by its name. Raises RunError for one that torch does not know of."""
    try:
        return torch.device(name)
    except RuntimeError as error:
        raise RunError(f"torch knows no device {name!r}") from error


Handle = TypeVar("Handle", "Model", "Clip", "Vae")


def on_chosen_device(handle: Handle, choice: str) -> Handle:
    """A handle on the device that a node chose: "default", "cpu", "gpu:0", "gpu:1" …

    On a device that is not there it stays as it is, so that a workflow runs on other machines, too.
    """
    if choice in {"default", "cpu"}:
        return handle.with_device(None if choice == "default" else choice)
    kind, _, number = choice.partition(":")
    if kind == "gpu" and number.isdecimal() and int(number) < torch.cuda.device_count():
        return handle.with_device(f"cuda:{number}")
    log.warning("there is no device %s here, so none is chosen", shown(choice))
    return handle


def network_input(tensor: Tensor, placement: Placement) -> Tensor:
    """A network's input where and how the network computes; what is counted stays whole numbers."""
    dtype = dtype_of(placement) if tensor.is_floating_point() else tensor.dtype
    tensor = tensor.to(device_of(placement.device), dtype)
    is_map = placement.channels_last and tensor.ndim == 4  # (B, C, h, w)
    return tensor.contiguous(memory_format=torch.channels_last) if is_map else tensor


def room_for_weights(placement: Placement) -> Room:
    """Which weights may be kept as they are computed with: all, none, or those for which there is memory.

    Of the last, weights that rest in few bits a number are not kept: whoever has them wants to save memory, and a model
    that grew four times or eight would be a surprise.
    """
    if placement.weights == "auto":
        return _Budget().has_room
    return lambda _size, _device, _is_compact: placement.weights == "resident"


class _Budget:
    """Free memory, measured now and then, since that takes as long as to convert a small weight."""

    def __init__(self) -> None:
        self.free = 0
        self.measured = -math.inf

    def has_room(self, size: int, device: torch.device, is_compact: bool) -> bool:
        """Whether so much may be taken; then it is."""
        if is_compact:
            return False
        if time.monotonic() - self.measured > MEASURED_EVERY:
            self.free, self.measured = free_memory(device), time.monotonic()
        if self.free - size < RESERVE:
            return False
        self.free -= size
        return True


def free_memory(device: torch.device) -> int:
    """The bytes that may still be used on a device; where nobody says, as many as can be counted."""
    if device.type == "cuda":
        free, _ = torch.cuda.mem_get_info(device)
        return free + torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
    return memory.free_memory()
