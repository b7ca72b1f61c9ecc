"""What travels along links, and what a node call may answer. No torch at import: the tensors are named, not made.

Values are immutable: a node that changes one returns a new one, so that every consumer of an output sees the same.
IMAGE is a float32 tensor (B, H, W, C) in 0..1 and MASK (B, H, W); the rest has a type here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor


@dataclass(frozen=True, slots=True, eq=False)
class Latent:
    """A picture in a VAE's latent space, and what goes with it."""

    samples: Tensor                                   # (B, C, H/8, W/8); video and audio families have other shapes
    noise_mask: Tensor | None = None                  # (B, H, W) or (B, 1, H, W): 1 where the sampler may change it
    batch_index: tuple[int, ...] | None = None        # which noise of the seed each sample takes; None: 0, 1, 2 …
    downscale_ratio_spacial: int | None = None        # pixels a latent cell, while the latent is still empty


@dataclass(frozen=True, slots=True, eq=False)
class Cond:
    """One entry of a conditioning: what the network attends to, and where, when and how strongly.

    `extras` has ComfyUI's names: pooled_output, area, mask, strength, start_percent, control …
    """

    tensor: Tensor                                    # (B, T, width of the text encoder)
    extras: Mapping[str, Any] = field(default_factory=dict)


Conditioning = tuple[Cond, ...]


class Model(Protocol):
    """MODEL: a denoising network with its latent format and its parametrisation; patches return a new handle."""


class Clip(Protocol):
    """CLIP: a tokenizer and one or more text encoders."""

    def encode(self, text: str) -> Conditioning:
        """Encode a prompt, weights and embeddings included."""
        ...


class Vae(Protocol):
    """VAE: pixels to latents and back."""

    def encode(self, image: Tensor) -> Tensor:
        """(B, H, W, C) in 0..1 to latents (B, c, H // 8, W // 8): the mean of the posterior."""
        ...

    def decode(self, samples: Tensor) -> Tensor:
        """Latents (B, c, h, w) to pixels (B, 8 h, 8 w, C), clamped to 0..1."""
        ...


@dataclass(frozen=True, slots=True)
class Need:
    """An answer of a node call: first compute these lazy inputs, then call again."""

    inputs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Expand:
    """An answer of a node call: run this subgraph, its outputs are mine.

    `prompt` is an API prompt of new nodes, whose ids are local to this call; a link to an id that is not in it leads
    to a node of the surrounding graph. `outputs` are literal values or links `[id, slot]` into the subgraph.
    """

    prompt: Mapping[str, Any]
    outputs: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """An answer of a node call, or one of its outputs: what depends on it does not run.

    With a message, an output node that is blocked reports it as its error; without, it is left out silently.
    """

    message: str | None = None


class Pending:
    """What a lazy input holds until it has been asked for."""

    def __repr__(self) -> str:
        return "PENDING"

    def __bool__(self) -> bool:
        return False


PENDING: Final = Pending()
