"""The autoencoder of Stable Diffusion: its config, and how it is read off a checkpoint."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wftools.errors import InputError
from wftools.weights.networks.shapes import Shapes, count, size

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class VaeConfig:
    """The autoencoder with a KL term of Rombach et al. 2022; SD1, SD2 and SDXL share the form."""

    image_channels: int = 3
    channels: int = 128
    channel_mult: tuple[int, ...] = (1, 2, 4, 4)  # every level but the last halves the picture
    res_blocks: int = 2  # per level in the encoder; one more in the decoder
    z_channels: int = 4  # what encoder and decoder see
    embed_dim: int | None = 4  # channels of the latent itself; None: as encoder and decoder see it
    is_temporal: bool = False  # the decoder takes a batch as frames of one video
    group_width: int = 1  # least channels in a group of a GroupNorm

    @property
    def ratio(self) -> int:
        """Pixels a latent cell, along one side."""
        return int(2 ** (len(self.channel_mult) - 1))

    @property
    def latent_channels(self) -> int:
        """Channels of the latent."""
        return self.z_channels if self.embed_dim is None else self.embed_dim


def infer_vae(shapes: Shapes, hidden: Mapping[str, int]) -> VaeConfig | None:
    """Read the config off a VAE's tensor names and shapes; None if there is none. Reads no data.

    Raises InputError if a tensor that tells is missing.
    """
    if "encoder.conv_in.weight" not in shapes or "decoder.conv_in.weight" not in shapes:
        return None
    channels = size(shapes, "encoder.conv_in.weight", 0, dimensions=4)
    levels = count(shapes, "encoder.down.{}.block.0.conv1.weight")
    widths = [size(shapes, f"encoder.down.{level}.block.0.conv1.weight", 0, dimensions=4) for level in range(levels)]
    if not widths or any(width % channels for width in widths):
        raise InputError(f"the VAE has levels of {widths} channels, expected multiples of {channels}")
    return VaeConfig(
        image_channels=size(shapes, "encoder.conv_in.weight", 1, dimensions=4),
        channels=channels,
        channel_mult=tuple(width // channels for width in widths),
        res_blocks=count(shapes, "encoder.down.0.block.{}.conv1.weight"),
        z_channels=size(shapes, "decoder.conv_in.weight", 1, dimensions=4),
        embed_dim=size(shapes, quant, 1, dimensions=4) if (quant := "post_quant_conv.weight") in shapes else None,
        is_temporal="decoder.mid.block_1.mix_factor" in shapes,
        group_width=hidden.get("group_width", 1),
    )
