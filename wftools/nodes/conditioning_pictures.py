"""Nodes that show a picture to the model: "model/conditioning", and categories below it that are named for models."""

from typing import Annotated

from wftools.catalog.declare import (
    BOOLEAN,
    CLIP_VISION,
    CLIP_VISION_OUTPUT,
    CONDITIONING,
    IMAGE,
    LATENT,
    MASK,
    VAE,
    Float,
    Int,
    choice,
    node,
)
from wftools.memory import make_room
from wftools.nodes._widgets import MAX_RESOLUTION, Count
from wftools.values import Cond, Latent

Side = Annotated[int, Int(16, MAX_RESOLUTION, step=8)]
Angle = Annotated[float, Float(-180.0, 180.0, step=0.1)]


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


@node("CLIPVisionEncode", category="model/conditioning", display_name="CLIP Vision Encode")
def clip_vision_encode(
    *, clip_vision: CLIP_VISION, image: IMAGE, crop: Annotated[str, choice(("center", "none"), listed=True)]
) -> CLIP_VISION_OUTPUT:
    """What is seen in pictures: in their middle, or in all of them."""
    return clip_vision.encode(image, crop)


@node("unCLIPConditioning", category="model/conditioning")
def unclip_conditioning(
    *,
    conditioning: CONDITIONING,
    clip_vision_output: CLIP_VISION_OUTPUT,
    strength: Annotated[float, Float(-10.0, 10.0, step=0.01)] = 1.0,
    noise_augmentation: Annotated[float, Float(0.0, 1.0, step=0.01)] = 0.0,
) -> CONDITIONING:
    """Have a picture say what is to be made, beside the text; with noise it says less."""
    from wftools.diffusion.unclip import ShownPicture

    if strength == 0:
        return conditioning
    more = ShownPicture(clip_vision_output, strength, noise_augmentation)
    before = [cond.extras.get("unclip_conditioning", ()) for cond in conditioning]
    return tuple(
        cond.with_extras(unclip_conditioning=(*pictures, more))
        for cond, pictures in zip(conditioning, before, strict=True)
    )


@node(
    "StableZero123_Conditioning",
    category="model/conditioning/stable zero123",
    outputs=("positive", "negative", "latent"),
)
def stable_zero123_conditioning(
    *,
    clip_vision: CLIP_VISION,
    init_image: IMAGE,
    vae: VAE,
    width: Side = 256,
    height: Side = 256,
    batch_size: Count = 1,
    elevation: Angle = 0.0,
    azimuth: Angle = 0.0,
) -> tuple[CONDITIONING, CONDITIONING, LATENT]:
    """Show a picture to Stable Zero123, and say how far the camera moves from it, in degrees."""
    from wftools.diffusion.cameras import first_picture, placed

    seen, shown = first_picture(clip_vision, vae, init_image, width, height)
    return (
        (Cond(placed(seen, [(elevation, azimuth)]), extras={"concat_latent_image": shown}),),
        (Cond(seen * 0, extras={"concat_latent_image": shown * 0}),),
        _empty(batch_size, height, width),
    )


@node(
    "StableZero123_Conditioning_Batched",
    category="model/conditioning/stable zero123",
    outputs=("positive", "negative", "latent"),
)
def stable_zero123_conditioning_batched(
    *,
    clip_vision: CLIP_VISION,
    init_image: IMAGE,
    vae: VAE,
    width: Side = 256,
    height: Side = 256,
    batch_size: Count = 1,
    elevation: Angle = 0.0,
    azimuth: Angle = 0.0,
    elevation_batch_increment: Angle = 0.0,
    azimuth_batch_increment: Angle = 0.0,
) -> tuple[CONDITIONING, CONDITIONING, LATENT]:
    """The same with a camera that moves on from picture to picture, all with the same noise."""
    from wftools.diffusion.cameras import first_picture, moving, placed

    seen, shown = first_picture(clip_vision, vae, init_image, width, height)
    path = moving((elevation, azimuth), (elevation_batch_increment, azimuth_batch_increment), batch_size)
    latent = _empty(batch_size, height, width)
    return (
        (Cond(placed(seen, path), extras={"concat_latent_image": shown}),),
        (Cond(seen * 0, extras={"concat_latent_image": shown * 0}),),
        Latent(latent.samples, batch_index=(0,) * batch_size),
    )


