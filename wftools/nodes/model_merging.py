"""Nodes of the category model/merging that merge."""

from typing import Annotated

from wftools.catalog.declare import CLIP, MODEL, Float, node
from wftools.nodes._widgets import Share

Multiplier = Annotated[float, Float(-10.0, 10.0, step=0.01)]


@node("ModelMergeSimple", category="model/merging")
def model_merge_simple(*, model1: MODEL, model2: MODEL, ratio: Share = 1.0) -> MODEL:
    """`ratio` of the first model, and the rest of the second."""
    from wftools.diffusion.merging import mixed

    return mixed(model1, model2, ratio)


@node("ModelMergeBlocks", category="model/merging")
def model_merge_blocks(
    *,
    model1: MODEL,
    model2: MODEL,
    input: Share = 1.0,  # noqa: A002  ComfyUI's name
    middle: Share = 1.0,
    out: Share = 1.0,
) -> MODEL:
    """The same with a ratio for each part of a UNet; what is in none has that of `input`."""
    from wftools.diffusion.merging import mixed_by_blocks

    return mixed_by_blocks(model1, model2, {"input": input, "middle": middle, "out": out})


@node("ModelMergeAdd", category="model/merging")
def model_merge_add(*, model1: MODEL, model2: MODEL) -> MODEL:
    """The sum of two models, of which one mostly is a difference."""
    from wftools.diffusion.merging import added

    return added(model1, model2)


@node("ModelMergeSubtract", category="model/merging")
def model_merge_subtract(*, model1: MODEL, model2: MODEL, multiplier: Multiplier = 1.0) -> MODEL:
    """The difference of two models, times a number."""
    from wftools.diffusion.merging import subtracted

    return subtracted(model1, model2, multiplier)


@node("CLIPMergeSimple", category="model/merging")
def clip_merge_simple(*, clip1: CLIP, clip2: CLIP, ratio: Share = 1.0) -> CLIP:
    """`ratio` of the first text encoders, and the rest of the second ones."""
    from wftools.diffusion.merging import mixed

    return mixed(clip1, clip2, ratio)


@node("CLIPMergeAdd", category="model/merging")
def clip_merge_add(*, clip1: CLIP, clip2: CLIP) -> CLIP:
    """The sum of two models' text encoders."""
    from wftools.diffusion.merging import added

    return added(clip1, clip2)


@node("CLIPMergeSubtract", category="model/merging")
def clip_merge_subtract(*, clip1: CLIP, clip2: CLIP, multiplier: Multiplier = 1.0) -> CLIP:
    """The difference of two models' text encoders, times a number."""
    from wftools.diffusion.merging import subtracted

    return subtracted(clip1, clip2, multiplier)
