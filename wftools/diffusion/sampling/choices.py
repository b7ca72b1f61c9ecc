"""Parametrisations that are chosen by name in place of a model's own."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from wftools.diffusion.latents import ScaledLatents
from wftools.diffusion.sampling.levels import (
    ContinuousVLevels,
    CosmosLevels,
    DiscreteLevels,
    DistilledLevels,
    EdmLevels,
    FlowLevels,
)
from wftools.diffusion.sampling.parametrise import X0, CosmosFlow, Edm, Eps, Flow, ImgToImg, ImgToImgFlow, Lcm, Velocity
from wftools.errors import RunError
from wftools.weights.families import LatentForm

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wftools.values import Parametrisation

# The latents of Playground 2.5, which has SDXL's network and VAE (Li et al. 2024).
PLAYGROUND: Final = ScaledLatents(
    LatentForm(
        4,
        8,
        scale=0.5,
        means=(-1.6574, 1.886, -1.383, 2.5155),
        deviations=(8.4927, 5.9022, 6.5498, 5.2299),
    )
)

_DISCRETE: Final[Mapping[str, type[Eps | Flow]]] = {
    "eps": Eps,
    "v_prediction": Velocity,
    "lcm": Lcm,
    "x0": X0,
    "img_to_img": ImgToImg,
    "img_to_img_flow": ImgToImgFlow,
}
_CONTINUOUS: Final[Mapping[str, type[Eps]]] = {
    "v_prediction": Velocity,
    "edm": Edm,
    "edm_playground_v2.5": Edm,
    "eps": Eps,
}


def discrete(own: Parametrisation, name: str, *, zero_terminal_snr: bool) -> Parametrisation:
    """A network's output by name, on the discrete levels that the model has, or else those of Stable Diffusion."""
    levels = own.levels if isinstance(own.levels, DiscreteLevels) else DiscreteLevels()
    kind = DistilledLevels if name == "lcm" else DiscreteLevels
    return _DISCRETE[name](kind(zero_terminal_snr, levels.beta_start, levels.beta_end, levels.steps))


def continuous_edm(name: str, sigma_min: float, sigma_max: float) -> Parametrisation:
    """A network's output by name, on levels between two sigmas. Raises RunError for an end that has no logarithm."""
    _check_ends(sigma_min, sigma_max)
    if name == "cosmos_rflow":
        return CosmosFlow(CosmosLevels(sigma_min, sigma_max))
    return _CONTINUOUS[name](EdmLevels(sigma_min, sigma_max))


def continuous_v(sigma_min: float, sigma_max: float) -> Parametrisation:
    """The velocity, on levels by its angle. Raises RunError for an end that has no logarithm."""
    _check_ends(sigma_min, sigma_max)
    return Velocity(ContinuousVLevels(sigma_min, sigma_max))


def with_noise_scale(own: Parametrisation, scale: float) -> Parametrisation:
    """A flow for noise of another deviation. Raises RunError for what is no flow with a shift and a multiplier."""
    if not isinstance(own, Flow) or type(own.levels) is not FlowLevels:
        raise RunError(
            "only flows with discrete levels know a scale of noise",
            hint="put ModelSamplingSD3 or ModelSamplingAuraFlow before this node",
        )
    return replace(own, noise_scale=scale)


def _check_ends(sigma_min: float, sigma_max: float) -> None:
    if sigma_min <= 0 or sigma_max <= 0:
        raise RunError(f"sigmas from {sigma_max:g} to {sigma_min:g} have no logarithms", hint="take ends above 0")
