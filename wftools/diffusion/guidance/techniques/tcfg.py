"""Kwon et al. 2025, "TCFG: Tangential Damping Classifier-free Guidance"."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import torch

from wftools.diffusion.guidance import Asked, Guidance

if TYPE_CHECKING:
    from wftools.values import Model


def tcfg(model: Model) -> Model:
    """Of the negative side's score only what lies along the direction that both sides share most."""
    return model.with_guidance(Guidance(before=(_damped,)))


def _damped(asked: Asked) -> Asked:
    if asked.positive is None or asked.negative is None:
        return asked
    cond, uncond = ((asked.x - side).flatten(1).unsqueeze(1).float() for side in (asked.cond, asked.uncond))
    _, _, directions = torch.linalg.svd(torch.cat([uncond, cond], dim=1), full_matrices=False)
    shared = directions[:, :1]  # (B, 1, N)
    damped = (uncond @ shared.transpose(1, 2)) * shared
    return replace(asked, uncond=asked.x - damped.reshape(asked.x.shape).to(asked.x.dtype))
