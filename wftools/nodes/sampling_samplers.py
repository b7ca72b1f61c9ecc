"""Nodes of the category "model/sampling/samplers": samplers with options of one's own.

The numbers that a sampler draws are the same on every device, so `noise_device` changes nothing.
"""

from typing import Annotated

from wftools.catalog.declare import BOOLEAN, MODEL, SAMPLER, Float, Int, choice, node
from wftools.diffusion.sampling import FOLLOWING, NONE, SAMPLERS, Solver, sampler
from wftools.nodes._widgets import FineShare

_CATEGORY = "model/sampling/samplers"

Option = Annotated[float, Float(0.0, 100.0, step=0.01)]
NoiseDevice = Annotated[str, choice(["gpu", "cpu"])]


@node("KSamplerSelect", category=_CATEGORY)
def k_sampler_select(*, sampler_name: Annotated[str, choice(SAMPLERS)]) -> SAMPLER:
    """A sampler of the menu."""
    return sampler(sampler_name)


@node("SamplerEulerAncestral", category=_CATEGORY)
def sampler_euler_ancestral(*, eta: Option = 1.0, s_noise: Option = 1.0) -> SAMPLER:
    """Euler's steps with noise after each."""
    return sampler("euler_ancestral", eta=eta, s_noise=s_noise)


@node("SamplerEulerAncestralCFGPP", category=_CATEGORY, display_name="SamplerEulerAncestralCFG++")
def sampler_euler_ancestral_cfg_pp(
    *,
    eta: Annotated[float, Float(0.0, 1.0, step=0.01)] = 1.0,
    s_noise: Annotated[float, Float(0.0, 10.0, step=0.01)] = 1.0,
) -> SAMPLER:
    """The same along the noise that the negative side sees."""
    return sampler("euler_ancestral_cfg_pp", eta=eta, s_noise=s_noise)


@node("SamplerLMS", category=_CATEGORY)
def sampler_lms(*, order: Annotated[int, Int(1, 100)] = 4) -> SAMPLER:
    """Linear multistep."""
    return sampler("lms", order=order)


@node("SamplerDPMPP_3M_SDE", category=_CATEGORY)
def sampler_dpmpp_3m_sde(*, eta: Option = 1.0, s_noise: Option = 1.0, noise_device: NoiseDevice) -> SAMPLER:
    """DPM-Solver++ of third order for the stochastic equation."""
    del noise_device
    return sampler("dpmpp_3m_sde", eta=eta, s_noise=s_noise)


@node("SamplerDPMPP_2M_SDE", category=_CATEGORY)
def sampler_dpmpp_2m_sde(
    *,
    solver_type: Annotated[str, choice(["midpoint", "heun"])],
    eta: Option = 1.0,
    s_noise: Option = 1.0,
    noise_device: NoiseDevice,
) -> SAMPLER:
    """DPM-Solver++ of second order for the stochastic equation, by the step before."""
    del noise_device
    return sampler("dpmpp_2m_sde", solver_type=solver_type, eta=eta, s_noise=s_noise)


@node("SamplerDPMPP_SDE", category=_CATEGORY)
def sampler_dpmpp_sde(
    *, eta: Option = 1.0, s_noise: Option = 1.0, r: Option = 0.5, noise_device: NoiseDevice
) -> SAMPLER:
    """DPM-Solver++ of second order for the stochastic equation, by a second call in each step."""
    del noise_device
    return sampler("dpmpp_sde", eta=eta, s_noise=s_noise, r=r)


@node("SamplerDPMPP_2S_Ancestral", category=_CATEGORY)
def sampler_dpmpp_2s_ancestral(*, eta: Option = 1.0, s_noise: Option = 1.0) -> SAMPLER:
    """DPM-Solver++ of second order with noise after each step."""
    return sampler("dpmpp_2s_ancestral", eta=eta, s_noise=s_noise)


@node("SamplerDPMAdaptative", category=_CATEGORY)
def sampler_dpm_adaptative(
    *,
    order: Annotated[int, Int(2, 3)] = 3,
    rtol: Option = 0.05,
    atol: Option = 0.0078,
    h_init: Option = 0.05,
    pcoeff: Option = 0.0,
    icoeff: Option = 1.0,
    dcoeff: Option = 0.0,
    accept_safety: Option = 0.81,
    eta: Option = 0.0,
    s_noise: Option = 1.0,
) -> SAMPLER:
    """DPM-Solver with steps as wide as they may be."""
    return sampler(
        "dpm_adaptive",
        order=order,
        rtol=rtol,
        atol=atol,
        h_init=h_init,
        pcoeff=pcoeff,
        icoeff=icoeff,
        dcoeff=dcoeff,
        accept_safety=accept_safety,
        eta=eta,
        s_noise=s_noise,
    )


