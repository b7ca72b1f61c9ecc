"""The node of adaptive projected guidance, which ComfyUI has in the category model/sampling/custom."""

from typing import Annotated

from wftools.catalog.declare import MODEL, Float, node


@node("APG", category="model/sampling/custom", display_name="Adaptive Projected Guidance")
def apg(
    *,
    model: MODEL,
    eta: Annotated[float, Float(-10.0, 10.0, step=0.01)] = 1.0,
    norm_threshold: Annotated[float, Float(0.0, 50.0, step=0.1)] = 5.0,
    momentum: Annotated[float, Float(-5.0, 1.0, step=0.01)] = 0.0,
) -> MODEL:
    """Guidance of a limited length, of which what is parallel to the prediction is scaled by `eta`."""
    from wftools.diffusion.guidance.techniques.apg import apg

    return apg(model, eta, norm_threshold, momentum)
