"""Nodes of models that make sounds: what can be said and made without one."""

from typing import Annotated

from wftools.catalog.declare import CONDITIONING, LATENT, Float, node
from wftools.memory import make_room
from wftools.nodes._widgets import Count
from wftools.values import Conditioning, Latent

Seconds = Annotated[float, Float(0.0, 1000.0, step=0.1)]


@node("EmptyLatentAudio", category="model/latent", display_name="Empty Latent Audio")
def empty_latent_audio(
    *, seconds: Annotated[float, Float(1.0, 1000.0, step=0.1)] = 47.6, batch_size: Count = 1
) -> LATENT:
    """Zero latents of Stable Audio: (batch_size, 64, length), each for 2048 samples at 44.1 kHz; an even length."""
    import torch

    length = round(seconds * 44_100 / 2048 / 2) * 2
    make_room("the latents", batch_size, 64, length)
    return Latent(torch.zeros(batch_size, 64, length))


@node(
    "ConditioningStableAudio",
    category="model/conditioning/stable audio",
    outputs=("positive", "negative"),
)
def conditioning_stable_audio(
    *, positive: CONDITIONING, negative: CONDITIONING, seconds_start: Seconds = 0.0, seconds_total: Seconds = 47.0
) -> tuple[CONDITIONING, CONDITIONING]:
    """Both conditionings with the part of a longer sound that is wanted, which Stable Audio reads."""

    def timed(conditioning: Conditioning) -> Conditioning:
        return tuple(
            cond.with_extras(seconds_start=seconds_start, seconds_total=seconds_total) for cond in conditioning
        )

    return timed(positive), timed(negative)
