"""Nodes of the category model/conditioning/controlnet, and the loaders of control networks."""

from dataclasses import replace
from typing import Annotated, Final

from wftools.catalog.declare import (
    CLIP,
    CONDITIONING,
    CONTEXT,
    CONTROL_NET,
    IMAGE,
    MASK,
    MODEL,
    OPTIONAL,
    VAE,
    Float,
    String,
    choice,
    files,
    node,
)
from wftools.nodes.conditioning import embedding_files
from wftools.values import Hint

Percent = Annotated[float, Float(0.0, 1.0, step=0.001)]
Strength = Annotated[float, Float(0.0, 10.0, step=0.01)]

# What pictures may show to a network that knows several kinds, which it numbers in this order.
UNION_TYPES: Final = (
    "openpose",
    "depth",
    "hed/pidi/scribble/ted",
    "canny/lineart/anime_lineart/mlsd",
    "normal",
    "segment",
    "tile",
    "repaint",
)


@node("ControlNetLoader", category="model/loaders", display_name="Load ControlNet Model")
def control_net_loader(
    *, control_net_name: Annotated[str, files("controlnet", listed=True)], context: CONTEXT
) -> CONTROL_NET:
    """Load a control network, or an adapter that does the same."""
    from wftools.diffusion.control.loading import load_control_net

    return load_control_net(control_net_name, context)


@node("DiffControlNetLoader", category="model/loaders", display_name="Load ControlNet Model (diff)")
def diff_control_net_loader(
    *, model: MODEL, control_net_name: Annotated[str, files("controlnet", listed=True)], context: CONTEXT
) -> CONTROL_NET:
    """Load a control network; one that is stored as a difference is added to the weights of `model`."""
    from wftools.diffusion.control.loading import load_control_net

    return load_control_net(control_net_name, context, model)


@node("SetUnionControlNetType", category="model/conditioning/controlnet", display_name="Set Union ControlNet Type")
def set_union_control_net_type(
    *,
    control_net: CONTROL_NET,
    type: Annotated[str, choice(("auto", *UNION_TYPES))],  # noqa: A002  ComfyUI's name
) -> CONTROL_NET:
    """Tell a control network that knows several kinds of pictures which it is shown; with "auto" it is not told."""
    return control_net.with_type(UNION_TYPES.index(type) if type in UNION_TYPES else None)


@node(
    "ControlNetApply",
    category="model/conditioning/controlnet",
    display_name="Apply ControlNet (DEPRECATED)",
    deprecated=True,
)
def control_net_apply(
    *, conditioning: CONDITIONING, control_net: CONTROL_NET, image: IMAGE, strength: Strength = 1.0
) -> CONDITIONING:
    """Control what is made by a picture; the negative side is controlled alike where nothing else controls it."""
    from wftools.diffusion.control import shown_to

    (controlled,) = shown_to([conditioning], control_net, Hint(image), strength=strength)
    if strength == 0:
        return controlled
    return tuple(replace(cond, control_apply_to_uncond=True) for cond in controlled)


@node(
    "ControlNetApplyAdvanced",
    category="model/conditioning/controlnet",
    display_name="Apply ControlNet",
    outputs=("positive", "negative"),
)
def control_net_apply_advanced(
    *,
    positive: CONDITIONING,
    negative: CONDITIONING,
    control_net: CONTROL_NET,
    image: IMAGE,
    strength: Strength = 1.0,
    start_percent: Percent = 0.0,
    end_percent: Percent = 1.0,
    vae: Annotated[VAE | None, OPTIONAL] = None,
) -> tuple[CONDITIONING, CONDITIONING]:
    """Control what is made by a picture, on a part of the way from noise to picture."""
    from wftools.diffusion.control import shown_to

    hint = Hint(image, vae)
    both = [positive, negative]
    positive, negative = shown_to(both, control_net, hint, strength=strength, start=start_percent, end=end_percent)
    return positive, negative


@node(
    "ControlNetApplySD3",
    category="model/conditioning/controlnet",
    display_name="Apply Controlnet with VAE",
    deprecated=True,
    outputs=("positive", "negative"),
)
def control_net_apply_sd3(
    *,
    positive: CONDITIONING,
    negative: CONDITIONING,
    control_net: CONTROL_NET,
    vae: VAE,
    image: IMAGE,
    strength: Strength = 1.0,
    start_percent: Percent = 0.0,
    end_percent: Percent = 1.0,
) -> tuple[CONDITIONING, CONDITIONING]:
    """The same as ControlNetApplyAdvanced."""
    return control_net_apply_advanced(
        positive=positive,
        negative=negative,
        control_net=control_net,
        image=image,
        strength=strength,
        start_percent=start_percent,
        end_percent=end_percent,
        vae=vae,
    )


@node(
    "ControlNetInpaintingAliMamaApply",
    category="model/conditioning/controlnet",
    display_name="Apply ControlNet Inpainting (AliMama)",
    outputs=("positive", "negative"),
)
def control_net_inpainting_alimama_apply(
    *,
    positive: CONDITIONING,
    negative: CONDITIONING,
    control_net: CONTROL_NET,
    vae: VAE,
    image: IMAGE,
    mask: MASK,
    strength: Strength = 1.0,
    start_percent: Percent = 0.0,
    end_percent: Percent = 1.0,
) -> tuple[CONDITIONING, CONDITIONING]:
    """Control what is made by a picture whose masked part is to be painted; networks that see no mask ignore it."""
    from wftools.diffusion.control import shown_to

    hint = Hint(image, vae, mask)
    both = [positive, negative]
    positive, negative = shown_to(both, control_net, hint, strength=strength, start=start_percent, end=end_percent)
    return positive, negative


@node(
    "CLIPTextEncodeControlnet",
    category="model/conditioning",
    display_name="CLIP Text Encode (Controlnet)",
    experimental=True,
    changed=embedding_files,
)
def clip_text_encode_controlnet(
    *, clip: CLIP, conditioning: CONDITIONING, text: Annotated[str, String(multiline=True, dynamicPrompts=True)]
) -> CONDITIONING:
    """Another prompt for control networks, which the model does not attend to."""
    said, *_ = clip.encode(clip.tokenised(text))
    told = {"cross_attn_controlnet": said.tensor, "pooled_output_controlnet": said.pooled_output}
    return tuple(replace(cond, extras={**cond.extras, **told}) for cond in conditioning)
