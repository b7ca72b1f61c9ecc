"""Nodes of the category model/training that make, sort, keep and bring data sets."""

from typing import Annotated, Any, cast

from wftools.catalog.declare import (
    CLIP,
    CONDITIONING,
    CONTEXT,
    EXTRA_PNGINFO,
    IMAGE,
    IS_LIST,
    LATENT,
    OPTIONAL,
    PROMPT,
    STRING,
    VAE,
    Int,
    Socket,
    String,
    files,
    node,
)
from wftools.values import Conditioning, Latent

Latents = Annotated[list[Latent], Socket("LATENT"), IS_LIST]
Conditionings = Annotated[list[Conditioning], Socket("CONDITIONING"), IS_LIST]


def each(values: object) -> list[Any]:
    """The values of an input of a node that is given lists."""
    return cast("list[Any]", values)


@node(
    "ResolutionBucket",
    category="model/training",
    display_name="Resolution Bucket",
    experimental=True,
    is_input_list=True,
    outputs=("latents", "conditioning"),
)
def resolution_bucket(*, latents: LATENT, conditioning: CONDITIONING) -> tuple[Latents, Conditionings]:
    """Put latents of one size into a batch, with what each is a picture of."""
    from wftools.diffusion.training.datasets import bucketed

    return bucketed(each(latents), each(conditioning))


@node(
    "MakeTrainingDataset",
    category="model/training",
    display_name="Make Training Dataset",
    experimental=True,
    is_input_list=True,
    outputs=("latents", "conditioning"),
)
def make_training_dataset(
    *, images: IMAGE, vae: VAE, clip: CLIP, texts: Annotated[str | None, String(forceInput=True), OPTIONAL] = None
) -> tuple[Latents, Conditionings]:
    """Encode pictures and their captions, of which one may be for all."""
    from wftools.diffusion.training.datasets import encoded

    return encoded(each(images), each(texts or []), each(vae)[0], each(clip)[0])


@node(
    "SaveTrainingDataset",
    category="model/training",
    display_name="Save Training Dataset",
    experimental=True,
    is_input_list=True,
    output_node=True,
)
def save_training_dataset(
    *,
    latents: LATENT,
    conditioning: CONDITIONING,
    folder_name: STRING = "training_dataset",
    shard_size: Annotated[int, Int(1, 100000)] = 1000,
    prompt: PROMPT = None,  # noqa: ARG001  as in ComfyUI, the files say nothing of their making
    extra_pnginfo: EXTRA_PNGINFO = None,  # noqa: ARG001
    context: CONTEXT,
) -> None:
    """Write a data set into a folder of that name."""
    from wftools.diffusion.training.datasets import save

    save(each(folder_name)[0], each(latents), each(conditioning), each(shard_size)[0], context)


@node(
    "LoadTrainingDataset",
    category="model/training",
    display_name="Load Training Dataset",
    experimental=True,
    outputs=("latents", "conditioning"),
)
def load_training_dataset(
    *, folder_name: Annotated[str, files("output:subfolders")], context: CONTEXT
) -> tuple[Latents, Conditionings]:
    """Read a data set that SaveTrainingDataset wrote."""
    from wftools.diffusion.training.datasets import load

    return load(folder_name, context)
