"""Nodes of the category "model/patch" that change what a model's output means and which noise levels it knows."""

from typing import Annotated

from wftools.catalog.declare import BOOLEAN, MODEL, Float, Int, choice, node
from wftools.nodes._widgets import MAX_RESOLUTION

Shift = Annotated[float, Float(0.0, 100.0, step=0.01)]
EndSigma = Annotated[float, Float(0.0, 1000.0, step=0.001)]
FluxPixels = Annotated[int, Int(16, MAX_RESOLUTION, step=8)]


@node("ModelSamplingDiscrete", category="model/patch")
def model_sampling_discrete(
    *,
    model: MODEL,
    sampling: Annotated[
        str, choice(["eps", "v_prediction", "lcm", "x0", "img_to_img", "img_to_img_flow"], listed=True)
    ],
    zsnr: BOOLEAN = False,
) -> MODEL:
    """The levels that Stable Diffusion was trained with; `zsnr`: the last one is pure noise."""
    from wftools.diffusion.sampling.choices import discrete

    return model.with_parametrisation(discrete(model.parametrisation, sampling, zero_terminal_snr=zsnr))


@node("ModelSamplingContinuousEDM", category="model/patch")
def model_sampling_continuous_edm(
    *,
    model: MODEL,
    sampling: Annotated[
        str, choice(["v_prediction", "edm", "edm_playground_v2.5", "eps", "cosmos_rflow"], listed=True)
    ],
    sigma_max: EndSigma = 120.0,
    sigma_min: EndSigma = 0.002,
) -> MODEL:
    """Continuous levels between two sigmas, counted by their logarithm."""
    from wftools.diffusion.sampling.choices import PLAYGROUND, continuous_edm

    latent_format = PLAYGROUND if sampling == "edm_playground_v2.5" else None
    return model.with_parametrisation(continuous_edm(sampling, sigma_min, sigma_max), latent_format)


@node("ModelSamplingContinuousV", category="model/patch")
def model_sampling_continuous_v(
    *,
    model: MODEL,
    sampling: Annotated[str, choice(["v_prediction"], listed=True)],
    sigma_max: EndSigma = 500.0,
    sigma_min: EndSigma = 0.03,
) -> MODEL:
    """Continuous levels between two sigmas, counted by the angle between latent and noise."""
    from wftools.diffusion.sampling.choices import continuous_v

    del sampling
    return model.with_parametrisation(continuous_v(sigma_min, sigma_max))


@node("ModelSamplingStableCascade", category="model/patch/stable cascade")
def model_sampling_stable_cascade(*, model: MODEL, shift: Shift = 2.0) -> MODEL:
    """The levels of Stable Cascade."""
    from wftools.diffusion.sampling.levels import CascadeLevels
    from wftools.diffusion.sampling.parametrise import Eps

    return model.with_parametrisation(Eps(CascadeLevels(shift)))


@node("ModelSamplingSD3", category="model/patch/stable diffusion")
def model_sampling_sd3(*, model: MODEL, shift: Shift = 3.0) -> MODEL:
    """Rectified flow with a shift towards noise."""
    from wftools.diffusion.sampling.levels import FlowLevels
    from wftools.diffusion.sampling.parametrise import Flow

    return model.with_parametrisation(Flow(FlowLevels(shift), model.parametrisation.noise_scale))


@node("ModelSamplingAuraFlow", category="model/patch")
def model_sampling_aura_flow(*, model: MODEL, shift: Shift = 1.73) -> MODEL:
    """Rectified flow with a shift, whose network is told sigma itself."""
    from wftools.diffusion.sampling.levels import FlowLevels
    from wftools.diffusion.sampling.parametrise import Flow

    return model.with_parametrisation(Flow(FlowLevels(shift, multiplier=1.0), model.parametrisation.noise_scale))


@node("ModelSamplingFlux", category="model/patch/flux")
def model_sampling_flux(
    *,
    model: MODEL,
    max_shift: Shift = 1.15,
    base_shift: Shift = 0.5,
    width: FluxPixels = 1024,
    height: FluxPixels = 1024,
) -> MODEL:
    """Rectified flow with a shift that grows with the picture: `base_shift` at 256 tokens, `max_shift` at 4096."""
    from wftools.diffusion.sampling.levels import flux_levels
    from wftools.diffusion.sampling.parametrise import Flow

    return model.with_parametrisation(Flow(flux_levels(base_shift, max_shift, width, height)))


@node("ModelNoiseScale", category="model/patch")
def model_noise_scale(*, model: MODEL, noise_scale: Annotated[float, Float(0.0, 64.0, step=0.01)] = 1.0) -> MODEL:
    """The deviation of the noise that a flow was trained with."""
    from wftools.diffusion.sampling.choices import with_noise_scale

    return model.with_parametrisation(with_noise_scale(model.parametrisation, noise_scale))
