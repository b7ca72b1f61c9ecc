"""One CLIP text encoder with its weights: chunks of tokens to conditioning tensors."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Final

import torch
from torch import Tensor

from wftools.diffusion.loading import load_network
from wftools.diffusion.networks.clip_text import ClipText
from wftools.diffusion.ops import weights_of, with_bypasses, with_weights
from wftools.diffusion.placing import device_of, dtype_of
from wftools.diffusion.text.prompt import Chunk, chunks_of, empty_chunk
from wftools.diffusion.text.tokenizer import END
from wftools.values import Token

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from wftools.context import Placement
    from wftools.diffusion.ops import Bypass
    from wftools.diffusion.text.clip import Encoder
    from wftools.diffusion.text.prompt import FindEmbedding
    from wftools.diffusion.text.tokenizer import Cleaning
    from wftools.weights.networks import Part
    from wftools.weights.networks.clip_text import ClipTextConfig
    from wftools.weights.source import Source, Weight

LAST_BUT_ONE: Final = -2  # the layer that all families but the first read

AT_ONCE: Final = 32  # chunks: enough to keep the processor busy, and a bound on memory

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class Encoded:
    """What a text encoder makes of a prompt, float32."""

    states: Tensor  # (1, T, width)
    pooled: Tensor  # (1, width or that of the projection): the first chunk's state where the text ends


@dataclass(frozen=True, slots=True, eq=False)
class Tower:
    """A text encoder of CLIP's form, and how it is read: a kind of `text.clip.Encoder`."""

    network: ClipText
    pad: int  # the id after the end of the text
    placement: Placement
    layer: int = -1  # whose states are taken, unless a call says otherwise
    is_normalised: bool = True  # whether these pass the network's final normalisation; the pooled state always does
    cleaning: Cleaning = "transformers 5"

    def tokenised(self, text: str, find_embedding: FindEmbedding) -> tuple[Chunk, ...]:
        """A prompt as chunks of 77 tokens, at least one. Raises RunError for one that is too long."""
        return chunks_of(text, find_embedding, self.pad, self.cleaning)

    @torch.no_grad()
    def encode(self, chunks: Sequence[Chunk], layer: int | None = None, *, is_projected: bool = True) -> Encoded:
        """The states of a layer for each token, in one row, and the last layer's where the text ends.

        A layer beyond the first is taken as the last one, normalised in any case, as in ComfyUI.
        """

        def projected(pooled: Tensor) -> Tensor:
            projection = self.network.text_projection
            return projection(pooled) if is_projected and projection is not None else pooled

        return encoded(chunks, self.pad, partial(self._states, layer=layer), projected)

    def with_device(self, device: str | None) -> Tower:
        """A text encoder that computes on another device; None: on that which it was loaded for."""
        return replace(self, placement=self.placement.with_device(device))

    def weights(self) -> dict[str, Weight]:
        """All weights by the network's names, as they are now."""
        return weights_of(self.network)

    def with_weights(self, changes: Mapping[str, Callable[[Source], Source]]) -> Tower:
        """A text encoder that shares all weights but these, by its network's names."""
        return replace(self, network=with_weights(self.network, changes))

    def with_bypasses(self, bypasses: Mapping[str, Bypass]) -> Tower:
        """A text encoder with these ways around layers, in place of all that it has."""
        return replace(self, network=with_bypasses(self.network, bypasses))

    def _states(self, batch: Sequence[Chunk], *, layer: int | None) -> tuple[Tensor, Tensor]:
        """The states (chunks, 77, width) of the layer that is asked for, and the last ones, normalised."""
        wanted, config = layer or self.layer, self.network.config
        # Layers are counted from the last that the encoder was trained with.
        states, last = self.network(self._vectors(batch), min(wanted + config.absent, -1))
        last = self.network.final_layer_norm(last)
        if self.is_normalised or -wanted > config.layers + config.absent:
            states = self.network.final_layer_norm(states)
        return states.float().cpu(), last

    def _vectors(self, batch: Sequence[Chunk]) -> Tensor:
        """What the network reads: (chunks, 77, width)."""
        device, dtype = device_of(self.placement.device), dtype_of(self.placement)
        fitting = [self._fitting(chunk) for chunk in batch]
        ids = [[token.value if isinstance(token.value, int) else self.pad for token in chunk] for chunk in fitting]
        vectors = self.network.embed(torch.tensor(ids, device=device), dtype)
        for row, chunk in enumerate(fitting):
            for column, token in enumerate(chunk):
                if isinstance(token.value, Tensor):
                    vectors[row, column] = token.value
        return vectors

    def _fitting(self, chunk: Chunk) -> Chunk:
        """Without vectors made for an encoder of another width; padding takes their place at the end."""
        width = self.network.config.width
        kept = tuple(token for token in chunk if isinstance(token.value, int) or len(token.value) == width)
        if len(kept) < len(chunk):
            log.warning("an embedding is not %d wide and is left out, as in ComfyUI", width)
        return (*kept, *[Token(self.pad)] * (len(chunk) - len(kept)))


def encoded(
    chunks: Sequence[Chunk],
    pad: int,
    states_of: Callable[[Sequence[Chunk]], tuple[Tensor, Tensor]],
    projected: Callable[[Tensor], Tensor],
) -> Encoded:
    """Chunks as `states_of` sees them: a layer's states, and the last ones normalised, (chunks, 77, width) each.

    A token's weight moves its state along the line from the same position of an empty prompt. `projected` is what
    becomes of the state where the text ends (1, width).
    """
    is_weighted = any(token.weight != 1.0 for chunk in chunks for token in chunk)
    batch = [*chunks, empty_chunk(pad)] if is_weighted else list(chunks)
    parts = [states_of(batch[at : at + AT_ONCE]) for at in range(0, len(batch), AT_ONCE)]
    states = torch.cat([part for part, _ in parts])
    # The text ends at the first end mark, which a prompt may also write out.
    end = next(index for index, token in enumerate(chunks[0]) if isinstance(token.value, int) and token.value == END)
    pooled = projected(parts[0][1][0, end][None])
    if is_weighted:
        weights = torch.tensor([[token.weight for token in chunk] for chunk in chunks])[..., None]
        empty = states[-1]
        states = torch.where(weights == 1.0, states[:-1], (states[:-1] - empty) * weights + empty)
    return Encoded(states.flatten(0, 1)[None], pooled.float().cpu())  # (chunks, 77, width) -> (1, T, width)


def open_tower(
    text: Part[ClipTextConfig], pad: int, placement: Placement, *, layer: int = -1, is_normalised: bool = True
) -> Encoder:
    """The text encoder in a file, whatever runs it."""
    if text.tensors.format == "onnx":
        from wftools.diffusion.onnx.text import open_onnx_tower

        return open_onnx_tower(text.tensors.path, pad, placement, layer=layer, is_normalised=is_normalised)
    return Tower(load_network(ClipText, text, placement), pad, placement, layer=layer, is_normalised=is_normalised)
