"""Nodes of the category model/patch/unet."""

from typing import Annotated, Final

from wftools.catalog.declare import BOOLEAN, MODEL, Float, Int, choice, node
from wftools.nodes._widgets import Share

RESAMPLING: Final = ("bicubic", "nearest-exact", "bilinear", "area", "bislerp")

Factor = Annotated[float, Float(0.0, 10.0, step=0.01)]
Percent = Annotated[float, Float(0.0, 1.0, step=0.001)]


@node("FreeU", category="model/patch/unet")
def free_u(*, model: MODEL, b1: Factor = 1.1, b2: Factor = 1.2, s1: Factor = 0.9, s2: Factor = 0.2) -> MODEL:
    """Stronger features from below, and weaker low frequencies beside them, on the two deepest levels."""
    from wftools.diffusion.patching.free_u import free_u

    return free_u(model, (b1, b2), (s1, s2))


@node("FreeU_V2", category="model/patch/unet")
def free_u_v2(*, model: MODEL, b1: Factor = 1.3, b2: Factor = 1.4, s1: Factor = 0.9, s2: Factor = 0.2) -> MODEL:
    """FreeU, whose features get stronger where they are strong."""
    from wftools.diffusion.patching.free_u import free_u_v2

    return free_u_v2(model, (b1, b2), (s1, s2))


@node("HyperTile", category="model/patch/unet")
def hyper_tile(
    *,
    model: MODEL,
    tile_size: Annotated[int, Int(1, 2048)] = 256,
    swap_size: Annotated[int, Int(1, 128)] = 2,
    max_depth: Annotated[int, Int(0, 10)] = 0,
    scale_depth: BOOLEAN = False,
) -> MODEL:
    """Self attention within tiles, which takes less time on large pictures."""
    from wftools.diffusion.patching.hyper_tile import hyper_tile

    return hyper_tile(model, tile_size, swap_size, max_depth, scale_depth=scale_depth)


@node("TomePatchModel", category="model/patch/unet")
def tome_patch_model(*, model: MODEL, ratio: Share = 0.3) -> MODEL:
    """Self attention of fewer tokens: that share of them is merged with those that they are most like."""
    from wftools.diffusion.patching.tome import merge_tokens

    return merge_tokens(model, ratio)


@node(
    "PatchModelAddDownscale",
    category="model/patch/unet",
    display_name="PatchModelAddDownscale (Kohya Deep Shrink)",
)
def patch_model_add_downscale(
    *,
    model: MODEL,
    block_number: Annotated[int, Int(1, 32, step=1)] = 3,
    downscale_factor: Annotated[float, Float(0.1, 9.0, step=0.001)] = 2.0,
    start_percent: Percent = 0.0,
    end_percent: Percent = 0.35,
    downscale_after_skip: BOOLEAN = True,
    downscale_method: Annotated[str, choice(RESAMPLING)],
    upscale_method: Annotated[str, choice(RESAMPLING)],
) -> MODEL:
    """Smaller features below a block in the first steps, so that large pictures have one subject."""
    from wftools.diffusion.patching.deep_shrink import deep_shrink

    return deep_shrink(
        model,
        block_number,
        downscale_factor,
        (start_percent, end_percent),
        methods=(downscale_method, upscale_method),
        after_skip=downscale_after_skip,
    )


@node("Epsilon Scaling", category="model/patch/unet")
def epsilon_scaling(*, model: MODEL, scaling_factor: Annotated[float, Float(0.5, 1.5, step=0.001)] = 1.005) -> MODEL:
    """Less noise than the model predicts, as sampling meets more than training showed it."""
    from wftools.diffusion.guidance.techniques.epsilon_scaling import epsilon_scaling

    return epsilon_scaling(model, scaling_factor)


@node(
    "TemporalScoreRescaling",
    category="model/patch/unet",
    display_name="TSR - Temporal Score Rescaling",
    outputs=("patched_model",),
)
def temporal_score_rescaling(
    *,
    model: MODEL,
    tsr_k: Annotated[float, Float(0.01, 100.0, step=0.001)] = 0.95,
    tsr_sigma: Annotated[float, Float(0.01, 100.0, step=0.001)] = 1.0,
) -> MODEL:
    """Samples that vary more (`tsr_k` below 1), or less; the larger `tsr_sigma`, the earlier it sets in."""
    from wftools.diffusion.guidance.techniques.tsr import temporal_score_rescaling

    return temporal_score_rescaling(model, tsr_k, tsr_sigma)


@node("PerturbedAttentionGuidance", category="model/patch/unet")
def perturbed_attention_guidance(
    *, model: MODEL, scale: Annotated[float, Float(0.0, 100.0, step=0.01, round=0.01)] = 3.0
) -> MODEL:
    """Away from what the model says when it does not look around in its middle."""
    from wftools.diffusion.guidance.techniques.pag import perturbed_attention_guidance

    return perturbed_attention_guidance(model, scale)
