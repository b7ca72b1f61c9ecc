"""CLIP as Stable Diffusion 1 uses it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from wftools.diffusion.loading import load
from wftools.diffusion.networks.clip_text import ClipText
from wftools.diffusion.text.embeddings import find_embedding
from wftools.diffusion.text.prompt import chunks_of
from wftools.diffusion.text.tokenizer import END
from wftools.diffusion.text.tower import Tower
from wftools.values import Cond, Conditioning

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wftools.context import Context
    from wftools.diffusion.text.tokenizer import Rule
    from wftools.folders import Folders
    from wftools.weights.networks import Part
    from wftools.weights.networks.clip_text import ClipTextConfig


def clip_l(texts: Mapping[str, Part[ClipTextConfig]], context: Context) -> ClipL:
    """The text encoder in a file as Stable Diffusion 1 uses it."""
    return ClipL(Tower(load(ClipText, texts["clip_l"], context.placement), END, context.placement), context.folders)


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
        return (Cond(tensor, pooled),)
