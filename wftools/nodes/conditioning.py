"""Nodes of the category model/conditioning."""

from typing import Annotated

from wftools.catalog.declare import CLIP, CONDITIONING, String, node


@node("CLIPTextEncode", category="model/conditioning", display_name="CLIP Text Encode (Prompt)")
def clip_text_encode(*, text: Annotated[str, String(multiline=True, dynamicPrompts=True)], clip: CLIP) -> CONDITIONING:
    """Encode a prompt; `(a cat:1.2)` gives weight to a part of it, `embedding:name` stands for learnt vectors."""
    return clip.encode(text)
