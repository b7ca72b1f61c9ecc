"""CLIP's encoder of pictures in the layout of transformers: its config, and how it is read off a checkpoint."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from wftools.errors import InputError
from wftools.weights.networks.shapes import Shapes, count, size

if TYPE_CHECKING:
    from collections.abc import Mapping

OPENAI_MAX_LAYERS: Final = 24  # of ViT-L; OpenCLIP's H has 32
HEADS: Final = 16  # of all published ones, or fewer where they would be narrower than the least
LEAST_HEAD_DIM: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipVisionConfig:
    """The encoder of pictures of CLIP (Radford et al. 2021; Dosovitskiy et al. 2020); ViT-L by default."""

    width: int = 1024
    layers: int = 24
    mlp_width: int = 4096
    patch: int = 14  # pixels along one side
    positions: int = 257  # patches, and one for the whole picture
    projection_width: int = 768
    head_dim: int | None = None  # None: 16 heads, or of 32 channels

    @property
    def is_causal(self) -> bool:
        """Every patch sees all."""
        return False

    @property
    def activation(self) -> Literal["quick_gelu", "gelu"]:
        """OpenAI trained with an approximation of GELU; nothing but the depth tells whose encoder it is."""
        return "quick_gelu" if self.layers <= OPENAI_MAX_LAYERS else "gelu"

    @property
    def heads(self) -> int:
        """How many attention heads a layer has. Raises InputError if the width cannot be divided so."""
        heads = self.width // self.head_dim if self.head_dim else max(1, min(HEADS, self.width // LEAST_HEAD_DIM))
        if heads == 0 or self.width % heads:
            raise InputError(f"an encoder of pictures of width {self.width} cannot have {heads} heads")
        return heads

    @property
    def side(self) -> int:
        """Height and width of the pictures that it sees, in pixels."""
        return math.isqrt(self.positions - 1) * self.patch


def infer_clip_vision(shapes: Shapes, hidden: Mapping[str, int]) -> ClipVisionConfig | None:
    """Read the config off the encoder's tensor names and shapes; None if there is none. Reads no data.

    Raises InputError if a tensor that tells is missing, or if its patches are no square.
    """
    patches = "vision_model.embeddings.patch_embedding.weight"
    if patches not in shapes:
        return None
    layer = "vision_model.encoder.layers.{}.mlp.fc1.weight"
    positions = size(shapes, "vision_model.embeddings.position_embedding.weight", 0, dimensions=2)
    if math.isqrt(positions - 1) ** 2 != positions - 1:
        raise InputError(f"the encoder of pictures has {positions} positions, expected a square and one")
    return ClipVisionConfig(
        width=size(shapes, patches, 0, dimensions=4),
        layers=count(shapes, layer),
        mlp_width=size(shapes, layer.format(0), 0, dimensions=2),
        patch=size(shapes, patches, 2, dimensions=4),
        positions=positions,
        projection_width=size(shapes, "visual_projection.weight", 0, dimensions=2),
        head_dim=hidden.get("head_dim"),
    )
