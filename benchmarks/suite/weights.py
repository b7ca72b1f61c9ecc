"""A step of guided sampling with the full-width SD1.5 UNet, loaded from a float16 file in each way that `run` offers.

The peer is the same network with its weights in the type of the computation from the start: what bringing them there
costs shows, and nothing else. Seconds are of the clock, since the work should be spread over the threads.
"""

from __future__ import annotations

import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import torch
from safetensors.torch import save_file

from benchmarks.measure import Result, compare
from wftools.context import Placement
from wftools.diffusion.loading import load_network
from wftools.diffusion.networks.unet import UNet
from wftools.diffusion.placing import COMPUTE_DTYPES
from wftools.weights.networks import Part
from wftools.weights.networks.unet import UNetConfig
from wftools.weights.tensorfile import open_tensors

if TYPE_CHECKING:
    from collections.abc import Callable

BATCH, SIDE, TOKENS = 2, 32, 77  # a picture of 256 x 256, cond and uncond together
WAYS = ("auto", "mapped")


def run() -> list[Result]:
    """Random weights: the time does not depend on them."""
    with TemporaryDirectory() as folder, torch.inference_mode():
        path = Path(folder) / "unet.safetensors"
        write_half(path)
        return [_compared(path, dtype, way) for dtype in ("float32", "bfloat16") for way in WAYS]


def write_half(path: Path) -> None:
    """A file of the UNet's weights in float16."""
    torch.manual_seed(0)
    with torch.device("meta"):
        shapes = {name: weight.shape for name, weight in UNet(UNetConfig()).state_dict().items()}
    save_file({name: torch.randn(shape).mul_(0.02).half() for name, shape in shapes.items()}, path)


def step_of(path: Path, placement: Placement) -> Callable[[], float]:
    """The seconds of one step of the network in a file."""
    network = load_network(UNet, Part(UNetConfig(), open_tensors(path)), placement)
    return _step(network, COMPUTE_DTYPES[placement.dtype])


def _compared(path: Path, dtype: str, way: str) -> Result:
    ready = load_network(UNet, Part(UNetConfig(), open_tensors(path)), Placement()).to(COMPUTE_DTYPES[dtype])
    return compare(
        f"one UNet step, SD1.5, batch 2, 32 x 32, {dtype}, from a float16 file, weights {way}",
        step_of(path, Placement(dtype=dtype, weights=way)),  # type: ignore[arg-type]
        f"with its weights in {dtype}",
        _step(ready, COMPUTE_DTYPES[dtype]),
        turns=5,
    )


def _step(network: UNet, dtype: torch.dtype) -> Callable[[], float]:
    x = torch.randn(BATCH, 4, SIDE, SIDE).to(dtype)
    context = torch.randn(BATCH, TOKENS, 768).to(dtype)

    def seconds() -> float:
        start = time.perf_counter()
        network(x, torch.tensor([500.0] * BATCH), context)
        return time.perf_counter() - start

    return seconds
