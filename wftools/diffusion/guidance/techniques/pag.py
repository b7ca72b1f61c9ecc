"""Ahn et al. 2024, "Self-Rectifying Diffusion Sampling with Perturbed-Attention Guidance"."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from wftools.diffusion.guidance import Asked, Guidance
from wftools.diffusion.guidance.batches import predictions
from wftools.diffusion.patches import At, AttentionPatch, Patches

if TYPE_CHECKING:
    from torch import Tensor

    from wftools.values import Model


def perturbed_attention_guidance(model: Model, scale: float) -> Model:
    """Away from what the network says when, in its middle, every cell attends to itself alone."""
    return model.with_guidance(Guidance(after=(_AwayFromPerturbed(scale),), always_both=True))


@dataclass(frozen=True, slots=True)
class _AwayFromPerturbed:
    scale: float

    def __call__(self, denoised: Tensor, asked: Asked) -> Tensor:
        if self.scale == 0:
            return denoised
        question = asked.question
        patches = question.patches.and_then(PERTURBED)
        (perturbed,) = predictions(replace(question, branches=(asked.positive,), patches=patches))
        return denoised + (asked.cond - perturbed) * self.scale


def _to_itself(_q: Tensor, _k: Tensor, v: Tensor, _heads: int, _at: At) -> Tensor:
    return v


PERTURBED = Patches(attention=(AttentionPatch(_to_itself, "self", "middle", 0),))
