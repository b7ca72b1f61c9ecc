"""CLIP's text encoder in the layout of transformers: its config, and how it is read off a checkpoint."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from wftools.errors import InputError
from wftools.weights.networks.shapes import Shapes, count, size

if TYPE_CHECKING:
    from collections.abc import Mapping

OPENAI_MAX_LAYERS: Final = 12  # OpenAI's text encoders have 12 layers; OpenCLIP's H and G have 24 and 32
CUT_LAYERS: Final = 23  # OpenCLIP's ViT-H as diffusers has it for SD2, which reads the layer before the last


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipTextConfig:
    """The text encoder of CLIP (Radford et al. 2021); ViT-L is the one of SD1."""

    width: int = 768
    layers: int = 12
    mlp_width: int = 3072
    vocabulary: int = 49408
    positions: int = 77
    head_dim: int = 64
    projection_width: int | None = None  # of the pooled state, where it is projected to what pictures have too

    @property
    def absent(self) -> int:
        """How many layers a file leaves out at the end, since nothing reads them."""
        return 1 if self.layers == CUT_LAYERS else 0

    @property
    def is_causal(self) -> bool:
        """A token sees those before it only."""
        return True

    @property
    def activation(self) -> Literal["quick_gelu", "gelu"]:
        """OpenAI trained with an approximation of GELU; nothing but the depth tells whose encoder it is."""
        return "quick_gelu" if self.layers <= OPENAI_MAX_LAYERS else "gelu"

    @property
    def heads(self) -> int:
        """How many attention heads a layer has. Raises InputError if the width cannot be divided so."""
        if self.width % self.head_dim:
            raise InputError(f"a text encoder of width {self.width} cannot have heads of {self.head_dim} channels")
        return self.width // self.head_dim


def infer_clip_text(shapes: Shapes, hidden: Mapping[str, int]) -> ClipTextConfig | None:
    """Read the config off a text encoder's tensor names and shapes; None if there is none. Reads no data.

    Raises InputError if a tensor that tells is missing.
    """
    table, projection = "embeddings.token_embedding.weight", "text_projection.weight"
    if table not in shapes:
        return None
    return ClipTextConfig(
        width=size(shapes, table, 1, dimensions=2),
        layers=count(shapes, "encoder.layers.{}.mlp.fc1.weight"),
        mlp_width=size(shapes, "encoder.layers.0.mlp.fc1.weight", 0, dimensions=2),
        vocabulary=size(shapes, table, 0, dimensions=2),
        positions=size(shapes, "embeddings.position_embedding.weight", 0, dimensions=2),
        head_dim=hidden.get("head_dim", 64),
        projection_width=size(shapes, projection, 0, dimensions=2) if projection in shapes else None,
    )
