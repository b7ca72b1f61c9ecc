"""Nodes of the category experimental/attention_experiments."""

from typing import Annotated

from wftools.catalog.declare import CLIP, MODEL, Float, node

Factor = Annotated[float, Float(0.0, 10.0, step=0.01)]


@node("UNetSelfAttentionMultiply", category="experimental/attention_experiments", experimental=True)
def unet_self_attention_multiply(
    *, model: MODEL, q: Factor = 1.0, k: Factor = 1.0, v: Factor = 1.0, out: Factor = 1.0
) -> MODEL:
    """The projections of all self attentions of a model, multiplied."""
    from wftools.diffusion.patching.attention_multiply import multiplied_attention

    return multiplied_attention(model, {"attn1.to_q": q, "attn1.to_k": k, "attn1.to_v": v, "attn1.to_out.0": out})


@node("UNetCrossAttentionMultiply", category="experimental/attention_experiments", experimental=True)
def unet_cross_attention_multiply(
    *, model: MODEL, q: Factor = 1.0, k: Factor = 1.0, v: Factor = 1.0, out: Factor = 1.0
) -> MODEL:
    """The projections of all attentions to the prompt, multiplied."""
    from wftools.diffusion.patching.attention_multiply import multiplied_attention

    return multiplied_attention(model, {"attn2.to_q": q, "attn2.to_k": k, "attn2.to_v": v, "attn2.to_out.0": out})


@node("CLIPAttentionMultiply", category="experimental/attention_experiments", experimental=True)
def clip_attention_multiply(
    *, clip: CLIP, q: Factor = 1.0, k: Factor = 1.0, v: Factor = 1.0, out: Factor = 1.0
) -> CLIP:
    """The projections of all attentions of the text encoders, multiplied."""
    from wftools.diffusion.patching.attention_multiply import multiplied_attention

    return multiplied_attention(
        clip, {"self_attn.q_proj": q, "self_attn.k_proj": k, "self_attn.v_proj": v, "self_attn.out_proj": out}
    )


@node("UNetTemporalAttentionMultiply", category="experimental/attention_experiments", experimental=True)
def unet_temporal_attention_multiply(
    *,
    model: MODEL,
    self_structural: Factor = 1.0,
    self_temporal: Factor = 1.0,
    cross_structural: Factor = 1.0,
    cross_temporal: Factor = 1.0,
) -> MODEL:
    """What the attentions of a model add, multiplied: within a frame, and from frame to frame."""
    from wftools.diffusion.patching.attention_multiply import structural, temporal

    return temporal(structural(model, self_structural, cross_structural), self_temporal, cross_temporal)
