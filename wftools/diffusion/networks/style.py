"""Style models: what a picture is like, as tokens of a text.

Mou et al. 2023, "T2I-Adapter", and Black Forest Labs' Redux. Attribute names are the keys of the original files, the
projections of an attention in a module of their own and misspelt as they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from wftools.diffusion.networks.residual_attention import ResidualAttention
from wftools.diffusion.ops import LayerNorm, Linear, Module, Sequential

if TYPE_CHECKING:
    from wftools.weights.networks.style import ReduxConfig, StyleAdapterConfig

HEADS: Final = 8


class StyleAdapter(Module):
    """Learnt tokens that look at a picture's."""

    def __init__(self, config: StyleAdapterConfig) -> None:
        super().__init__()
        self.config = config
        self.style_embedding = nn.Parameter(torch.empty(1, config.tokens, config.width))
        self.ln_pre = LayerNorm(config.width)
        self.transformer_layes = Sequential(*(ResidualAttention(config.width, HEADS) for _ in range(config.layers)))
        self.ln_post = LayerNorm(config.width)
        self.proj = nn.Parameter(torch.empty(config.width, config.text_width))

    def forward(self, states: Tensor) -> Tensor:
        """A vision encoder's states (B, T, width) to tokens of a text (B, tokens, text_width)."""
        learnt = self.style_embedding.to(states).expand(len(states), -1, -1)
        h = self.transformer_layes(self.ln_pre(torch.cat([states, learnt], dim=1)))
        return self.ln_post(h[:, -self.config.tokens :]) @ self.proj.to(states)


class Redux(Module):
    """Each token of a picture as one of a text."""

    def __init__(self, config: ReduxConfig) -> None:
        super().__init__()
        self.config = config
        self.redux_up = Linear(config.width, config.hidden)
        self.redux_down = Linear(config.hidden, config.text_width)

    def forward(self, states: Tensor) -> Tensor:
        """A vision encoder's states (B, T, width) to tokens of a text (B, T, text_width)."""
        return self.redux_down(F.silu(self.redux_up(states)))
