"""Nodes of the category "model/conditioning/stable diffusion"."""

from typing import Annotated

from wftools.catalog.declare import CLIP, CONDITIONING, Float, Int, String, node
from wftools.context import Context
from wftools.nodes._widgets import MAX_RESOLUTION
from wftools.nodes.conditioning import embedding_files

Prompt = Annotated[str, String(multiline=True, dynamicPrompts=True)]
Side = Annotated[int, Int(0, MAX_RESOLUTION)]


def embedding_files_of_both(
    *, text_g: str | None = None, text_l: str | None = None, context: Context, **_: object
) -> object:
    """What tells the embeddings of both prompts from their later versions."""
    return [embedding_files(text=text, context=context) for text in (text_g, text_l)]


def embedding_files_of_one(*, text: str | None = None, context: Context, **_: object) -> object:
    """The same for one prompt."""
    return embedding_files(text=text, context=context)


@node(
    "CLIPTextEncodeSDXL",
    category="model/conditioning/stable diffusion",
    display_name="CLIP Text Encode (SDXL)",
    changed=embedding_files_of_both,
)
def clip_text_encode_sdxl(
    *,
    clip: CLIP,
    width: Side = 1024,
    height: Side = 1024,
    crop_w: Side = 0,
    crop_h: Side = 0,
    target_width: Side = 1024,
    target_height: Side = 1024,
    text_g: Prompt,
    text_l: Prompt,
) -> CONDITIONING:
    """Encode a prompt for each of the two text encoders, and say which size the picture had, and where it was cut."""
    from wftools.diffusion.text.clip import side_by_side

    return tuple(
        cond.with_extras(
            width=width,
            height=height,
            crop_w=crop_w,
            crop_h=crop_h,
            target_width=target_width,
            target_height=target_height,
        )
        for cond in clip.encode(side_by_side(clip, clip_g=text_g, clip_l=text_l))
    )


@node(
    "CLIPTextEncodeSDXLRefiner",
    category="model/conditioning/stable diffusion",
    display_name="CLIP Text Encode (SDXL Refiner)",
    changed=embedding_files_of_one,
)
def clip_text_encode_sdxl_refiner(
    *,
    ascore: Annotated[float, Float(0.0, 1000.0, step=0.01)] = 6.0,
    width: Side = 1024,
    height: Side = 1024,
    text: Prompt,
    clip: CLIP,
) -> CONDITIONING:
    """Encode a prompt, and say which size the picture had, and how it is liked, from 1 to 10."""
    conditioning = clip.encode(clip.tokenised(text))
    return tuple(cond.with_extras(aesthetic_score=ascore, width=width, height=height) for cond in conditioning)