@node("SV3D_Conditioning", category="model/conditioning/stable video 3d", outputs=("positive", "negative", "latent"))
def sv3d_conditioning(
    *,
    clip_vision: CLIP_VISION,
    init_image: IMAGE,
    vae: VAE,
    width: Side = 576,
    height: Side = 576,
    video_frames: Count = 21,
    elevation: Annotated[float, Float(-90.0, 90.0, step=0.1)] = 0.0,
) -> tuple[CONDITIONING, CONDITIONING, LATENT]:
    """Show a picture to Stable Video 3D, around which the camera goes once, at that height in degrees."""
    from wftools.diffusion.cameras import first_picture, moving

    seen, shown = first_picture(clip_vision, vae, init_image, width, height)
    path = moving((elevation, 0), (0.0, 360 / (max(video_frames, 2) - 1)), video_frames)
    said = {"elevation": [height for height, _ in path], "azimuth": [around for _, around in path]}
    return (
        (Cond(seen, extras={"concat_latent_image": shown, **said}),),
        (Cond(seen * 0, extras={"concat_latent_image": shown * 0, **said}),),
        _empty(video_frames, height, width),
    )


@node(
    "SVD_img2vid_Conditioning", category="model/conditioning/stable video", outputs=("positive", "negative", "latent")
)
def svd_img2vid_conditioning(
    *,
    clip_vision: CLIP_VISION,
    init_image: IMAGE,
    vae: VAE,
    width: Side = 1024,
    height: Side = 576,
    video_frames: Count = 14,
    motion_bucket_id: Annotated[int, Int(1, 1023)] = 127,
    fps: Annotated[int, Int(1, 1024)] = 6,
    augmentation_level: Annotated[float, Float(0.0, 10.0, step=0.01)] = 0.0,
) -> tuple[CONDITIONING, CONDITIONING, LATENT]:
    """Show Stable Video Diffusion the first picture of a video, and say how fast and how much things move.

    The noise of `augmentation_level` has no seed, in ComfyUI neither.
    """
    from wftools.diffusion.cameras import first_picture

    seen, shown = first_picture(clip_vision, vae, init_image, width, height, noise=augmentation_level)
    said = {"motion_bucket_id": motion_bucket_id, "fps": fps, "augmentation_level": augmentation_level}
    return (
        (Cond(seen, extras={**said, "concat_latent_image": shown}),),
        (Cond(seen * 0, extras={**said, "concat_latent_image": shown * 0}),),
        _empty(video_frames, height, width),
    )


@node(
    "SD_4XUpscale_Conditioning",
    category="model/conditioning/stable diffusion upscaler",
    outputs=("positive", "negative", "latent"),
)
def sd_4x_upscale_conditioning(
    *,
    images: IMAGE,
    positive: CONDITIONING,
    negative: CONDITIONING,
    scale_ratio: Annotated[float, Float(0.0, 10.0, step=0.01)] = 4.0,
    noise_augmentation: Annotated[float, Float(0.0, 1.0, step=0.001)] = 0.0,
) -> tuple[CONDITIONING, CONDITIONING, LATENT]:
    """Show the upscaler the small pictures, with noise that makes it freer, and say how much larger they shall be."""
    from wftools.imaging.resample import resample

    height, width = (max(1, round(side * scale_ratio)) // 4 for side in images.shape[1:3])
    small = resample(images.movedim(-1, 1) * 2.0 - 1.0, width, height, "bilinear", crop="center")
    said = {"concat_image": small, "noise_augmentation": noise_augmentation}
    return (
        tuple(cond.with_extras(**said) for cond in positive),
        tuple(cond.with_extras(**said) for cond in negative),
        _empty(len(images), 8 * height, 8 * width),
    )


def _empty(count: int, height: int, width: int) -> Latent:
    """Zero latents for pictures of that size."""
    import torch

    make_room("the latents", count, 4, height // 8, width // 8)
    return Latent(torch.zeros(count, 4, height // 8, width // 8))
