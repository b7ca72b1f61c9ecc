"""CLIP's text encoder.

Radford et al. 2021, "Learning Transferable Visual Models From Natural Language Supervision". Attribute names are the
keys of transformers' layout, below `text_model.`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, Protocol

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from wftools.diffusion.networks.attention import attention
from wftools.diffusion.ops import Embedding, LayerNorm, Linear, Module

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from wftools.weights.networks.clip_text import ClipTextConfig


def quick_gelu(x: Tensor) -> Tensor:
    """OpenAI's approximation of GELU (Hendrycks and Gimpel 2016)."""
    return x * torch.sigmoid(1.702 * x)


ACTIVATIONS: Final[Mapping[str, Callable[[Tensor], Tensor]]] = {"quick_gelu": quick_gelu, "gelu": F.gelu}


class LayerConfig(Protocol):
    """What a layer is built by, of texts or of pictures."""

    @property
    def width(self) -> int: ...
    @property
    def heads(self) -> int: ...
    @property
    def mlp_width(self) -> int: ...
    @property
    def activation(self) -> Literal["quick_gelu", "gelu"]: ...
    @property
    def is_causal(self) -> bool: ...


class SelfAttention(Module):
    """Attention of every token to all, or if it is causal to itself and those before it."""

    def __init__(self, config: LayerConfig) -> None:
        super().__init__()
        self.heads = config.heads
        self.is_causal = config.is_causal
        self.q_proj = Linear(config.width, config.width)
        self.k_proj = Linear(config.width, config.width)
        self.v_proj = Linear(config.width, config.width)
        self.out_proj = Linear(config.width, config.width)

    def forward(self, x: Tensor) -> Tensor:
        mixed = attention(self.q_proj(x), self.k_proj(x), self.v_proj(x), self.heads, causal=self.is_causal)
        return self.out_proj(mixed)


class Mlp(Module):
    """Two layers on every token by itself."""

    def __init__(self, config: LayerConfig) -> None:
        super().__init__()
        self.activation: Callable[[Tensor], Tensor] = ACTIVATIONS[config.activation]
        self.fc1 = Linear(config.width, config.mlp_width)
        self.fc2 = Linear(config.mlp_width, config.width)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc2(self.activation(self.fc1(x)))


class EncoderLayer(Module):
    """Attention and a feed-forward part, each added to its input."""

    def __init__(self, config: LayerConfig) -> None:
        super().__init__()
        self.layer_norm1 = LayerNorm(config.width)
        self.self_attn = SelfAttention(config)
        self.layer_norm2 = LayerNorm(config.width)
        self.mlp = Mlp(config)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.self_attn(self.layer_norm1(x))
        return x + self.mlp(self.layer_norm2(x))


class Embeddings(Module):
    """The tables of tokens and positions."""

    def __init__(self, config: ClipTextConfig) -> None:
        super().__init__()
        self.token_embedding = Embedding(config.vocabulary, config.width)
        self.position_embedding = Embedding(config.positions, config.width)


class Encoder(Module):
    """The layers in a row."""

    def __init__(self, config: LayerConfig, layers: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList(EncoderLayer(config) for _ in range(layers))

    def forward(self, h: Tensor, layer: int = -1) -> tuple[Tensor, Tensor]:
        """Vectors (B, T, width) to the output of a layer and of the last.

        A layer is counted from the last, -1; one that is not there is taken as the last.
        """
        chosen = h
        wanted = len(self.layers) + layer if -len(self.layers) <= layer < 0 else len(self.layers) - 1
        for index, encoder_layer in enumerate(self.layers):
            h = encoder_layer(h)
            if index == wanted:
                chosen = h
        return chosen, h


class ClipText(Module):
    """Token ids or vectors to hidden states."""

    def __init__(self, config: ClipTextConfig) -> None:
        super().__init__()
        self.config = config
        self.embeddings = Embeddings(config)
        self.encoder = Encoder(config, config.layers)
        self.final_layer_norm = LayerNorm(config.width)
        width = config.projection_width
        self.text_projection = None if width is None else Linear(config.width, width, bias=False)

    def embed(self, ids: Tensor, dtype: torch.dtype = torch.float32) -> Tensor:
        """Token ids (B, T) to their vectors (B, T, width), without positions."""
        return self.embeddings.token_embedding(ids, dtype)

    def forward(self, tokens: Tensor, layer: int = -1) -> tuple[Tensor, Tensor]:
        """Vectors of tokens (B, T, width) to the output of a layer and of the last, without the final normalisation.

        A layer is counted from the last, -1; one that is not there is taken as the last.
        """
        positions = torch.arange(tokens.shape[1], device=tokens.device)
        chosen, last = self.encoder(tokens + self.embeddings.position_embedding(positions, tokens.dtype), layer)
        return chosen, last
