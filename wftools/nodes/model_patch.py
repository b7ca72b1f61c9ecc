"""Nodes of the category model/patch: how a model is guided and computed."""

import logging
from typing import Annotated, Final

from wftools.catalog.declare import MODEL, Float, choice, node
from wftools.errors import shown
from wftools.nodes._widgets import Share

TORCHS: Final = "pytorch attention"

log = logging.getLogger(__name__)

RopeScale = Annotated[float, Float(0.0, 100.0, step=0.1)]
RopeShift = Annotated[float, Float(-256.0, 256.0, step=0.1)]


@node("RescaleCFG", category="model/patch")
def rescale_cfg(*, model: MODEL, multiplier: Share = 0.7) -> MODEL:
    """Guided predictions that vary as much as unguided ones: against burnt pictures at high scales."""
    from wftools.diffusion.guidance.techniques.rescale import rescale_cfg

    return rescale_cfg(model, multiplier)


@node("RenormCFG", category="model/patch")
def renorm_cfg(
    *,
    model: MODEL,
    cfg_trunc: Annotated[float, Float(0.0, 100.0, step=0.01)] = 100,
    renorm_cfg: Annotated[float, Float(0.0, 100.0, step=0.01)] = 1.0,
) -> MODEL:
    """Guided latents that are no longer than unguided ones, and no guidance at sigmas from `cfg_trunc` on."""
    from wftools.diffusion.guidance.techniques.norms import renorm_cfg as renormed

    return renormed(model, cfg_trunc, renorm_cfg)


@node("ModelAttentionBackend", category="model/patch")
def model_attention_backend(*, model: MODEL, attention: Annotated[str, choice([TORCHS], listed=True)]) -> MODEL:
    """The model as it is: its attention is torch's, as it would be with a backend that is not there."""
    if attention != TORCHS:
        log.warning("there is no attention backend %s here, so torch's is used", shown(attention))
    return model


@node("ScaleROPE", category="model/patch", experimental=True)
def scale_rope(
    *,
    model: MODEL,
    scale_x: RopeScale = 1.0,  # noqa: ARG001
    shift_x: RopeShift = 0.0,  # noqa: ARG001
    scale_y: RopeScale = 1.0,  # noqa: ARG001
    shift_y: RopeShift = 0.0,  # noqa: ARG001
    scale_t: RopeScale = 1.0,  # noqa: ARG001
    shift_t: RopeShift = 0.0,  # noqa: ARG001
) -> MODEL:
    """The model as it is: no network that runs here turns by positions."""
    return model