@node("SamplerER_SDE", category=_CATEGORY)
def sampler_er_sde(
    *,
    solver_type: Annotated[str, choice(["ER-SDE", "Reverse-time SDE", "ODE"])],
    max_stage: Annotated[int, Int(1, 3)] = 3,
    eta: Annotated[float, Float(0.0, 10.0, step=0.01)] = 1.0,
    s_noise: Option = 1.0,
) -> SAMPLER:
    """Solvers of the reverse-time equation that differ in how much noise they add."""
    return sampler("er_sde", solver_type=solver_type, max_stage=max_stage, eta=eta, s_noise=s_noise)


@node("SamplerSASolver", category=_CATEGORY)
def sampler_sa_solver(
    *,
    model: MODEL,
    eta: Annotated[float, Float(0.0, 10.0, step=0.01)] = 1.0,
    sde_start_percent: FineShare = 0.2,
    sde_end_percent: FineShare = 0.8,
    s_noise: Option = 1.0,
    predictor_order: Annotated[int, Int(1, 6)] = 3,
    corrector_order: Annotated[int, Int(0, 6)] = 4,
    use_pece: BOOLEAN,
    simple_order_2: BOOLEAN,
) -> SAMPLER:
    """Adams' predictor and corrector, stochastic on a part of the model's way."""
    levels = model.parametrisation.levels
    return sampler(
        "sa_solver",
        eta=eta,
        start_sigma=levels.at_percent(sde_start_percent),
        end_sigma=levels.at_percent(sde_end_percent),
        s_noise=s_noise,
        predictor_order=predictor_order,
        corrector_order=corrector_order,
        use_pece=use_pece,
        simple_order_2=simple_order_2,
    )


@node("SamplerSEEDS2", category=_CATEGORY)
def sampler_seeds_2(
    *,
    solver_type: Annotated[str, choice(["phi_1", "phi_2"])],
    eta: Option = 1.0,
    s_noise: Option = 1.0,
    r: Annotated[float, Float(0.01, 1.0, step=0.01)] = 0.5,
) -> SAMPLER:
    """An exponential method of second order: also `exp_heun_2_x0`, with phi_2, r 1 and eta 0 or 1."""
    return sampler("seeds_2", solver_type=solver_type, eta=eta, s_noise=s_noise, r=r)


@node("SamplerLCM", category=_CATEGORY)
def sampler_lcm(
    *,
    s_noise: Annotated[float, Float(0.0, 64.0, step=0.01)] = 1.0,
    s_noise_end: Annotated[float, Float(0.0, 64.0, step=0.01)] = 1.0,
    noise_clip_std: Annotated[float, Float(0.0, 10.0, step=0.01)] = 0.0,
) -> SAMPLER:
    """A consistency sampler, whose noise may fade from step to step and be held within some deviations."""
    return sampler("lcm", s_noise=s_noise, s_noise_end=s_noise_end, noise_clip_std=noise_clip_std)


@node("SamplerLCMUpscale", category=_CATEGORY)
def sampler_lcm_upscale(
    *,
    scale_ratio: Annotated[float, Float(0.1, 20.0, step=0.01)] = 1.0,
    scale_steps: Annotated[int, Int(-1, 1000, step=1)] = -1,
    upscale_method: Annotated[str, choice(["bislerp", "nearest-exact", "bilinear", "area", "bicubic"])],
) -> SAMPLER:
    """A consistency sampler that enlarges the latent on its first steps; -1: on about half of them."""
    from wftools.diffusion.sampling.lcm import lcm_upscale

    steps = None if scale_steps < 0 else scale_steps
    options = {"total_upscale": scale_ratio, "upscale_steps": steps, "upscale_method": upscale_method}
    return Solver(lcm_upscale, FOLLOWING, options)


@node("SamplerEulerCFGpp", category="experimental", display_name="SamplerEulerCFG++", experimental=True)
def sampler_euler_cfg_pp(*, version: Annotated[str, choice(["regular", "alternative"])]) -> SAMPLER:
    """Euler's steps along the noise that the negative side sees."""
    from wftools.diffusion.sampling.cfg_pp import euler_cfg_pp_alternative

    return sampler("euler_cfg_pp") if version == "regular" else Solver(euler_cfg_pp_alternative, NONE)
