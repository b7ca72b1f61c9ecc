"""One step of the full-width SD1.5 UNet, against torch's own kernels at the same shapes and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812

from benchmarks.measure import Result, compare, here
from wftools.diffusion.networks.unet import UNet
from wftools.diffusion.ops import Conv2d, Linear
from wftools.weights.networks.unet import UNetConfig

BATCH, SIDE, TOKENS = 2, 64, 77  # a picture of 512 x 512, cond and uncond together


@dataclass(frozen=True)
class _Call:
    """One matrix product or convolution of the network."""

    layer: Linear | Conv2d
    shape: torch.Size


def run() -> list[Result]:
    """A step in float32, the weights random: the time does not depend on them."""
    torch.manual_seed(0)
    config = UNetConfig()
    network = UNet(config).eval()
    x = torch.randn(BATCH, config.in_channels, SIDE, SIDE)
    context = torch.randn(BATCH, TOKENS, config.context_dim)
    with torch.inference_mode():
        calls = _calls(network, x, context)
        kernels = _kernels(calls)
        return [
            compare(
                "one UNet step, SD1.5, batch 2, 64 x 64, float32",
                lambda: here(lambda: network(x, torch.tensor([500.0] * BATCH), context)),
                f"its {len(calls)} matrix products and convolutions alone",
                lambda: here(lambda: [kernel() for kernel in kernels]),
                turns=3,
            )
        ]


def _calls(network: UNet, x: torch.Tensor, context: torch.Tensor) -> list[_Call]:
    """What the network computes with weights, observed in one step."""
    calls: list[_Call] = []

    def note(layer: Any, inputs: tuple[torch.Tensor, ...]) -> None:
        calls.append(_Call(layer, inputs[0].shape))

    handles = [
        module.register_forward_pre_hook(note) for module in network.modules() if isinstance(module, Linear | Conv2d)
    ]
    network(x, torch.tensor([500.0] * BATCH), context)
    for handle in handles:
        handle.remove()
    return calls


def _kernels(calls: list[_Call]) -> list[Any]:
    """The bare kernels, on inputs of their own, one tensor a shape."""
    inputs = {call.shape: torch.randn(call.shape) for call in calls}
    return [_kernel(call.layer, inputs[call.shape]) for call in calls]


def _kernel(layer: Linear | Conv2d, x: torch.Tensor) -> Any:
    if isinstance(layer, Linear):
        return lambda: F.linear(x, layer.weight, layer.bias)
    return lambda: F.conv2d(x, layer.weight, layer.bias, layer.stride, layer.padding)
