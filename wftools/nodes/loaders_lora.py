"""Nodes of the category model/loaders that load adapters: LoRA and its kin."""

from typing import Annotated

from wftools.catalog.declare import BOOLEAN, CLIP, CONTEXT, LORA_MODEL, MODEL, Float, files, node

LoraFile = Annotated[str, files("loras", listed=True)]
Strength = Annotated[float, Float(-100.0, 100.0, step=0.01)]


@node("LoraLoader", category="model/loaders", display_name="Load LoRA (Model and CLIP)")
def lora_loader(
    *,
    model: MODEL,
    clip: CLIP,
    lora_name: LoraFile,
    strength_model: Strength = 1.0,
    strength_clip: Strength = 1.0,
    context: CONTEXT,
) -> tuple[MODEL, CLIP]:
    """Change a model and its text encoders by an adapter, each as strongly as is said."""
    from wftools.diffusion.adapters.loading import load_for_both

    return load_for_both(lora_name, context, (model, clip), (strength_model, strength_clip))


@node("LoraLoaderModelOnly", category="model/loaders", display_name="Load LoRA")
def lora_loader_model_only(
    *, model: MODEL, lora_name: LoraFile, strength_model: Strength = 1.0, context: CONTEXT
) -> MODEL:
    """Change a model by an adapter, as strongly as is said."""
    from wftools.diffusion.adapters.loading import load_for_model

    return load_for_model(lora_name, context, model, strength_model)


@node(
    "LoraLoaderBypass",
    category="model/loaders",
    display_name="Load LoRA (Bypass) (For debugging)",
    experimental=True,
)
def lora_loader_bypass(
    *,
    model: MODEL,
    clip: CLIP,
    lora_name: LoraFile,
    strength_model: Strength = 1.0,
    strength_clip: Strength = 1.0,
    context: CONTEXT,
) -> tuple[MODEL, CLIP]:
    """Let an adapter compute beside the layers of a model and its text encoders, in place of another that does so."""
    from wftools.diffusion.adapters.loading import load_for_both

    return load_for_both(lora_name, context, (model, clip), (strength_model, strength_clip), way="bypassed")


@node(
    "LoraLoaderBypassModelOnly",
    category="model/loaders",
    display_name="Load LoRA (Bypass, Model Only) (for debugging)",
    experimental=True,
)
def lora_loader_bypass_model_only(
    *, model: MODEL, lora_name: LoraFile, strength_model: Strength = 1.0, context: CONTEXT
) -> MODEL:
    """Let an adapter compute beside the layers of a model, in place of another that does so."""
    from wftools.diffusion.adapters.loading import load_for_model

    return load_for_model(lora_name, context, model, strength_model, way="bypassed")


@node(
    "LoraModelLoader",
    category="model/loaders",
    display_name="Load LoRA Model",
    experimental=True,
    outputs=("model",),
)
def lora_model_loader(
    *,
    model: MODEL,
    lora: LORA_MODEL,
    strength_model: Annotated[float, Float(-100.0, 100.0)] = 1.0,
    bypass: BOOLEAN = False,
) -> MODEL:
    """Change a model by an adapter that was just trained, or let that compute beside the model's layers."""
    from wftools.diffusion.adapters.loading import with_adapters

    return with_adapters(model, lora, strength_model, way="bypassed" if bypass else "adapted")
