"""Nodes of the category model/latent."""

from typing import Annotated

from wftools.catalog.declare import IMAGE, LATENT, MASK, VAE, Int, node
from wftools.memory import make_room
from wftools.nodes._widgets import MAX_RESOLUTION, Count
from wftools.values import Latent

PixelsOfLatent = Annotated[int, Int(16, MAX_RESOLUTION, step=8)]
Overlap = Annotated[int, Int(0, 4096, step=32)]
TemporalSize = Annotated[int, Int(8, 4096, step=4)]
TemporalOverlap = Annotated[int, Int(4, 4096, step=4)]


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


@node("VAEDecodeTiled", category="model/latent", display_name="VAE Decode (Tiled)")
def vae_decode_tiled(
    *,
    samples: LATENT,
    vae: VAE,
    tile_size: Annotated[int, Int(64, 4096, step=32)] = 512,
    overlap: Overlap = 64,
    temporal_size: TemporalSize = 64,  # noqa: ARG001  # of videos
    temporal_overlap: TemporalOverlap = 8,  # noqa: ARG001
) -> IMAGE:
    """Turn latents into pictures tile by tile, which needs less memory; sizes are in pixels."""
    overlap = overlap if tile_size >= 4 * overlap else tile_size // 4
    return vae.decode_tiled(samples.samples, tile_size // vae.ratio, overlap // vae.ratio)


@node("VAEEncodeTiled", category="model/latent", display_name="VAE Encode (Tiled)")
def vae_encode_tiled(
    *,
    pixels: IMAGE,
    vae: VAE,
    tile_size: Annotated[int, Int(64, 4096, step=64)] = 512,
    overlap: Overlap = 64,
    temporal_size: TemporalSize = 64,  # noqa: ARG001  # of videos
    temporal_overlap: TemporalOverlap = 8,  # noqa: ARG001
) -> LATENT:
    """Turn pictures into latents tile by tile, which needs less memory; sizes are in pixels."""
    return Latent(vae.encode_tiled(pixels, tile_size, overlap))


@node("VAEEncodeForInpaint", category="model/latent", display_name="VAE Encode (for Inpainting)")
def vae_encode_for_inpaint(
    *, pixels: IMAGE, vae: VAE, mask: MASK, grow_mask_by: Annotated[int, Int(0, 64, step=1)] = 6
) -> LATENT:
    """Turn pictures into latents, grey where they are masked; the sampler may change that, and a little around it."""
    from wftools.diffusion.inpainting import fitted, greyed, grown

    cut, mask = fitted(pixels, mask)
    return Latent(vae.encode(greyed(cut, mask)), noise_mask=grown(mask, grow_mask_by))
