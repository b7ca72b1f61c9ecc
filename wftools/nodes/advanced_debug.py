"""Nodes of the category advanced/debug that change how a model is computed."""

from typing import Annotated, Final

from wftools.catalog.declare import BOOLEAN, MODEL, Float, choice, node
from wftools.nodes._widgets import Share

# ComfyUI's names for precisions, and torch's; None: as the model was loaded.
DTYPES: Final = {"default": None, "fp32": "float32", "fp16": "float16", "bf16": "bfloat16"}

Threshold = Annotated[float, Float(0.0, 3.0, step=0.01)]


@node("EasyCache", category="advanced/debug", experimental=True)
def easy_cache(
    *,
    model: MODEL,
    reuse_threshold: Threshold = 0.2,
    start_percent: Share = 0.15,
    end_percent: Share = 0.95,
    verbose: BOOLEAN = False,
) -> MODEL:
    """Leave out calls of the network whose output is likely to change by less than a share of it."""
    from wftools.diffusion.caching import easy_cache

    return easy_cache(model, reuse_threshold, start_percent, end_percent, is_verbose=verbose)


@node("LazyCache", category="advanced/debug", experimental=True)
def lazy_cache(
    *,
    model: MODEL,
    reuse_threshold: Threshold = 0.2,
    start_percent: Share = 0.15,
    end_percent: Share = 0.95,
    verbose: BOOLEAN = False,
) -> MODEL:
    """Leave out steps whose outcome is likely to change by less than a share of it, whatever the model."""
    from wftools.diffusion.caching import lazy_cache

    return lazy_cache(model, reuse_threshold, start_percent, end_percent, is_verbose=verbose)


@node("ModelComputeDtype", category="advanced/debug")
def model_compute_dtype(*, model: MODEL, dtype: Annotated[str, choice(DTYPES, listed=True)]) -> MODEL:
    """The precision that the network computes in."""
    return model.with_dtype(DTYPES[dtype])
