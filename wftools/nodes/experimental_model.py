"""Nodes of the category experimental that change how a model is guided, sampled or computed."""

from typing import Annotated

from wftools.catalog.declare import CONDITIONING, GUIDER, MODEL, OPTIONAL, Float, Int, choice, node
from wftools.nodes._widgets import Share

Scale = Annotated[float, Float(0.0, 100.0, step=0.01)]


@node(
    "Mahiro",
    category="experimental",
    display_name="Positive-Biased Guidance",
    outputs=("patched_model",),
    experimental=True,
)
def mahiro(*, model: MODEL) -> MODEL:
    """Guidance towards the positive side rather than away from the negative one, where the two agree."""
    from wftools.diffusion.guidance.techniques.mahiro import mahiro

    return mahiro(model)


@node("FreSca", category="experimental", experimental=True)
def fresca(
    *,
    model: MODEL,
    scale_low: Annotated[float, Float(0, 10, step=0.01)] = 1.0,
    scale_high: Annotated[float, Float(0, 10, step=0.01)] = 1.25,
    freq_cutoff: Annotated[int, Int(1, 10_000, step=1)] = 20,
) -> MODEL:
    """Guidance whose low and high frequencies have scales of their own."""
    from wftools.diffusion.guidance.techniques.fresca import fresca

    return fresca(model, scale_low, scale_high, freq_cutoff)


@node(
    "PerpNeg",
    category="experimental",
    display_name="Perp-Neg (DEPRECATED by Perp-Neg Guider)",
    deprecated=True,
    experimental=True,
)
def perp_neg(*, model: MODEL, empty_conditioning: CONDITIONING, neg_scale: Scale = 1.0) -> MODEL:
    """Guidance away from that of the negative side which is perpendicular to the positive one."""
    from wftools.diffusion.guidance.techniques.perp_neg import perp_neg

    return perp_neg(model, empty_conditioning, neg_scale)


@node("PerpNegGuider", category="experimental", display_name="Perp-Neg Guider", experimental=True)
def perp_neg_guider(
    *,
    model: MODEL,
    positive: CONDITIONING,
    negative: CONDITIONING,
    empty_conditioning: CONDITIONING,
    cfg: Annotated[float, Float(0.0, 100.0, step=0.1, round=0.01)] = 8.0,
    neg_scale: Scale = 1.0,
) -> GUIDER:
    """Guides away from that of the negative side which is perpendicular to the positive one."""
    from wftools.diffusion.guidance.techniques.perp_neg import PerpNegGuider

    return PerpNegGuider(model, positive, negative, empty_conditioning, cfg, neg_scale)


@node("SelfAttentionGuidance", category="experimental", display_name="Self-Attention Guidance", experimental=True)
def self_attention_guidance(
    *,
    model: MODEL,
    scale: Annotated[float, Float(-2.0, 5.0, step=0.01)] = 0.5,
    blur_sigma: Annotated[float, Float(0.0, 10.0, step=0.1)] = 2.0,
) -> MODEL:
    """Away from what the model says when the cells that it attends to most are blurred."""
    from wftools.diffusion.guidance.techniques.sag import self_attention_guidance

    return self_attention_guidance(model, scale, blur_sigma)


@node("DifferentialDiffusion", category="experimental", display_name="Differential Diffusion", experimental=True)
def differential_diffusion(*, model: MODEL, strength: Annotated[Share, OPTIONAL] = 1.0) -> MODEL:
    """A mask whose grey says how early sampling may change a cell: the brighter, the earlier."""
    from wftools.diffusion.sampling.differential import differential_diffusion

    return differential_diffusion(model, strength)


@node("TorchCompileModel", category="experimental", experimental=True)
def torch_compile_model(*, model: MODEL, backend: Annotated[str, choice(["inductor", "cudagraphs"])]) -> MODEL:
    """The model compiled by torch when it is first asked: faster then, and the same up to rounding."""
    return model.compiled(backend)
