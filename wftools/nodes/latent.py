"""Nodes of the category model/latent."""

from typing import Annotated

from wftools.catalog.declare import IMAGE, LATENT, MASK, VAE, Int, node
from wftools.memory import make_room
from wftools.nodes._widgets import MAX_RESOLUTION, Count
from wftools.values import Latent

PixelsOfLatent = Annotated[int, Int(16, MAX_RESOLUTION, step=8)]


@node("EmptyLatentImage", category="model/latent", display_name="Empty Latent Image")
def empty_latent_image(*, width: PixelsOfLatent = 512, height: PixelsOfLatent = 512, batch_size: Count = 1) -> LATENT:
    """Zero latents: the blank canvas that a sampler denoises.

    Returns samples of shape (batch_size, 4, height // 8, width // 8), float32.
    """
    import torch

    make_room("the latents", batch_size, 4, height // 8, width // 8)
    return Latent(torch.zeros(batch_size, 4, height // 8, width // 8), downscale_ratio_spacial=8)


@node("VAEDecode", category="model/latent", display_name="VAE Decode")
def vae_decode(*, samples: LATENT, vae: VAE) -> IMAGE:
    """Turn latents into pictures."""
    return vae.decode(samples.samples)


@node("VAEEncode", category="model/latent", display_name="VAE Encode")
def vae_encode(*, pixels: IMAGE, vae: VAE) -> LATENT:
    """Turn pictures into latents."""
    return Latent(vae.encode(pixels))


@node("VAEEncodeForInpaint", category="model/latent", display_name="VAE Encode (for Inpainting)")
def vae_encode_for_inpaint(
    *, pixels: IMAGE, vae: VAE, mask: MASK, grow_mask_by: Annotated[int, Int(0, 64, step=1)] = 6
) -> LATENT:
    """Turn pictures into latents, grey where they are masked; the sampler may change that, and a little around it."""
    from wftools.diffusion.inpainting import fitted, greyed, grown

    cut, mask = fitted(pixels, mask)
    return Latent(vae.encode(greyed(cut, mask)), noise_mask=grown(mask, grow_mask_by))
