"""Attention over token sequences."""

from __future__ import annotations

import torch.nn.functional as F  # noqa: N812
from torch import Tensor


def attention(q: Tensor, k: Tensor, v: Tensor, heads: int, *, causal: bool = False) -> Tensor:
    """Scaled dot-product attention (Vaswani et al. 2017): q (B, T, C), k and v (B, S, C) -> (B, T, C).

    With `causal`, a token attends to itself and to those before it. Never holds all T x S weights at once.
    """
    q, k, v = (x.reshape(*x.shape[:2], heads, -1).transpose(1, 2) for x in (q, k, v))  # (B, heads, T, C / heads)
    mixed = F.scaled_dot_product_attention(q, k, v, is_causal=causal)
    return mixed.transpose(1, 2).flatten(2)  # (B, T, C)
