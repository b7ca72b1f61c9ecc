"""Nodes that show a picture to the model: "model/conditioning", and categories below it that are named for models."""

from wftools.catalog.declare import BOOLEAN, CONDITIONING, IMAGE, LATENT, MASK, VAE, node
from wftools.values import Latent


@node("InpaintModelConditioning", category="model/conditioning", outputs=("positive", "negative", "latent"))
def inpaint_model_conditioning(
    *,
    positive: CONDITIONING,
    negative: CONDITIONING,
    vae: VAE,
    pixels: IMAGE,
    mask: MASK,
    noise_mask: BOOLEAN = True,
) -> tuple[CONDITIONING, CONDITIONING, LATENT]:
    """Show an inpainting model the picture without what is masked; the latent is that of the whole picture.

    With `noise_mask` only what is masked is sampled.
    """
    from wftools.diffusion.inpainting import fitted, greyed

    cut, mask = fitted(pixels, mask)
    shown = {"concat_latent_image": vae.encode(greyed(cut, mask)), "concat_mask": mask}
    latent = Latent(vae.encode(pixels), noise_mask=mask if noise_mask else None)
    return (
        tuple(cond.with_extras(**shown) for cond in positive),
        tuple(cond.with_extras(**shown) for cond in negative),
        latent,
    )


@node(
    "InstructPixToPixConditioning",
    category="model/conditioning/instructpix2pix",
    outputs=("positive", "negative", "latent"),
)
def instruct_pix_to_pix_conditioning(
    *, positive: CONDITIONING, negative: CONDITIONING, vae: VAE, pixels: IMAGE
) -> tuple[CONDITIONING, CONDITIONING, LATENT]:
    """Show a model that follows instructions the picture to change; the latent is empty, of the picture's size."""
    import torch

    shown = vae.encode(pixels)
    return (
        tuple(cond.with_extras(concat_latent_image=shown) for cond in positive),
        tuple(cond.with_extras(concat_latent_image=shown) for cond in negative),
        Latent(torch.zeros_like(shown)),
    )
