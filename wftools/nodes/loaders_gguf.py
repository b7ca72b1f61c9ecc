"""Nodes of the pack ComfyUI-GGUF, which load models whose weights are in blocks of few bits.

They load every format of model files, as all loaders do; workflows that were made with the pack name them.
"""

from typing import Annotated, Final

from wftools.catalog.declare import BOOLEAN, CLIP, CONTEXT, MODEL, choice, files, node
from wftools.nodes.loaders import CLIP_TYPES, DUAL_CLIP_TYPES
from wftools.weights.families import check_clip_type

CATEGORY: Final = "bootleg"  # the pack's own word

DTYPES: Final = ("default", "target", "float32", "float16", "bfloat16")

UnetFile = Annotated[str, files("unet_gguf", listed=True)]
ClipFile = Annotated[str, files("clip_gguf", "text_encoders", listed=True)]
Dtype = Annotated[str, choice(DTYPES, listed=True)]


@node("UnetLoaderGGUF", category=CATEGORY, display_name="Unet Loader (GGUF)")
def unet_loader_gguf(*, unet_name: UnetFile, context: CONTEXT) -> MODEL:
    """Load a diffusion model from a file of its own; its weights stay as they are and are decoded layer by layer."""
    from wftools.diffusion.checkpoint import load_diffusion_model

    return load_diffusion_model(unet_name, context, kind="unet_gguf")


@node("UnetLoaderGGUFAdvanced", category=CATEGORY, display_name="Unet Loader (GGUF/Advanced)")
def unet_loader_gguf_advanced(
    *,
    unet_name: UnetFile,
    dequant_dtype: Dtype = "default",
    patch_dtype: Dtype = "default",  # noqa: ARG001  nothing is rounded in between here
    patch_on_device: BOOLEAN = False,  # noqa: ARG001  adapters are where the network computes
    context: CONTEXT,
) -> MODEL:
    """Load a diffusion model from a file of its own, its weights decoded to a precision.

    Weights are decoded in float32 and rounded once, to what is computed in: `dequant_dtype` says where they are rounded
    to less before. What adapters add is never rounded before it is added, whatever `patch_dtype` says.
    """
    from wftools.diffusion.checkpoint import load_diffusion_model

    return load_diffusion_model(unet_name, context, kind="unet_gguf", dequant_dtype=dequant_dtype)


@node("CLIPLoaderGGUF", category=CATEGORY, display_name="CLIPLoader (GGUF)")
def clip_loader_gguf(
    *,
    clip_name: ClipFile,
    type: Annotated[str, choice(CLIP_TYPES, listed=True)],  # noqa: A002  ComfyUI's name
    context: CONTEXT,
) -> CLIP:
    """Load a text encoder from a file of its own, as the models of `type` use it."""
    from wftools.diffusion.checkpoint import load_clip

    return load_clip([clip_name], type, context, kind="clip_gguf")


@node("DualCLIPLoaderGGUF", category=CATEGORY, display_name="DualCLIPLoader (GGUF)", checks={"type": check_clip_type})
def dual_clip_loader_gguf(
    *,
    clip_name1: ClipFile,
    clip_name2: ClipFile,
    type: Annotated[str, choice(DUAL_CLIP_TYPES, listed=True)],  # noqa: A002  ComfyUI's name
    context: CONTEXT,
) -> CLIP:
    """Load two text encoders from files of their own, in either order."""
    from wftools.diffusion.checkpoint import load_clip

    return load_clip([clip_name1, clip_name2], type, context, kind="clip_gguf")
