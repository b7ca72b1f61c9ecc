"""Transformer layers in the layout of OpenAI's CLIP, with queries, keys and values in one projection.

Radford et al. 2021, "Learning Transferable Visual Models From Natural Language Supervision".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftools.diffusion.networks.attention import attention
from wftools.diffusion.networks.clip_text import quick_gelu
from wftools.diffusion.ops import LayerNorm, Linear, Module

if TYPE_CHECKING:
    from torch import Tensor


class JointAttention(Module):
    """Self attention whose queries, keys and values are one projection."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.in_proj = Linear(width, 3 * width)
        self.out_proj = Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        q, k, v = self.in_proj(x).chunk(3, dim=-1)
        return self.out_proj(attention(q, k, v, self.heads))


class Mlp(Module):
    """Two layers on every token by itself."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.c_fc = Linear(width, 4 * width)
        self.c_proj = Linear(4 * width, width)

    def forward(self, x: Tensor) -> Tensor:
        return self.c_proj(quick_gelu(self.c_fc(x)))


class ResidualAttention(Module):
    """Attention and a feed-forward part, each added to its input."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.ln_1 = LayerNorm(width)
        self.attn = JointAttention(width, heads)
        self.ln_2 = LayerNorm(width)
        self.mlp = Mlp(width)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attn(self.ln_1(x))
        return x + self.mlp(self.ln_2(x))
