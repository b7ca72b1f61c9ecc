"""Nodes of the category "model/sampling/sigmas": sigmas from others, from text, from a model."""

from typing import Annotated

from wftools.catalog.declare import BOOLEAN, FLOAT, MODEL, SIGMAS, STRING, Float, Int, choice, node
from wftools.nodes._widgets import Share

_CATEGORY = "model/sampling/sigmas"
_PARTS = ("high_sigmas", "low_sigmas")

SigmaLimit = Annotated[float, Float(-1.0, 20_000.0, step=0.01)]


@node("SplitSigmas", category=_CATEGORY, outputs=_PARTS)
def split_sigmas(*, sigmas: SIGMAS, step: Annotated[int, Int(0, 10_000)] = 0) -> tuple[SIGMAS, SIGMAS]:
    """Two parts, which share the sigma of the step."""
    return sigmas[: step + 1], sigmas[step:]


@node("SplitSigmasDenoise", category=_CATEGORY, outputs=_PARTS)
def split_sigmas_denoise(*, sigmas: SIGMAS, denoise: Share = 1.0) -> tuple[SIGMAS, SIGMAS]:
    """Two parts, of which the second has that share of the steps."""
    steps = round(max(len(sigmas) - 1, 0) * denoise)
    return sigmas[:-steps], sigmas[-(steps + 1) :]


@node("FlipSigmas", category=_CATEGORY)
def flip_sigmas(*, sigmas: SIGMAS) -> SIGMAS:
    """From the last to the first, which is a little above 0 then: the way from a picture to noise."""
    from wftools.diffusion.sampling.spacings import flipped

    return flipped(sigmas)


@node("SetFirstSigma", category=_CATEGORY)
def set_first_sigma(*, sigmas: SIGMAS, sigma: Annotated[float, Float(0.0, 20_000.0, step=0.001)] = 136.0) -> SIGMAS:
    """Another first sigma."""
    from wftools.diffusion.sampling.spacings import started_at

    return started_at(sigmas, sigma)


@node("ExtendIntermediateSigmas", category=_CATEGORY)
def extend_intermediate_sigmas(
    *,
    sigmas: SIGMAS,
    steps: Annotated[int, Int(1, 100)] = 2,
    start_at_sigma: SigmaLimit = -1.0,
    end_at_sigma: Annotated[float, Float(0.0, 20_000.0, step=0.01)] = 12.0,
    spacing: Annotated[str, choice(["linear", "cosine", "sine"])],
) -> SIGMAS:
    """Each step that starts between two sigmas in `steps` smaller ones. A start below 0 is that of the whole way."""
    from wftools.diffusion.sampling.spacings import extended

    return extended(sigmas, steps, start_at_sigma, end_at_sigma, spacing)


@node("ManualSigmas", category=_CATEGORY, experimental=True)
def manual_sigmas(*, sigmas: STRING = "1, 0.5") -> SIGMAS:
    """The numbers of a text."""
    from wftools.diffusion.sampling.spacings import written

    return written(sigmas)


@node("SamplingPercentToSigma", category=_CATEGORY, outputs=("sigma_value",))
def sampling_percent_to_sigma(
    *,
    model: MODEL,
    sampling_percent: Annotated[float, Float(0.0, 1.0, step=0.0001)] = 0.0,
    return_actual_sigma: BOOLEAN = False,
) -> FLOAT:
    """The sigma of a share of the way. At its ends it is beyond all sigmas, unless the actual one is asked for."""
    levels = model.parametrisation.levels
    if return_actual_sigma and sampling_percent in {0.0, 1.0}:
        return float(levels.sigmas[0 if sampling_percent else -1])
    return levels.at_percent(sampling_percent)
