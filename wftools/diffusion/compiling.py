"""Networks compiled by torch, which computes the same in another order: results differ by rounding."""

from __future__ import annotations

import logging
import shutil
from typing import TYPE_CHECKING, Final, TypeVar

import torch

from wftools.diffusion.ops import shared_copy

if TYPE_CHECKING:
    from torch import nn

Network = TypeVar("Network", bound="nn.Module")

COMPILERS: Final = ("c++", "g++", "clang++")  # one of which inductor needs where there is no GPU

log = logging.getLogger(__name__)


def compiled(network: Network, backend: str) -> Network:
    """A copy of the network that shares its weights, compiled when it is first called.

    As it is, with a warning, where the backend has not what it needs.
    """
    if not torch.cuda.is_available():
        if backend == "cudagraphs":
            log.warning("there is no CUDA device for torch's cudagraphs, so the model runs as it is")
            return network
        if backend == "inductor" and not any(map(shutil.which, COMPILERS)):
            log.warning("there is no C++ compiler for torch's inductor, so the model runs as it is")
            return network
    twin = shared_copy(network)
    twin.compile(backend=backend)
    return twin
