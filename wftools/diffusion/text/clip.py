"""CLIP as Stable Diffusion 1 uses it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from wftools.diffusion.text.embeddings import find_embedding
from wftools.diffusion.text.prompt import chunks_of
from wftools.values import Cond, Conditioning

if TYPE_CHECKING:
    from wftools.diffusion.text.tokenizer import Rule
    from wftools.diffusion.text.tower import Tower
    from wftools.folders import Folders


@dataclass(frozen=True, slots=True, eq=False)
class ClipL:
    """CLIP: one tower, OpenAI's ViT-L. The conditioning is its last state, normalised."""

    tower: Tower
    folders: Folders  # where embeddings are looked up
    rule: Rule = "transformers 5"

    def encode(self, text: str) -> Conditioning:
        """Encode a prompt, weights and embeddings included: one entry, (1, 77 * chunks, width)."""
        find = partial(find_embedding, folders=self.folders, key="clip_l")
        tensor, pooled = self.tower.encode(chunks_of(text, find, self.tower.pad, self.rule))
        return (Cond(tensor, {"pooled_output": pooled}),)
