"""Nodes that save models, their parts, and adapters; most are of the category model/merging."""

from typing import Annotated, Literal

from wftools.catalog.declare import (
    BOOLEAN,
    CLIP,
    CLIP_VISION,
    CONTEXT,
    EXTRA_PNGINFO,
    INT,
    LORA_MODEL,
    MODEL,
    OPTIONAL,
    PROMPT,
    STRING,
    VAE,
    Int,
    choice,
    node,
)


@node("CheckpointSave", category="model/merging", display_name="Save Checkpoint", output_node=True)
def checkpoint_save(
    *,
    model: MODEL,
    clip: CLIP,
    vae: VAE,
    filename_prefix: STRING = "checkpoints/ComfyUI",
    prompt: PROMPT = None,
    extra_pnginfo: EXTRA_PNGINFO = None,
    context: CONTEXT,
) -> None:
    """Write a model, its text encoders and its VAE into one file, with all that changed their weights."""
    from wftools.diffusion.saving.models import save_checkpoint

    texts = context.provenance(prompt, extra_pnginfo)
    save_checkpoint(filename_prefix, context, texts, model=model, clip=clip, vae=vae)


@node("ImageOnlyCheckpointSave", category="model/merging", output_node=True)
def image_only_checkpoint_save(
    *,
    model: MODEL,
    clip_vision: CLIP_VISION,
    vae: VAE,
    filename_prefix: STRING = "checkpoints/ComfyUI",
    prompt: PROMPT = None,
    extra_pnginfo: EXTRA_PNGINFO = None,
    context: CONTEXT,
) -> None:
    """Write a model, its encoder of pictures and its VAE into one file."""
    from wftools.diffusion.saving.models import save_checkpoint

    texts = context.provenance(prompt, extra_pnginfo)
    save_checkpoint(filename_prefix, context, texts, model=model, vision=clip_vision, vae=vae)


@node("ModelSave", category="model/merging", output_node=True)
def model_save(
    *,
    model: MODEL,
    filename_prefix: STRING = "diffusion_models/ComfyUI",
    prompt: PROMPT = None,
    extra_pnginfo: EXTRA_PNGINFO = None,
    context: CONTEXT,
) -> None:
    """Write a model without text encoders and VAE."""
    from wftools.diffusion.saving.models import save_checkpoint

    save_checkpoint(filename_prefix, context, context.provenance(prompt, extra_pnginfo), model=model)


@node("CLIPSave", category="model/merging", output_node=True)
def clip_save(
    *,
    clip: CLIP,
    filename_prefix: STRING = "clip/ComfyUI",
    prompt: PROMPT = None,
    extra_pnginfo: EXTRA_PNGINFO = None,
    context: CONTEXT,
) -> None:
    """Write each text encoder into a file of its own."""
    from wftools.diffusion.saving.models import save_clip

    save_clip(filename_prefix, context, context.provenance(prompt, extra_pnginfo), clip)


@node("VAESave", category="model/merging", output_node=True)
def vae_save(
    *,
    vae: VAE,
    filename_prefix: STRING = "vae/ComfyUI_vae",
    prompt: PROMPT = None,
    extra_pnginfo: EXTRA_PNGINFO = None,
    context: CONTEXT,
) -> None:
    """Write a VAE into a file."""
    from wftools.diffusion.saving.models import save_vae

    save_vae(filename_prefix, context, context.provenance(prompt, extra_pnginfo), vae)


@node("SaveLoRA", category="model/merging", display_name="Save LoRA Weights", output_node=True, experimental=True)
def save_lora(
    *,
    lora: LORA_MODEL,
    prefix: STRING = "loras/ComfyUI_trained_lora",
    steps: Annotated[INT | None, OPTIONAL] = None,
    prompt: PROMPT = None,  # noqa: ARG001  as in ComfyUI, the file says nothing of its making
    extra_pnginfo: EXTRA_PNGINFO = None,  # noqa: ARG001
    context: CONTEXT,
) -> None:
    """Write an adapter that was trained into a file, whose name tells for how many steps."""
    from wftools.diffusion.saving.adapters import save_adapter

    save_adapter(prefix, context, lora, steps)


@node("LoraSave", category="experimental", display_name="Extract and Save Lora", output_node=True, experimental=True)
def lora_save(
    *,
    filename_prefix: STRING = "loras/ComfyUI_extracted_lora",
    rank: Annotated[int, Int(1, 4096, step=1)] = 8,
    lora_type: Annotated[Literal["standard", "full_diff"], choice(("standard", "full_diff"))],
    bias_diff: BOOLEAN = True,
    model_diff: Annotated[MODEL | None, OPTIONAL] = None,
    text_encoder_diff: Annotated[CLIP | None, OPTIONAL] = None,
    prompt: PROMPT = None,  # noqa: ARG001  as in ComfyUI, the file says nothing of its making
    extra_pnginfo: EXTRA_PNGINFO = None,  # noqa: ARG001
    context: CONTEXT,
) -> None:
    """Write the difference of two models as an adapter: `ModelMergeSubtract` makes one."""
    from wftools.diffusion.saving.adapters import extract_adapter

    extract_adapter(
        filename_prefix,
        context,
        model=model_diff,
        clip=text_encoder_diff,
        kind=lora_type,
        rank=rank,
        with_biases=bias_diff,
    )
