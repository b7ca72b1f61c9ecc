"""A step of guided sampling with the full-width SD1.5 UNet, loaded from a float16 file in the ways that `run` offers.

The peer is the same network with its weights in the type of the computation from the start: what bringing them there
costs shows, and nothing else.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

import torch
from safetensors.torch import save_file

from benchmarks.measure import Result, compare, here
from wftools.context import Placement
from wftools.diffusion.loading import load_network
from wftools.diffusion.networks.unet import UNet
from wftools.diffusion.placing import COMPUTE_DTYPES
from wftools.weights.networks import Part
from wftools.weights.networks.unet import UNetConfig
from wftools.weights.tensorfile import open_tensors

BATCH, SIDE, TOKENS = 2, 32, 77  # a picture of 256 x 256, cond and uncond together


def run() -> list[Result]:
    """Random weights: the time does not depend on them."""
    with TemporaryDirectory() as folder, torch.no_grad():
        path = Path(folder) / "unet.safetensors"
        _write(path)
        return [
            _compared(path, "float32", "auto"),
            _compared(path, "float32", "mapped"),
            _compared(path, "bfloat16", "auto"),
        ]


def _write(path: Path) -> None:
    """A file of the UNet's weights in float16."""
    torch.manual_seed(0)
    with torch.device("meta"):
        shapes = {name: weight.shape for name, weight in UNet(UNetConfig()).state_dict().items()}
    save_file({name: torch.randn(shape).mul_(0.02).half() for name, shape in shapes.items()}, path)


def _compared(path: Path, dtype: str, way: Literal["auto", "mapped"]) -> Result:
    part = Part(UNetConfig(), open_tensors(path))
    ours = load_network(UNet, part, Placement(dtype=dtype, weights=way))
    ready = load_network(UNet, part, Placement()).to(COMPUTE_DTYPES[dtype])
    x = torch.randn(BATCH, 4, SIDE, SIDE).to(COMPUTE_DTYPES[dtype])
    context = torch.randn(BATCH, TOKENS, 768).to(COMPUTE_DTYPES[dtype])
    timesteps = torch.tensor([500.0] * BATCH)
    return compare(
        f"one UNet step, SD1.5, batch 2, 32 x 32, {dtype}, from a float16 file, weights {way}",
        lambda: here(lambda: ours(x, timesteps, context)),
        f"with its weights in {dtype}",
        lambda: here(lambda: ready(x, timesteps, context)),
        turns=5,
    )
