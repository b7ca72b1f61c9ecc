"""Nodes of the category advanced/guidance."""

from typing import Annotated

from wftools.catalog.declare import BOOLEAN, MODEL, OPTIONAL, STRING, Float, node

Percent = Annotated[float, Float(0.0, 1.0, step=0.001)]


@node("CFGNorm", category="advanced/guidance", outputs=("patched_model",), experimental=True)
def cfg_norm(
    *,
    model: MODEL,
    strength: Annotated[float, Float(0.0, 100.0, step=0.01)] = 1.0,
    pre_cfg: Annotated[BOOLEAN, OPTIONAL] = False,
) -> MODEL:
    """In every cell a guided prediction as long as the unguided one: of the latent, or with `pre_cfg` of the noise."""
    from wftools.diffusion.guidance.techniques.norms import cfg_norm

    return cfg_norm(model, strength, pre_cfg=pre_cfg)


@node("CFGZeroStar", category="advanced/guidance", outputs=("patched_model",))
def cfg_zero_star(*, model: MODEL) -> MODEL:
    """Guidance away from the negative side, scaled to come as near to the positive one as it can."""
    from wftools.diffusion.guidance.techniques.zero_star import cfg_zero_star

    return cfg_zero_star(model)


@node("TCFG", category="advanced/guidance", display_name="Tangential Damping CFG", outputs=("patched_model",))
def tcfg(*, model: MODEL) -> MODEL:
    """Guidance away from only that of the negative side which both sides share."""
    from wftools.diffusion.guidance.techniques.tcfg import tcfg

    return tcfg(model)


@node("NAGuidance", category="advanced/guidance", display_name="Normalized Attention Guidance", experimental=True)
def na_guidance(
    *,
    model: MODEL,
    nag_scale: Annotated[float, Float(0.0, 50.0, step=0.1)] = 5.0,
    nag_alpha: Annotated[float, Float(0.0, 1.0, step=0.01)] = 0.5,
    nag_tau: Annotated[float, Float(1.0, 10.0, step=0.01)] = 1.5,
) -> MODEL:
    """What the positive side attends to, away from what the negative side attends to."""
    from wftools.diffusion.patching.nag import normalized_attention_guidance

    return normalized_attention_guidance(model, nag_scale, nag_alpha, nag_tau)


@node("SkipLayerGuidanceDiT", category="advanced/guidance", experimental=True)
def skip_layer_guidance_dit(
    *,
    model: MODEL,
    double_layers: STRING = "7, 8, 9",
    single_layers: STRING = "7, 8, 9",
    scale: Annotated[float, Float(0.0, 10.0, step=0.1)] = 3.0,
    start_percent: Percent = 0.01,
    end_percent: Percent = 0.15,
    rescaling_scale: Annotated[float, Float(0.0, 10.0, step=0.01)] = 0.0,
) -> MODEL:
    """Away from what a transformer says when it skips some of its blocks."""
    from wftools.diffusion.guidance.techniques.skip_layers import skip_layer_guidance, skipping

    skipped = skipping(model, double_layers, single_layers, start_percent, end_percent)
    return skip_layer_guidance(model, skipped, scale, rescaling_scale)


@node("SkipLayerGuidanceDiTSimple", category="advanced/guidance", experimental=True)
def skip_layer_guidance_dit_simple(
    *,
    model: MODEL,
    double_layers: STRING = "7, 8, 9",
    single_layers: STRING = "7, 8, 9",
    start_percent: Percent = 0.0,
    end_percent: Percent = 1.0,
) -> MODEL:
    """A negative side that skips some blocks of a transformer, with plain guidance away from it."""
    from wftools.diffusion.guidance.techniques.skip_layers import skip_layers_in_negative, skipping

    return skip_layers_in_negative(model, skipping(model, double_layers, single_layers, start_percent, end_percent))


@node("SkipLayerGuidanceSD3", category="advanced/guidance", experimental=True)
def skip_layer_guidance_sd3(
    *,
    model: MODEL,
    layers: STRING = "7, 8, 9",
    scale: Annotated[float, Float(0.0, 10.0, step=0.1)] = 3.0,
    start_percent: Percent = 0.01,
    end_percent: Percent = 0.15,
) -> MODEL:
    """SkipLayerGuidanceDiT for Stable Diffusion 3, which has blocks of one kind."""
    from wftools.diffusion.guidance.techniques.skip_layers import skip_layer_guidance, skipping

    return skip_layer_guidance(model, skipping(model, layers, "", start_percent, end_percent), scale)
