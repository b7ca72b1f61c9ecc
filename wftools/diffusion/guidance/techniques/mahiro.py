"""Positive-biased guidance, ComfyUI's Mahiro."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch.nn.functional as F  # noqa: N812

from wftools.diffusion.guidance import Asked, Guidance

if TYPE_CHECKING:
    from torch import Tensor

    from wftools.values import Model


def mahiro(model: Model) -> Model:
    """Leaps along the positive side's prediction, the more the less they are like the plainly guided one."""
    return model.with_guidance(Guidance(after=(_leaping,)))


def _leaping(denoised: Tensor, asked: Asked) -> Tensor:
    leap, away = asked.cond * asked.scale, asked.uncond * asked.scale
    likeness = F.cosine_similarity(_signed_root(away), _signed_root((leap + denoised) / 2)).mean()
    share = 2 * (likeness + 1)  # of 4
    return (share * denoised + (4 - share) * leap) / 4


def _signed_root(x: Tensor) -> Tensor:
    return x.abs().sqrt() * x.sign()
