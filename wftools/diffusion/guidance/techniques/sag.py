"""Hong et al. 2023, "Improving Sample Quality of Diffusion Models Using Self-Attention Guidance"."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import torch
import torch.nn.functional as F  # noqa: N812

from wftools.diffusion.guidance import Asked, Guidance
from wftools.diffusion.guidance.batches import predictions
from wftools.diffusion.networks.attention import attention
from wftools.diffusion.patches import At, AttentionPatch, Patches
from wftools.errors import RunError

if TYPE_CHECKING:
    from torch import Tensor

    from wftools.values import Model

KERNEL: Final = 9  # cells along a side of the blur
NEGATIVE: Final = 1  # which branch of a guider the negative side is
ATTENDED: Final = 1.0  # a cell counts if all others together attend to it more than this


def self_attention_guidance(model: Model, scale: float, blur_sigma: float) -> Model:
    """Away from what the network says when the cells that it attends to most are blurred.

    Which these are is seen by the self attention in the network's middle, when it is asked about the negative side.
    """
    technique = _SelfAttention(scale, blur_sigma)
    patched = model.with_patches(Patches(attention=(AttentionPatch(technique.attend, "self", "middle", 0, 0),)))
    return patched.with_guidance(Guidance(after=(technique.away_from_blurred,), always_both=True))


@dataclass(frozen=True, slots=True, eq=False)
class _SelfAttention:
    scale: float
    blur_sigma: float

    def attend(self, q: Tensor, k: Tensor, v: Tensor, heads: int, at: At) -> Tensor:
        """Attention as it is; of the negative side's part of the batch the weights are remembered."""
        call = at.call
        if call.sampling is not None and NEGATIVE in call.branches:
            part = call.branches.index(NEGATIVE)
            size = len(q) // len(call.branches)
            rows = slice(part * size, (part + 1) * size)
            call.sampling.memory[self] = attention_received(q[rows], k[rows], heads)
        return attention(q, k, v, heads)

    def away_from_blurred(self, denoised: Tensor, asked: Asked) -> Tensor:
        """The guided latent, moved away from what is seen where the attended cells are blurred."""
        question = asked.question
        if min(denoised.shape[2:]) <= KERNEL // 2:  # too small to be reflected at its edges
            return denoised
        received = question.sampling.memory.get(self)
        if received is None:
            raise RunError(
                "self-attention guidance saw no self attention in the middle of the network",
                hint="another patch replaced it, or the network has none",
            )
        blurred = torch.lerp(asked.uncond, gaussian_blurred(asked.uncond, self.blur_sigma), _mask(received, denoised))
        noisy = blurred + asked.x - asked.uncond
        (seen,) = predictions(replace(question, branches=(asked.negative,), x=noisy))
        return denoised + (blurred - seen) * self.scale


def attention_received(q: Tensor, k: Tensor, heads: int) -> Tensor:
    """How much attention each token gets from all, in the mean over the heads: q and k (B, T, C) -> (B, T)."""
    q, k = (x.reshape(*x.shape[:2], heads, -1).transpose(1, 2) for x in (q, k))  # (B, heads, T, C / heads)
    weights = (q @ k.transpose(-1, -2) * q.shape[-1] ** -0.5).softmax(dim=-1)
    received: Tensor = weights.mean(dim=1).sum(dim=1)
    return received


def _mask(received: Tensor, latent: Tensor) -> Tensor:
    """1 where a latent's cells (B, C, h, w) are attended to, by tokens (B, T) of a coarser map: (B, 1, h, w)."""
    height, width = latent.shape[-2:]
    coarse = received.reshape(-1, 1, *map_size(received.shape[1], height / width))
    return F.interpolate((coarse > ATTENDED).to(latent.dtype), (height, width))


def map_size(tokens: int, ratio: float) -> tuple[int, int]:
    """Rows and columns of a map of so many tokens, of which there are about `ratio` times as many rows."""
    rows = round(math.sqrt(ratio * tokens))
    nearby = (each for offset in range(tokens) for each in (rows + offset, max(1, rows - offset)))
    rows = next(each for each in nearby if each and tokens % each == 0)
    return rows, tokens // rows


def gaussian_blurred(x: Tensor, sigma: float) -> Tensor:
    """A latent (B, C, h, w), each channel blurred by itself over 9 x 9 cells, reflected at the edges."""
    channels, reach = x.shape[1], KERNEL // 2
    offsets = torch.arange(-reach, reach + 1, dtype=torch.float32)
    weights = (-0.5 * (offsets / sigma) ** 2).exp()
    weights = (weights / weights.sum()).to(x)
    kernel = (weights[:, None] * weights).expand(channels, 1, -1, -1)
    return F.conv2d(F.pad(x, [reach] * 4, mode="reflect"), kernel, groups=channels)
