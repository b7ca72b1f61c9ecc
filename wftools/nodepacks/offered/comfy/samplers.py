"""The menus of samplers and schedules, as `comfy.samplers` names them."""

from __future__ import annotations

from typing import Final

from wftools.diffusion import sampling

SAMPLER_NAMES: Final = list(sampling.SAMPLERS)
SCHEDULER_NAMES: Final = list(sampling.SCHEDULES)


class KSampler:
    """Where packs look for the menus."""

    SAMPLERS = SAMPLER_NAMES
    SCHEDULERS = SCHEDULER_NAMES
    DISCARD_PENULTIMATE_SIGMA_SAMPLERS = frozenset(
        name for name, entry in sampling.SAMPLERS.items() if entry.skips_penultimate
    )
