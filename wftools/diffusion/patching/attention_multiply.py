"""Projections of attention, each times a number: for experiments."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar

from wftools.diffusion.merging import Sum

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from wftools.values import Clip, Model
    from wftools.weights.source import Source

Handle = TypeVar("Handle", "Model", "Clip")

TIME: Final = ".time_stack."  # in the names of layers that look from frame to frame


def multiplied_attention(
    handle: Handle, factors: Mapping[str, float], matters: Callable[[str], bool] = lambda _name: True
) -> Handle:
    """A model or text encoders with weights and biases multiplied, by how the names of their layers end.

    `matters`: which of the layers are meant.
    """
    changes: dict[str, Callable[[Source], Source]] = {}
    for name in handle.weights():
        layer = name.rpartition(".")[0]
        for end, factor in factors.items():
            if layer.endswith(end) and factor != 1.0 and matters(layer):
                changes[name] = partial(Sum, second=None, shares=(factor, 0.0))
    return handle.with_weights(changes) if changes else handle


def structural(model: Model, of_self: float, of_cross: float) -> Model:
    """What attentions within a frame add, multiplied."""
    factors = {"attn1.to_out.0": of_self, "attn2.to_out.0": of_cross}
    return multiplied_attention(model, factors, lambda layer: TIME not in layer)


def temporal(model: Model, of_self: float, of_cross: float) -> Model:
    """What attentions from frame to frame add, multiplied."""
    factors = {"attn1.to_out.0": of_self, "attn2.to_out.0": of_cross}
    return multiplied_attention(model, factors, lambda layer: TIME in layer)
