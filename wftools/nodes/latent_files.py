"""Nodes of the category "model/latent" that read and write files."""

from typing import Annotated

from wftools.catalog.declare import CONTEXT, EXTRA_PNGINFO, LATENT, PROMPT, STRING, files, node
from wftools.nodes._files import content_of


@node("SaveLatent", category="model/latent", display_name="Save Latent", output_node=True, outputs=("samples",))
def save_latent(
    *,
    samples: LATENT,
    filename_prefix: STRING = "latents/ComfyUI",
    prompt: PROMPT = None,
    extra_pnginfo: EXTRA_PNGINFO = None,
    context: CONTEXT,
) -> LATENT:
    """Write the latents into one file, from which LoadLatent takes them. Returns the latents."""
    from wftools.diffusion.latent_files import save

    context.write(filename_prefix, "_.latent", [save(samples, context.provenance(prompt, extra_pnginfo))])
    return samples


@node("LoadLatent", category="model/latent", display_name="Load Latent", changed=content_of("latent"))
def load_latent(*, latent: Annotated[str, files("input:latent", listed=True)], context: CONTEXT) -> LATENT:
    """The latents of a file in the input folder."""
    from wftools.diffusion.latent_files import load

    return load(context.folders.file(latent))
