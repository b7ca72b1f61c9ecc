"""Eight bits a weight and a scale: the formulas of ComfyUI's quantised layers. No torch at import.

    float8         scale = largest / 448 (e5m2: 57344), one for the tensor; number = x * (1 / scale)
    int8           scale = largest / 127, one for the tensor or for each row; number = round(x / scale)
    ConvRot        each group of 256 inputs is rotated first, which spreads what is far larger than the rest

The weight is number * scale, and then rotated again: the rotation is its own inverse. What it is multiplied with may be
rotated instead, if the product is to be made of eight bits: rotated(x) @ rotated(w).T = x @ w.T.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

GROUP: Final = 256  # inputs that are rotated together; any power of 4 is possible
LARGEST: Final[Mapping[str, float]] = {"F8_E4M3": 448.0, "F8_E5M2": 57344.0, "I8": 127.0}
LEAST_SCALE: Final = 1e-30  # of int8; of all zeros too
LEAST_FLOAT_SCALE: Final = 2.0**-126  # whose inverse is finite


def scale_of(largest: Tensor, dtype: str) -> Tensor:
    """The scale of weights of which the largest absolute value is given, float32."""
    import torch

    scale = largest.float() / LARGEST[dtype]
    if dtype == "I8":
        return scale.clamp(min=LEAST_SCALE)
    return torch.where(scale == 0, 1.0, scale.clamp(min=LEAST_FLOAT_SCALE))


def in_scale(x: Tensor, scale: Tensor, dtype: str) -> Tensor:
    """The numbers in eight bits that stand for x / scale; what is beyond the largest becomes that, in int8 NaN is 0."""
    import torch

    if dtype == "I8":
        return (x / scale).round_().nan_to_num_(0.0, 127.0, -127.0).clamp_(-128, 127).to(torch.int8)
    wanted = torch.float8_e4m3fn if dtype == "F8_E4M3" else torch.float8_e5m2
    return (x * (1.0 / scale)).clamp_(-LARGEST[dtype], LARGEST[dtype]).to(wanted)


def rotated(x: Tensor, group: int = GROUP) -> Tensor:
    """Every group of so many numbers of the last dimension, times a regular Hadamard matrix: a Kronecker power of

        1  1  1 -1
        1  1 -1  1
        1 -1  1  1
       -1  1  1  1    / 2

    which is symmetric and its own inverse. The sums are made in one order, so that a part comes out as in the whole.
    """
    turned = x.reshape(-1, group).T.contiguous()  # (group, groups): steps of one are as quick as long ones
    for step in steps(group):
        four = turned.reshape(-1, 4, step, turned.shape[-1])
        half = ((four[:, 0] + four[:, 1]) + (four[:, 2] + four[:, 3])).mul_(0.5)
        turned = half[:, None] - four.flip(1)
    return turned.reshape(group, -1).T.reshape(x.shape)


def steps(group: int) -> tuple[int, ...]:
    """1, 4, 16 … below a power of 4; nothing for what is none."""
    found = tuple(4**power for power in range(16) if 4**power < group)
    return found if found and 4 * found[-1] == group else ()
