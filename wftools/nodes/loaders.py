"""Nodes of the category model/loaders."""

from typing import Annotated, Final

from wftools.catalog.declare import CLIP, CLIP_VISION, CONTEXT, MODEL, OPTIONAL, VAE, choice, files, node
from wftools.weights.families import check_clip_type

PIXEL_SPACE: Final = "pixel_space"  # no file: the VAE whose latents are pixels

CLIP_TYPES: Final = (
    "stable_diffusion",
    "stable_cascade",
    "sd3",
    "stable_audio",
    "mochi",
    "ltxv",
    "pixart",
    "cosmos",
    "lumina2",
    "wan",
    "hidream",
    "chroma",
    "ace",
    "omnigen2",
    "qwen_image",
    "hunyuan_image",
    "flux2",
    "ovis",
    "longcat_image",
    "cogvideox",
    "lens",
    "pixeldit",
    "ideogram4",
    "boogu",
    "krea2",
    "joyimage",
    "mage",
    "minimax",
)

DUAL_CLIP_TYPES: Final = (
    "sdxl",
    "sd3",
    "flux",
    "hunyuan_video",
    "hidream",
    "hunyuan_image",
    "hunyuan_video_15",
    "kandinsky5",
    "kandinsky5_image",
    "ltxv",
    "newbie",
    "ace",
)

WEIGHT_DTYPES: Final = ("default", "fp8_e4m3fn", "fp8_e4m3fn_fast", "fp8_e5m2")


@node("CheckpointLoaderSimple", category="model/loaders", display_name="Load Checkpoint")
def checkpoint_loader_simple(
    *, ckpt_name: Annotated[str, files("checkpoints", listed=True)], context: CONTEXT
) -> tuple[MODEL, CLIP, VAE]:
    """Load the diffusion model, the text encoder and the VAE of one file."""
    from wftools.diffusion.checkpoint import load_checkpoint

    return load_checkpoint(ckpt_name, context)


@node(
    "CheckpointLoader",
    category="model/loaders",
    display_name="Load Checkpoint With Config (DEPRECATED)",
    deprecated=True,
)
def checkpoint_loader(
    *,
    config_name: Annotated[str, files("configs", listed=True)],
    ckpt_name: Annotated[str, files("checkpoints", listed=True)],
    context: CONTEXT,
) -> tuple[MODEL, CLIP, VAE]:
    """Load a checkpoint as a YAML file describes it: what it predicts, and which layer of CLIP is read."""
    from wftools.diffusion.checkpoint import load_configured

    return load_configured(config_name, ckpt_name, context)


@node("unCLIPCheckpointLoader", category="model/loaders", display_name="Load unCLIP Checkpoint")
def unclip_checkpoint_loader(
    *, ckpt_name: Annotated[str, files("checkpoints", listed=True)], context: CONTEXT
) -> tuple[MODEL, CLIP, VAE, CLIP_VISION]:
    """Load the diffusion model, the text encoder, the VAE and the encoder of pictures of one file."""
    from wftools.diffusion.checkpoint import load_whole_checkpoint

    return load_whole_checkpoint(ckpt_name, context)


@node(
    "ImageOnlyCheckpointLoader",
    category="model/loaders",
    display_name="Load Checkpoint Image Only (img2vid model)",
)
def image_only_checkpoint_loader(
    *, ckpt_name: Annotated[str, files("checkpoints", listed=True)], context: CONTEXT
) -> tuple[MODEL, CLIP_VISION, VAE]:
    """Load the diffusion model, the encoder of pictures and the VAE of one file."""
    from wftools.diffusion.checkpoint import load_whole_checkpoint

    model, _, vae, vision = load_whole_checkpoint(ckpt_name, context)
    return model, vision, vae


@node("CLIPVisionLoader", category="model/loaders", display_name="Load CLIP Vision")
def clip_vision_loader(
    *, clip_name: Annotated[str, files("clip_vision", listed=True)], context: CONTEXT
) -> CLIP_VISION:
    """Load an encoder of pictures from a file of its own."""
    from wftools.diffusion.checkpoint import load_clip_vision

    return load_clip_vision(clip_name, context)


@node("DiffusersLoader", category="model/loaders", display_name="Load Diffusers Model (DEPRECATED)", deprecated=True)
def diffusers_loader(
    *, model_path: Annotated[str, files("diffusers", listed=True)], context: CONTEXT
) -> tuple[MODEL, CLIP, VAE]:
    """Load a model from the folders in which diffusers saves its parts."""
    from wftools.diffusion.checkpoint import load_diffusers

    return load_diffusers(model_path, context)


@node("UNETLoader", category="model/loaders", display_name="Load Diffusion Model")
def unet_loader(
    *,
    unet_name: Annotated[str, files("diffusion_models", listed=True)],
    weight_dtype: Annotated[str, choice(WEIGHT_DTYPES, listed=True)],
    context: CONTEXT,
) -> MODEL:
    """Load a diffusion model from a file of its own, its weights rounded to eight bits if `weight_dtype` says so."""
    from wftools.diffusion.checkpoint import load_diffusion_model

    return load_diffusion_model(unet_name, context, weight_dtype=weight_dtype)


@node("VAELoader", category="model/loaders", display_name="Load VAE")
def vae_loader(
    *, vae_name: Annotated[str, files("vae", listed=True, extra_options=[PIXEL_SPACE])], context: CONTEXT
) -> VAE:
    """Load a VAE from a file of its own; a small approximate one by its name; or pixels as they are."""
    from wftools.diffusion.checkpoint import load_vae

    return load_vae(vae_name, context)


@node("CLIPLoader", category="model/loaders", display_name="Load CLIP")
def clip_loader(
    *,
    clip_name: Annotated[str, files("text_encoders", listed=True)],
    type: Annotated[str, choice(CLIP_TYPES, listed=True)],  # noqa: A002  ComfyUI's name
    device: Annotated[str | None, choice(("default", "cpu"), listed=True), OPTIONAL] = None,
    context: CONTEXT,
) -> CLIP:
    """Load a text encoder from a file of its own, as the models of `type` use it; on the CPU if `device` says so."""
    from wftools.diffusion.checkpoint import load_clip

    return load_clip([clip_name], type, context, on_cpu=device == "cpu")


@node("DualCLIPLoader", category="model/loaders", display_name="Load CLIP (Dual)", checks={"type": check_clip_type})
def dual_clip_loader(
    *,
    clip_name1: Annotated[str, files("text_encoders", listed=True)],
    clip_name2: Annotated[str, files("text_encoders", listed=True)],
    type: Annotated[str, choice(DUAL_CLIP_TYPES, listed=True)],  # noqa: A002  ComfyUI's name
    device: Annotated[str | None, choice(("default", "cpu"), listed=True), OPTIONAL] = None,
    context: CONTEXT,
) -> CLIP:
    """Load two text encoders from files of their own, in either order; on the CPU if `device` says so."""
    from wftools.diffusion.checkpoint import load_clip

    return load_clip([clip_name1, clip_name2], type, context, on_cpu=device == "cpu")
