"""Nodes of the category model/loaders."""

from typing import Annotated, Final

from wftools.catalog.declare import CLIP, CONTEXT, MODEL, OPTIONAL, VAE, choice, files, node
from wftools.errors import RunError
from wftools.weights.families import check_clip_type

PIXEL_SPACE: Final = "pixel_space"

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


@node("CheckpointLoaderSimple", category="model/loaders", display_name="Load Checkpoint")
def checkpoint_loader_simple(
    *, ckpt_name: Annotated[str, files("checkpoints", listed=True)], context: CONTEXT
) -> tuple[MODEL, CLIP, VAE]:
    """Load the diffusion model, the text encoder and the VAE of one file."""
    from wftools.diffusion.checkpoint import load_checkpoint

    return load_checkpoint(ckpt_name, context)


def vae_in_a_file(vae_name: str) -> None:
    """Raise RunError for the choice that is no file."""
    if vae_name == PIXEL_SPACE:
        raise RunError(f"the VAE {PIXEL_SPACE!r} is not implemented in wftools yet", hint="choose a file")


@node("VAELoader", category="model/loaders", display_name="Load VAE", checks={"vae_name": vae_in_a_file})
def vae_loader(
    *, vae_name: Annotated[str, files("vae", listed=True, extra_options=[PIXEL_SPACE])], context: CONTEXT
) -> VAE:
    """Load a VAE from a file of its own."""
    from wftools.diffusion.checkpoint import load_vae

    return load_vae(vae_name, context)


@node("CLIPLoader", category="model/loaders", display_name="Load CLIP", checks={"type": check_clip_type})
def clip_loader(
    *,
    clip_name: Annotated[str, files("text_encoders", listed=True)],
    type: Annotated[str, choice(CLIP_TYPES, listed=True)],  # noqa: A002  ComfyUI's name
    device: Annotated[str | None, choice(("default", "cpu"), listed=True), OPTIONAL] = None,
    context: CONTEXT,
) -> CLIP:
    """Load a text encoder from a file of its own, as the models of `type` use it; on the CPU if `device` says so."""
    from wftools.diffusion.checkpoint import load_clip

    return load_clip(clip_name, type, context, on_cpu=device == "cpu")
