"""Nodes of the category model/sampling/guiders for videos."""

from typing import Annotated

from wftools.catalog.declare import MODEL, Float, node

MinCfg = Annotated[float, Float(0.0, 100.0, step=0.5, round=0.01)]


@node("VideoLinearCFGGuidance", category="model/sampling/guiders", display_name="Video Linear CFG Guidance")
def video_linear_cfg_guidance(*, model: MODEL, min_cfg: MinCfg = 1.0) -> MODEL:
    """A scale of guidance that rises from the first frame to the last."""
    from wftools.diffusion.guidance.techniques.video import frame_guidance, linear

    return frame_guidance(model, linear, min_cfg)


@node("VideoTriangleCFGGuidance", category="model/sampling/guiders", display_name="Video Triangle CFG Guidance")
def video_triangle_cfg_guidance(*, model: MODEL, min_cfg: MinCfg = 1.0) -> MODEL:
    """A scale of guidance that rises to the frame in the middle and falls again."""
    from wftools.diffusion.guidance.techniques.video import frame_guidance, triangle

    return frame_guidance(model, triangle, min_cfg)
