"""TAESD, a small autoencoder for the latents of another: its configs, and how they are read off its files.

Encoder and decoder are networks of their own, in files of their own: their layers are numbered in a row.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wftools.weights.networks.shapes import Shapes, size

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class TaesdConfig:
    """One of the two networks (Bohan 2023)."""

    latent_channels: int = 4
    width: int = 64
    image_channels: int = 3


def infer_taesd_encoder(shapes: Shapes, _hidden: Mapping[str, int]) -> TaesdConfig | None:
    """Read the config off the encoder's shapes; None if it is not there. Reads no data."""
    if "14.weight" not in shapes or "1.conv.0.weight" not in shapes:
        return None
    return TaesdConfig(
        latent_channels=size(shapes, "14.weight", 0, dimensions=4),
        width=size(shapes, "0.weight", 0, dimensions=4),
        image_channels=size(shapes, "0.weight", 1, dimensions=4),
    )


def infer_taesd_decoder(shapes: Shapes, _hidden: Mapping[str, int]) -> TaesdConfig | None:
    """Read the config off the decoder's shapes; None if it is not there. Reads no data."""
    if "19.weight" not in shapes or "3.conv.0.weight" not in shapes:
        return None
    return TaesdConfig(
        latent_channels=size(shapes, "1.weight", 1, dimensions=4),
        width=size(shapes, "1.weight", 0, dimensions=4),
        image_channels=size(shapes, "19.weight", 0, dimensions=4),
    )
