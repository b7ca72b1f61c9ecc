"""Weights that are computed instead of drawn, so that a network starts as something useful.

Values travel through normalisations and bends in pairs x and -x: silu(x) - silu(-x) = x. A group that is normalised
holds large constants beside its pairs, so that the pairs hardly change the group's deviation, and it can be undone.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, cast

import torch
from torch import nn

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

CONSTANT: Final = 8.0
CENTRE: Final = torch.tensor([[0.0, 0, 0], [0, 1, 0], [0, 0, 0]])  # a kernel that hands on what it sees


def weight(layer: object) -> Tensor:
    """A layer's weight."""
    return cast("nn.Conv2d", layer).weight


def bias(layer: object) -> Tensor:
    """A layer's bias, which must be there."""
    found = cast("nn.Conv2d", layer).bias
    assert found is not None
    return found


def zero(layer: object) -> None:
    """Let a layer answer 0."""
    nn.init.zeros_(weight(layer))
    nn.init.zeros_(bias(layer))


def carry(conv: object, channel: int, source: int, kernel: Tensor | float) -> None:
    """Let a convolution make a channel from one channel of its input alone."""
    weight(conv)[channel] = 0
    bias(conv)[channel] = 0
    weight(conv)[channel, source] = kernel


def make_constants(conv: object, channels: Sequence[int]) -> None:
    """Let a convolution make constants, every other one negative."""
    for index, channel in enumerate(channels):
        weight(conv)[channel] = 0
        bias(conv)[channel] = -CONSTANT if index % 2 else CONSTANT


def undo_deviation(norm: object, channels: Sequence[int]) -> None:
    """Let a normalisation leave pairs as they were, where half of their group is constants."""
    for channel in channels:
        weight(norm)[channel] = CONSTANT * math.sqrt(0.5)
