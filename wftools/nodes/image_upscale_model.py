"""Upscale models: the loader, and what makes images larger with one."""

from typing import Annotated

from wftools.catalog.declare import CONTEXT, IMAGE, UPSCALE_MODEL, files, node


@node("UpscaleModelLoader", category="model/loaders", display_name="Load Upscale Model")
def upscale_model_loader(*, model_name: Annotated[str, files("upscale_models")], context: CONTEXT) -> UPSCALE_MODEL:
    """Load a network that makes pictures larger, or restores them."""
    from wftools.diffusion.upscaling import load_upscaler

    return load_upscaler(model_name, context)


@node("ImageUpscaleWithModel", category="image/upscaling", display_name="Upscale Image (using Model)")
def image_upscale_with_model(*, upscale_model: UPSCALE_MODEL, image: IMAGE, context: CONTEXT) -> IMAGE:
    """The images as large as the model makes them."""
    from wftools.diffusion.upscaling import upscaled

    return upscaled(upscale_model, image, context)
