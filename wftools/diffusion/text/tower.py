"""One text encoder with its weights: chunks of tokens to conditioning tensors."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from wftools.diffusion.placing import device_of, dtype_of
from wftools.diffusion.text.prompt import Chunk, Token, empty_chunk
from wftools.diffusion.text.tokenizer import END

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wftools.context import Placement
    from wftools.diffusion.networks.clip_text import ClipText

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class Tower:
    """A text encoder, and how chunks are fed to it."""

    network: ClipText
    pad: int  # the id after the end of the text
    placement: Placement

    @torch.no_grad()
    def encode(self, chunks: Sequence[Chunk]) -> tuple[Tensor, Tensor]:
        """Hidden states (1, 77 * chunks, width) and the first chunk's pooled state (1, width), float32.

        A token's weight moves its state along the line from the same position of an empty prompt.
        """
        is_weighted = any(token.weight != 1.0 for chunk in chunks for token in chunk)
        batch = [*chunks, empty_chunk(self.pad)] if is_weighted else list(chunks)
        states = self.network.final_layer_norm(self.network(self._vectors(batch))[-1]).float().cpu()
        pooled = states[0, _end(chunks[0])][None]
        if is_weighted:
            weights = torch.tensor([[token.weight for token in chunk] for chunk in chunks])[..., None]
            empty = states[-1]
            states = torch.where(weights == 1.0, states[:-1], (states[:-1] - empty) * weights + empty)
        return states.flatten(0, 1)[None], pooled  # (chunks, 77, width) -> (1, 77 * chunks, width)

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


def _end(chunk: Chunk) -> int:
    """Where the text ends: the first end mark, which a prompt may also write out."""
    return next(index for index, token in enumerate(chunk) if isinstance(token.value, int) and token.value == END)
