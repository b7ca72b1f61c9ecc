"""Weights that follow from a seed and the tensor's name, so that recorded results need no model files.

The rule is the one by which the recorded data was made; its scales keep activations near 1.
"""

import hashlib
import math
from collections.abc import Mapping

import torch
from torch import Tensor

# The last layer of a residual branch, drawn at half the scale.
BRANCH_ENDS = (
    "proj_out.weight",
    "out_layers.3.weight",
    "to_out.0.weight",
    "ff.net.2.weight",
    "out_proj.weight",
    "mlp.fc2.weight",
    "mlp.c_proj.weight",
    "conv2.weight",
    "block2.weight",
)
OWN_GAINS = {"model.diffusion_model.out.2.weight": 0.7, "decoder.conv_out.weight": 0.35}


def weights_from_seed(shapes: Mapping[str, tuple[int, ...]], seed: int) -> dict[str, Tensor]:
    """Every tensor of a file, float32."""
    return {name: tensor_from_seed(name, shape, seed) for name, shape in shapes.items()}


def tensor_from_seed(name: str, shape: tuple[int, ...], seed: int) -> Tensor:
    """One tensor; neither the order nor the presence of others matters."""
    digest = hashlib.sha256(f"{seed}:{name}".encode()).digest()
    generator = torch.Generator().manual_seed(int.from_bytes(digest[:7], "little"))
    if not shape:
        return torch.tensor(4.6055 if "logit_scale" in name else 1.0)
    noise = torch.randn(shape, generator=generator)
    if name.endswith("bias"):
        return 0.05 * noise
    if "embedding" in name:
        return 0.3 * noise
    if len(shape) == 1:
        return 1.0 + 0.1 * noise
    if "text_projection" in name:
        return noise / math.sqrt(shape[0])
    return noise * (_gain(name) / math.sqrt(math.prod(shape[1:])))


def _gain(name: str) -> float:
    own = next((gain for end, gain in OWN_GAINS.items() if name.endswith(end)), None)
    return own or (0.5 if name.endswith(BRANCH_ENDS) else 1.0)
