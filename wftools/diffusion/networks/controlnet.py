"""Control networks: what they make of a picture is added to the features of a UNet.

Zhang et al. 2023, "Adding Conditional Control to Text-to-Image Diffusion Models": a copy of the UNet's way down and
middle, which sees the picture too, and behind each of its blocks a convolution that learning starts from zero. One
network for several kinds of pictures is xinsir's "ControlNet++". Attribute names are the keys of the original
checkpoints, below `control_model.`, misspelt as they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import torch
from torch import Tensor, nn

from wftools.diffusion.networks.residual_attention import ResidualAttention
from wftools.diffusion.networks.unet import UNetEncoder, sinusoidal_embedding
from wftools.diffusion.ops import Conv2d, Embedding, Linear, Module, Sequential
from wftools.diffusion.patches import NO_PATCHES, Control

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wftools.weights.networks.controlnet import ControlNetConfig

# Of the convolutions that bring a picture to the size of a latent: output channels, and the step in pixels.
HINT_LAYERS: Final = ((16, 1), (16, 1), (32, 2), (32, 1), (96, 2), (96, 1), (256, 2))

TYPE_WIDTH: Final = 256  # of the embedding of one kind of pictures
UNION_HEADS: Final = 8


class TypeEmbedding(Module):
    """Which kinds of pictures a network is shown, as a part of what it is told of the time."""

    def __init__(self, types: int, embed_dim: int) -> None:
        super().__init__()
        self.types = types
        self.linear_1 = Linear(types * TYPE_WIDTH, embed_dim)
        self.linear_2 = Linear(embed_dim, embed_dim)

    def forward(self, types: Sequence[int], like: Tensor) -> Tensor:
        """(1, embed_dim), in the type and on the device of `like`."""
        is_shown = torch.zeros(self.types)
        is_shown[list(types)] = 1.0
        embedding = sinusoidal_embedding(is_shown, TYPE_WIDTH).reshape(1, -1).to(like)
        return self.linear_2(nn.functional.silu(self.linear_1(embedding)))


class ControlNet(UNetEncoder):
    """What is to be added to a UNet's features, from its noisy latent, the time, the prompt and a picture."""

    def __init__(self, config: ControlNetConfig) -> None:
        super().__init__(config.encoder)
        self.hint_channels = config.hint_channels
        self.input_hint_block = Sequential(*_hint_layers(config.hint_channels, self.widths[0]))
        self.zero_convs = nn.ModuleList(Sequential(Conv2d(width, width, 1)) for width in self.widths)
        self.middle_block_out = Sequential(Conv2d(self.widths[-1], self.widths[-1], 1))
        self.union = config.union
        if config.union is not None:
            width = self.widths[0]
            self.task_embedding = Embedding(config.union.types, width)
            self.transformer_layes = Sequential(
                *(ResidualAttention(width, UNION_HEADS) for _ in range(config.union.layers))
            )
            self.spatial_ch_projs = Linear(width, width)
            self.control_add_embedding = TypeEmbedding(config.union.types, self.embed_dim)

    def seen(self, picture: Tensor, types: Sequence[int] = ()) -> Tensor:
        """A picture (B, hint_channels, 8 h, 8 w) as features (B, C, h, w); they are the same at every step.

        `types`: of which kind it is, where the network knows several; none: it is not said.
        """
        h = self.input_hint_block(picture)
        if self.union is None or not types:
            return h
        of_type = self.task_embedding(torch.tensor(types[:1], device=h.device), h.dtype)  # (1, C)
        token = h.mean(dim=(2, 3)) + of_type
        shift = self.spatial_ch_projs(self.transformer_layes(token[:, None])[:, 0])  # (B, C)
        return h + shift[:, :, None, None]

    def control(
        self,
        x: Tensor,
        timesteps: Tensor,
        context: Tensor,
        y: Tensor | None,
        *,
        seen: Tensor,
        types: Sequence[int] = (),
    ) -> Control:
        """Takes x (B, in_channels, h, w), timesteps (B,), context (B, T, context_dim), y (B, pooled_dim).

        `seen` (B or 1, C, h, w) is what the picture was seen as.
        """
        embedding = self.embedded(timesteps, y, x.dtype)
        if self.union is not None:
            embedding = embedding + self.control_add_embedding(types, embedding)
        skips = []
        h = x
        for index, (block, convolution) in enumerate(zip(self.input_blocks, self.zero_convs, strict=True)):
            h = block(h, embedding, context, NO_PATCHES, NO_PATCHES.at("input", index))
            if index == 0:
                h = h + seen
            skips.append(convolution(h))
        h = self.middle_block(h, embedding, context, NO_PATCHES, NO_PATCHES.at("middle", 0))
        return Control(skips=tuple(skips), middle=self.middle_block_out(h))


def _hint_layers(in_channels: int, out_channels: int) -> list[nn.Module]:
    layers: list[nn.Module] = []
    for channels, stride in HINT_LAYERS:
        layers += [Conv2d(in_channels, channels, 3, stride=stride, padding=1), nn.SiLU()]
        in_channels = channels
    return [*layers, Conv2d(in_channels, out_channels, 3, padding=1)]
