"""Nodes of the category "model/sampling/guiders": what a sampler is told of a model and its conditionings."""

from typing import Annotated

from wftools.catalog.declare import CONDITIONING, GUIDER, MODEL, OPTIONAL, choice, node
from wftools.nodes._widgets import Cfg, FineShare

_CATEGORY = "model/sampling/guiders"


@node("BasicGuider", category=_CATEGORY, display_name="Basic Guider")
def basic_guider(*, model: MODEL, conditioning: CONDITIONING) -> GUIDER:
    """What one conditioning says, without guidance away from another."""
    from wftools.diffusion.guidance import cfg as guidance

    return guidance.Cfg(model, conditioning, (), 1.0)


@node("CFGGuider", category=_CATEGORY, display_name="CFG Guider")
def cfg_guider(*, model: MODEL, positive: CONDITIONING, negative: CONDITIONING, cfg: Cfg = 8.0) -> GUIDER:
    """Classifier-free guidance: towards `positive` and away from `negative`."""
    from wftools.diffusion.guidance import cfg as guidance

    return guidance.Cfg(model, positive, negative, cfg)


@node("DualCFGGuider", category=_CATEGORY, display_name="Dual CFG Guider")
def dual_cfg_guider(
    *,
    model: MODEL,
    cond1: CONDITIONING,
    cond2: CONDITIONING,
    negative: CONDITIONING,
    cfg_conds: Cfg = 8.0,
    cfg_cond2_negative: Cfg = 8.0,
    style: Annotated[str, choice(["regular", "nested"])],
) -> GUIDER:
    """Guidance with two scales: from `cond2` to `cond1`, and from `negative` to `cond2` (nested: to both)."""
    from wftools.diffusion.guidance.dual import DualCfg

    return DualCfg(model, cond1, cond2, negative, cfg_conds, cfg_cond2_negative, is_nested=style == "nested")


@node("DualModelGuider", category=_CATEGORY, display_name="Dual Model CFG Guider", experimental=True)
def dual_model_guider(
    *,
    model: MODEL,
    model_negative: Annotated[MODEL | None, OPTIONAL] = None,
    positive: CONDITIONING,
    cfg: Cfg = 4.0,
    negative: Annotated[CONDITIONING | None, OPTIONAL] = None,
) -> GUIDER:
    """Classifier-free guidance away from what another model says."""
    from wftools.diffusion.guidance import cfg as guidance
    from wftools.diffusion.guidance.dual import DualModelCfg
    from wftools.errors import RunError

    if negative is None:
        raise RunError(
            "a negative side without a conditioning is for models that need no text, of which wftools runs none yet",
            hint="connect `negative`",
        )
    if model_negative is None:
        return guidance.Cfg(model, positive, negative, cfg)
    return DualModelCfg(model, model_negative, positive, negative, cfg)


@node("CFGOverride", category=_CATEGORY, display_name="CFG Override")
def cfg_override(
    *, model: MODEL, cfg: Cfg = 1.0, start_percent: FineShare = 0.0, end_percent: FineShare = 1.0
) -> MODEL:
    """Another scale of guidance on a part of the way; of several overrides the last one counts."""
    from wftools.diffusion.guidance import Guidance
    from wftools.diffusion.guidance.dual import ScaleBetween

    levels = model.parametrisation.levels
    between = ScaleBetween(cfg, levels.at_percent(start_percent), levels.at_percent(end_percent))
    return model.with_guidance(Guidance(scale_at=(between,)))
