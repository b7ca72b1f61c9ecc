"""CLIP's encoder of pictures in the layout of transformers: its config, and how it is read off a file."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from wftools.errors import InputError
from wftools.weights.networks.shapes import Shapes, count, size

if TYPE_CHECKING:
    from collections.abc import Mapping

OPENAI_MAX_LAYERS: Final = 24  # OpenAI's largest, ViT-L, has 24 layers; OpenCLIP's H and bigG have 32 and 48
HEADS: Final = 16  # in every published one of L and above
LEAST_HEAD_DIM: Final = 32  # a narrow network has fewer heads


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipVisionConfig:
    """The vision transformer of CLIP (Radford et al. 2021); the default is ViT-L."""

    width: int = 1024
    layers: int = 24
    mlp_width: int = 4096
    channels: int = 3
    patch: int = 14  # pixels along one side
    positions: int = 257  # patches of a square picture, and one for the whole
    projection_width: int | None = 768  # of the whole picture's state, to what texts have too

    @property
    def image_size(self) -> int:
        """Pixels along one side of the pictures that it sees."""
        return self.patch * math.isqrt(self.positions - 1)

    @property
    def activation(self) -> Literal["quick_gelu", "gelu"]:
        """OpenAI trained with an approximation of GELU; nothing but the depth tells whose encoder it is."""
        return "quick_gelu" if self.layers <= OPENAI_MAX_LAYERS else "gelu"

    @property
    def heads(self) -> int:
        """How many attention heads a layer has. Raises InputError if the width cannot be divided so."""
        heads = max(1, min(HEADS, self.width // LEAST_HEAD_DIM))
        if self.width % heads:
            raise InputError(f"a vision encoder of width {self.width} cannot have {heads} heads")
        return heads


def infer_clip_vision(shapes: Shapes, _hidden: Mapping[str, int]) -> ClipVisionConfig | None:
    """Read the config off a vision encoder's tensor names and shapes; None if there is none. Reads no data.

    Raises InputError if a tensor that tells is missing.
    """
    patches, projection = "embeddings.patch_embedding.weight", "visual_projection.weight"
    if patches not in shapes or "embeddings.class_embedding" not in shapes:
        return None
    return ClipVisionConfig(
        width=size(shapes, patches, 0, dimensions=4),
        layers=count(shapes, "encoder.layers.{}.mlp.fc1.weight"),
        mlp_width=size(shapes, "encoder.layers.0.mlp.fc1.weight", 0, dimensions=2),
        channels=size(shapes, patches, 1, dimensions=4),
        patch=size(shapes, patches, 2, dimensions=4),
        positions=size(shapes, "embeddings.position_embedding.weight", 0, dimensions=2),
        projection_width=size(shapes, projection, 0, dimensions=2) if projection in shapes else None,
    )
