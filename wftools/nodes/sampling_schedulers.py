"""Nodes of the category "model/sampling/schedulers": sigmas by a schedule, a formula or a published table."""

from typing import Annotated

from wftools.catalog.declare import MODEL, SIGMAS, Float, Int, choice, node
from wftools.diffusion.sampling import SCHEDULES
from wftools.nodes._widgets import Share, Steps

_CATEGORY = "model/sampling/schedulers"

Sigma = Annotated[float, Float(0.0, 5000.0, step=0.01)]
Power = Annotated[float, Float(0.0, 100.0, step=0.01)]
Shape = Annotated[float, Float(0.0, 50.0, step=0.01)]
Side = Annotated[int, Int(256, 8192, step=16)]


@node("BasicScheduler", category=_CATEGORY)
def basic_scheduler(
    *, model: MODEL, scheduler: Annotated[str, choice(SCHEDULES)], steps: Steps = 20, denoise: Share = 1.0
) -> SIGMAS:
    """A schedule of the menu; with denoise < 1 the last `steps` of steps / denoise."""
    from wftools.diffusion.sampling.run import last_sigmas

    return last_sigmas(model.parametrisation.levels, scheduler, steps, denoise)


@node("KarrasScheduler", category=_CATEGORY)
def karras_scheduler(
    *, steps: Steps = 20, sigma_max: Sigma = 14.614642, sigma_min: Sigma = 0.0291675, rho: Power = 7.0
) -> SIGMAS:
    """Even distances in sigma ** (1 / rho)."""
    from wftools.diffusion.sampling.spacings import karras

    return karras(steps, sigma_min, sigma_max, rho)


@node("ExponentialScheduler", category=_CATEGORY)
def exponential_scheduler(*, steps: Steps = 20, sigma_max: Sigma = 14.614642, sigma_min: Sigma = 0.0291675) -> SIGMAS:
    """Even distances in the logarithm."""
    from wftools.diffusion.sampling.spacings import exponential

    return exponential(steps, sigma_min, sigma_max)


@node("PolyexponentialScheduler", category=_CATEGORY)
def polyexponential_scheduler(
    *, steps: Steps = 20, sigma_max: Sigma = 14.614642, sigma_min: Sigma = 0.0291675, rho: Power = 1.0
) -> SIGMAS:
    """Distances in the logarithm that grow or shrink by a power."""
    from wftools.diffusion.sampling.spacings import polyexponential

    return polyexponential(steps, sigma_min, sigma_max, rho)


@node("LaplaceScheduler", category=_CATEGORY)
def laplace_scheduler(
    *,
    steps: Steps = 20,
    sigma_max: Sigma = 14.614642,
    sigma_min: Sigma = 0.0291675,
    mu: Annotated[float, Float(-10.0, 10.0, step=0.1)] = 0.0,
    beta: Annotated[float, Float(0.0, 10.0, step=0.1)] = 0.5,
) -> SIGMAS:
    """Quantiles of a Laplace distribution of the logarithm; `steps` sigmas, of which the last is not 0."""
    from wftools.diffusion.sampling.spacings import laplace

    return laplace(steps, sigma_min, sigma_max, mu, beta)


@node("VPScheduler", category=_CATEGORY)
def vp_scheduler(
    *,
    steps: Steps = 20,
    beta_d: Sigma = 19.9,
    beta_min: Sigma = 0.1,
    eps_s: Annotated[float, Float(0.0, 1.0, step=0.0001)] = 0.001,
) -> SIGMAS:
    """Even times of a process that preserves variance."""
    from wftools.diffusion.sampling.spacings import variance_preserving

    return variance_preserving(steps, beta_d, beta_min, eps_s)


@node("BetaSamplingScheduler", category=_CATEGORY)
def beta_sampling_scheduler(*, model: MODEL, steps: Steps = 20, alpha: Shape = 0.6, beta: Shape = 0.6) -> SIGMAS:
    """Quantiles of a beta distribution of the timestep."""
    from wftools.diffusion.sampling import schedules

    return schedules.beta(model.parametrisation.levels, steps, alpha, beta)


@node("SDTurboScheduler", category=_CATEGORY)
def sd_turbo_scheduler(*, model: MODEL, steps: Annotated[int, Int(1, 10)] = 1, denoise: Share = 1.0) -> SIGMAS:
    """The timesteps that SD Turbo was distilled for: the next `steps` of ten, from `denoise` on."""
    from wftools.diffusion.sampling.spacings import turbo

    return turbo(model.parametrisation.levels, steps, denoise)


@node("AlignYourStepsScheduler", category=_CATEGORY)
def align_your_steps_scheduler(
    *,
    model_type: Annotated[str, choice(["SD1", "SDXL", "SVD"])],
    steps: Steps = 10,
    denoise: Share = 1.0,
) -> SIGMAS:
    """The sigmas of Align Your Steps, stretched to other numbers of steps."""
    from wftools.diffusion.sampling.published import ALIGN_YOUR_STEPS, stretched

    return stretched(ALIGN_YOUR_STEPS[model_type], steps, denoise)


@node("GITSScheduler", category=_CATEGORY)
def gits_scheduler(
    *,
    coeff: Annotated[float, Float(0.8, 1.5, step=0.05)] = 1.2,
    steps: Annotated[int, Int(2, 1000)] = 10,
    denoise: Share = 1.0,
) -> SIGMAS:
    """The sigmas of GITS for up to 20 steps, those of 20 stretched to more; a higher coefficient has lower sigmas."""
    from wftools.diffusion.sampling.gits import gits

    return gits(coeff, steps, denoise)


@node("OptimalStepsScheduler", category=_CATEGORY)
def optimal_steps_scheduler(
    *,
    model_type: Annotated[str, choice(["FLUX", "Wan", "Chroma"])],
    steps: Annotated[int, Int(3, 1000)] = 20,
    denoise: Share = 1.0,
) -> SIGMAS:
    """The sigmas of OptimalSteps, stretched to other numbers of steps."""
    from wftools.diffusion.sampling.published import OPTIMAL_STEPS, stretched

    return stretched(OPTIMAL_STEPS[model_type], steps, denoise)


@node("Ideogram4Scheduler", category=_CATEGORY, display_name="Ideogram 4 Scheduler")
def ideogram_4_scheduler(
    *,
    steps: Annotated[int, Int(1, 200)] = 20,
    width: Side = 1024,
    height: Side = 1024,
    mu: Annotated[float, Float(-10.0, 10.0, step=0.05)] = 0.0,
    std: Annotated[float, Float(0.1, 5.0, step=0.05)] = 1.75,
) -> SIGMAS:
    """The sigmas of Ideogram 4 for a size of picture."""
    from wftools.diffusion.sampling.spacings import ideogram

    return ideogram(steps, width, height, mu, std)
