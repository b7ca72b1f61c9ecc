"""Placement's names as torch's objects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import torch

from wftools.errors import RunError

if TYPE_CHECKING:
    from torch import Tensor

    from wftools.context import Placement

DTYPES: Final = {"float32": torch.float32, "float16": torch.float16, "bfloat16": torch.bfloat16}


def dtype_of(placement: Placement) -> torch.dtype:
    """The type that networks compute in. Raises RunError for one that they cannot."""
    if placement.dtype not in DTYPES:
        raise RunError(f"networks do not compute in {placement.dtype!r}", hint=f"choose one of {', '.join(DTYPES)}")
    return DTYPES[placement.dtype]


def placed(tensor: Tensor, placement: Placement) -> Tensor:
    """A network's input where and how the network computes."""
    tensor = tensor.to(device_of(placement), dtype_of(placement))
    is_map = placement.channels_last and tensor.ndim == 4  # (B, C, h, w)
    return tensor.contiguous(memory_format=torch.channels_last) if is_map else tensor


def device_of(placement: Placement) -> torch.device:
    """The device that networks are on. Raises RunError for one that torch does not know of."""
    try:
        return torch.device(placement.device)
    except RuntimeError as error:
        raise RunError(f"torch knows no device {placement.device!r}") from error
