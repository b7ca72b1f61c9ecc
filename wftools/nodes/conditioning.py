"""Nodes of the category model/conditioning."""

from dataclasses import replace
from typing import Annotated

from wftools.catalog.declare import CLIP, CONDITIONING, Int, String, node
from wftools.context import Context

Tokens = Annotated[int, Int(0, 10_000, step=1)]


def embedding_files(*, text: str | None = None, context: Context) -> object:
    """What tells the embeddings that a prompt names from their later versions; all of them, if the prompt is linked."""
    from wftools.diffusion.text.embeddings import versions

    return versions(text, context.folders)


@node(
    "CLIPTextEncode",
    category="model/conditioning",
    display_name="CLIP Text Encode (Prompt)",
    changed=embedding_files,
)
def clip_text_encode(*, text: Annotated[str, String(multiline=True, dynamicPrompts=True)], clip: CLIP) -> CONDITIONING:
    """Encode a prompt; `(a cat:1.2)` gives weight to a part of it, `embedding:name` stands for learnt vectors."""
    return clip.encode(clip.tokenised(text))


@node("CLIPSetLastLayer", category="model/conditioning", display_name="CLIP Set Last Layer")
def clip_set_last_layer(*, clip: CLIP, stop_at_clip_layer: Annotated[int, Int(-24, -1, step=1)] = -1) -> CLIP:
    """Take the conditioning from an earlier layer of the text encoder, counted from the last."""
    return clip.with_options(replace(clip.options, layer=stop_at_clip_layer))


@node("T5TokenizerOptions", category="model/conditioning", display_name="T5 Tokenizer Options", experimental=True)
def t5_tokenizer_options(*, clip: CLIP, min_padding: Tokens = 0, min_length: Tokens = 0) -> CLIP:
    """How long prompts are at least for text encoders of T5's kind; others pay no attention to it."""
    return clip.with_options(replace(clip.options, t5_min_padding=min_padding, t5_min_length=min_length))
