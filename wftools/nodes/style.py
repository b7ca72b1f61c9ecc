"""The nodes of style models."""

from typing import Annotated

from wftools.catalog.declare import (
    CLIP_VISION_OUTPUT,
    CONDITIONING,
    CONTEXT,
    STYLE_MODEL,
    Float,
    choice,
    files,
    node,
)


@node("StyleModelLoader", category="model/loaders", display_name="Load Style Model")
def style_model_loader(
    *, style_model_name: Annotated[str, files("style_models", listed=True)], context: CONTEXT
) -> STYLE_MODEL:
    """Load a network that says what pictures are like."""
    from wftools.diffusion.control.style import load_style_model

    return load_style_model(style_model_name, context)


@node("StyleModelApply", category="model/conditioning", display_name="Apply Style Model")
def style_model_apply(
    *,
    conditioning: CONDITIONING,
    style_model: STYLE_MODEL,
    clip_vision_output: CLIP_VISION_OUTPUT,
    strength: Annotated[float, Float(0.0, 10.0, step=0.001)] = 1.0,
    strength_type: Annotated[str, choice(("multiply", "attn_bias"), listed=True)],
) -> CONDITIONING:
    """Have a prompt followed by what a picture is like: the more so the larger `strength` is."""
    from wftools.diffusion.control.style import styled

    return styled(conditioning, style_model, clip_vision_output, strength, biases=strength_type == "attn_bias")
