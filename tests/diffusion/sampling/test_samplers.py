"""Samplers on data for which the right answer is known: a Gaussian of deviation DEVIATION around 0.

Where alpha is what x has of the latent, x has the deviation sqrt(alpha**2 * s**2 + sigma**2) at every sigma, and the
latent without noise is alpha * x * s**2 over the square of that.

Every sampler of the menu stands in the table of laws, so that a new one cannot come in without its order.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise

import pytest
import torch
from torch import Tensor

from wftools.diffusion.sampling import NONE, SAMPLERS, Solver, sampler
from wftools.diffusion.sampling.levels import DiscreteLevels, FlowLevels
from wftools.diffusion.sampling.noise import no_noise, noise_of
from wftools.diffusion.sampling.parametrise import Eps, Flow
from wftools.diffusion.sampling.step import Noise, Step, Steps, drive
from wftools.errors import RunError
from wftools.values import Denoise, Pair, Parametrisation

DEVIATION = 1.5
START, END = 20.0, 0.2


@dataclass(frozen=True)
class Law:
    """What holds for a sampler.

    `order`: by how much twice the steps divide the error, as a power of two; of a stochastic sampler without its noise,
    and None of one that has no `eta` to take it away, or whose steps are its own. `kinds`: the parametrisations that it
    is for. `options`: those with which its order shows; the first steps of a multistep method, which are of lower
    order, hide one above 2. `steps`: the fewer of two runs. `ends_at`: the sigma where it ends if the last one is 0;
    None: the last one above.
    """

    order: int | None
    kinds: tuple[str, ...] = ("eps", "flow")
    options: Mapping[str, float] = field(default_factory=dict)
    steps: int = 160
    ends_at: float | None = 0.0


LAWS = {
    "euler": Law(1),
    "euler_cfg_pp": Law(1),
    "euler_ancestral": Law(1),
    "euler_ancestral_cfg_pp": Law(1),
    "heun": Law(2),
    "heunpp2": Law(1),
    "exp_heun_2_x0": Law(2),
    "exp_heun_2_x0_sde": Law(2),
    "dpm_2": Law(2),
    "dpm_2_ancestral": Law(2),
    "lms": Law(2, options={"order": 2}),
    "dpm_fast": Law(2, steps=162, ends_at=None),  # of the same remainder by 3 as twice as many
    "dpm_adaptive": Law(None, kinds=("eps",), options={"rtol": 1e-3, "atol": 1e-4, "eta": 1.0}, ends_at=None),
    "dpmpp_2s_ancestral": Law(2),
    "dpmpp_2s_ancestral_cfg_pp": Law(None, kinds=()),  # ComfyUI's has guidance even where both sides say the same
    "dpmpp_sde": Law(2),
    "dpmpp_sde_gpu": Law(2),
    "dpmpp_2m": Law(2),
    "dpmpp_2m_cfg_pp": Law(2),
    "dpmpp_2m_sde": Law(2),
    "dpmpp_2m_sde_gpu": Law(2),
    "dpmpp_2m_sde_heun": Law(2),
    "dpmpp_2m_sde_heun_gpu": Law(2),
    "dpmpp_3m_sde": Law(2),
    "dpmpp_3m_sde_gpu": Law(2),
    "ddpm": Law(None, kinds=("eps",)),
    "lcm": Law(None, kinds=()),  # it takes the latent for what a consistency model says
    "ipndm": Law(2),
    "ipndm_v": Law(2, options={"max_order": 2}),
    "deis": Law(2, options={"max_order": 2}),
    "res_multistep": Law(2),
    "res_multistep_cfg_pp": Law(2),
    "res_multistep_ancestral": Law(2, kinds=("eps",)),
    "res_multistep_ancestral_cfg_pp": Law(2, kinds=("eps",)),
    "gradient_estimation": Law(1),
    "gradient_estimation_cfg_pp": Law(1),
    "er_sde": Law(2, options={"max_stage": 2}, steps=20),  # its integrals are sums over 200 points, which show later on
    "seeds_2": Law(2),
    "seeds_3": Law(3),
    "sa_solver": Law(4),
    "sa_solver_pece": Law(4),
    "ddim": Law(1),
    "uni_pc": Law(2, ends_at=0.001),
    "uni_pc_bh2": Law(2, ends_at=0.001),
}
STOCHASTIC = [name for name in LAWS if SAMPLERS[name].noise != NONE]
CASES = [(name, kind) for name, law in LAWS.items() for kind in law.kinds]

# 160 steps of a first-order solver, and 20,000 samples, each err by about one percent.
VARIANCE_TOLERANCE = 0.03

KINDS: Mapping[str, Parametrisation] = {"eps": Eps(DiscreteLevels()), "flow": Flow(FlowLevels())}


@dataclass(frozen=True)
class Gaussian:
    """Knows the data, whatever the prompt says."""

    parametrisation: Parametrisation = KINDS["eps"]

    def __call__(self, x: Tensor, sigma: Tensor) -> Tensor:
        alpha = self.parametrisation.alpha(sigma)
        denoised: Tensor = alpha * x * DEVIATION**2 / (alpha**2 * DEVIATION**2 + sigma**2)
        return denoised

    def pair(self, x: Tensor, sigma: Tensor) -> Pair:
        return Pair(self(x, sigma), self(x, sigma), self(x, sigma))


def sigmas(steps: int, kind: str = "eps") -> Tensor:
    """From START to END, or their like in a flow, where a latent at its own scale has noise sigma / (1 - sigma)."""
    ramp = torch.linspace(0, 1, steps + 1, dtype=torch.float64)
    way: Tensor = (START ** (1 / 7) + ramp * (END ** (1 / 7) - START ** (1 / 7))) ** 7
    return way / (1 + way) if kind == "flow" else way


def deviations(kind: str) -> tuple[float, float]:
    """Those of x at the start and at the end."""
    ends = sigmas(1, kind)
    alphas = KINDS[kind].alpha(ends)
    start, end = ((alphas**2 * DEVIATION**2 + ends**2) ** 0.5).tolist()
    return start, end


def silent(_step: Step) -> None:
    pass


def without_noise(name: str) -> Solver:
    """A sampler, of a stochastic one its limit that adds no noise."""
    options = LAWS[name].options
    return sampler(name, **options, eta=0.0) if name in STOCHASTIC else sampler(name, **options)


def order(solver: Solver, kind: str = "eps", steps: int = 160) -> float:
    """How the error shrinks where the steps are doubled, as a power of two."""
    start, end = deviations(kind)

    def error(steps: int) -> float:
        x = torch.full((1,), start, dtype=torch.float64)
        last = drive(solver(Gaussian(KINDS[kind]), x, sigmas(steps, kind), no_noise), silent)
        return abs(last.item() - end)

    return math.log2(error(steps) / error(2 * steps))


def deviation_at_the_end(solver: Solver, kind: str = "eps") -> float:
    """Of 20,000 samples, as a share of what it should be."""
    start, end = deviations(kind)
    x = torch.randn(20_000, generator=torch.Generator().manual_seed(0), dtype=torch.float64) * start
    way = sigmas(160, kind)
    last = drive(solver(Gaussian(KINDS[kind]), x, way, noise_of(solver.noise, x, way, 1)), silent)
    return last.std().item() / end


def test_every_sampler_of_the_menu_has_its_order_in_the_table() -> None:
    assert list(LAWS) == list(SAMPLERS)
    assert [name for name, law in LAWS.items() if law.order is None and name not in STOCHASTIC] == []


@pytest.mark.parametrize(("name", "kind"), [case for case in CASES if LAWS[case[0]].order is not None])
def test_twice_the_steps_divide_the_error_by_two_to_the_order(name: str, kind: str) -> None:
    assert order(without_noise(name), kind, LAWS[name].steps) == pytest.approx(LAWS[name].order, abs=0.15)


@pytest.mark.parametrize(("name", "kind"), [case for case in CASES if case[0] in STOCHASTIC])
def test_stochastic_samplers_keep_the_variance(name: str, kind: str) -> None:
    solver = sampler(name, **LAWS[name].options)

    assert deviation_at_the_end(solver, kind) == pytest.approx(1.0, rel=VARIANCE_TOLERANCE)


def multistep(slope_share: float) -> Solver:
    """Adams and Bashforth's second order (lms with two steps), with a share of the slope that belongs there."""

    def lms(denoise: Denoise, x: Tensor, sigmas: Tensor, noise: Noise, **_options: object) -> Steps:
        before: tuple[Tensor, Tensor] | None = None
        for index, (sigma, sigma_next) in enumerate(pairwise(sigmas)):
            denoised = denoise(x, sigma)
            yield Step(index, sigma, x, denoised)
            slope, width = (x - denoised) / sigma * slope_share, sigma_next - sigma
            change = slope * width
            if before is not None:
                change = change + (slope - before[0]) / before[1] * width**2 / 2
            x = x + change
            before = slope, width
        return x

    return Solver(lms, NONE)


def noisy(share: float) -> Solver:
    """Euler's ancestral steps with a share of the noise that belongs there."""
    return sampler("euler_ancestral", s_noise=share)


def test_the_laws_refuse_samplers_with_a_wrong_coefficient() -> None:
    """What is right passes, so that the laws say more than no to everything."""
    assert order(multistep(1.0)) == pytest.approx(2, abs=0.15)
    assert order(multistep(0.5)) != pytest.approx(2, abs=0.5)
    assert deviation_at_the_end(noisy(1.0)) == pytest.approx(1.0, rel=VARIANCE_TOLERANCE)
    assert deviation_at_the_end(noisy(0.9)) != pytest.approx(1.0, rel=VARIANCE_TOLERANCE)


@pytest.mark.parametrize("name", [name for name in STOCHASTIC if LAWS[name].order is not None])
def test_without_eta_no_noise_is_drawn_that_counts(name: str) -> None:
    x = torch.ones(1, dtype=torch.float64)

    ends = [
        drive(
            sampler(name, eta=0.0)(Gaussian(), x, sigmas(8), lambda *_, noise=noise: torch.full_like(x, noise)), silent
        )
        for noise in (0.0, 1e9)
    ]

    torch.testing.assert_close(*ends)


def test_guidance_moves_the_latent_of_cfg_pp_and_not_its_noise() -> None:
    """Chung et al. 2024, equation 10: the noise is what the negative side leaves of x."""

    class Guided(Gaussian):
        def pair(self, x: Tensor, sigma: Tensor) -> Pair:
            uncond = self(x, sigma)
            return Pair(uncond + 5.0, uncond + 1.0, uncond)

    x, way = torch.full((1,), 3.0, dtype=torch.float64), torch.tensor([2.0, 1.0], dtype=torch.float64)
    uncond = Gaussian()(x, way[0])

    end = drive(sampler("euler_cfg_pp")(Guided(), x, way, no_noise), silent)

    torch.testing.assert_close(end, uncond + 5.0 + (x - uncond) / 2.0 * 1.0)


@pytest.mark.parametrize(("name", "option"), [("euler_ancestral", "ete"), ("euler", "eta"), ("euler_cfg_pp", "eta")])
def test_an_option_that_a_sampler_does_not_have_is_refused(name: str, option: str) -> None:
    """Also one that its function has, but that makes it this sampler and no other."""
    with pytest.raises(RunError, match=f"{name!r} has no option {option!r}"):
        sampler(name, **{option: 0.5})


@pytest.mark.parametrize("name", [name for name, law in LAWS.items() if law.ends_at is not None])
def test_the_last_step_to_zero_ends_at_the_latent_without_noise(name: str) -> None:
    answers: list[Tensor] = []

    class Heard(Gaussian):
        def __call__(self, x: Tensor, sigma: Tensor) -> Tensor:
            answers.append(super().__call__(x, sigma))
            return answers[-1]

    x = torch.full((3,), 2.0, dtype=torch.float64)
    way = torch.tensor([5.0, 1.0, 0.0], dtype=torch.float64)

    end = drive(sampler(name)(Heard(), x, way, lambda *_: torch.ones_like(x)), silent)

    torch.testing.assert_close(end, answers[-1], rtol=LAWS[name].ends_at, atol=1e-7)


@pytest.mark.parametrize("name", [name for name, law in LAWS.items() if law.ends_at is None])
def test_a_last_sigma_of_zero_is_left_out_where_no_step_leads_there(name: str) -> None:
    x = torch.full((3,), 2.0, dtype=torch.float64)
    way = torch.tensor([5.0, 2.0, 1.0, 0.0], dtype=torch.float64)

    ends = [drive(sampler(name)(Gaussian(), x, each, no_noise), silent) for each in (way, way[[0, 1, 1, 2]])]

    torch.testing.assert_close(*ends)


@pytest.mark.parametrize("name", SAMPLERS)
def test_every_step_is_reported_before_x_changes(name: str) -> None:
    x = torch.ones(3, dtype=torch.float64)
    seen: list[Step] = []

    drive(sampler(name)(Gaussian(), x, sigmas(4), lambda *_: torch.zeros_like(x)), seen.append)

    assert [step.index for step in seen] == list(range(len(seen)))
    assert len(seen) == (seen[-1].total or 4)
    assert seen[0].sigma.item() == pytest.approx(START)
    assert all(before.sigma > after.sigma for before, after in pairwise(seen))
    assert seen[0].x is x
    for step in seen:
        torch.testing.assert_close(step.denoised, Gaussian()(step.x, step.sigma))


def test_an_adaptive_sampler_errs_as_little_as_it_is_asked_to() -> None:
    start, end = deviations("eps")
    x = torch.full((1,), start, dtype=torch.float64)

    errors = [
        abs(
            drive(sampler("dpm_adaptive", rtol=rtol, atol=rtol)(Gaussian(), x, sigmas(1), no_noise), silent).item()
            - end
        )
        for rtol in (1e-1, 1e-3, 1e-5)
    ]

    assert errors[0] > 10 * errors[1] > 100 * errors[2]
    assert errors[2] < 1e-4


@pytest.mark.parametrize(
    ("options", "x", "sigma", "message"),
    [
        ({}, float("nan"), 1.0, "no step that is accurate enough"),
        ({"h_init": 0.0}, 1.0, 1.0, "no step that is accurate enough"),
        ({}, 1.0, -1.0, "sigmas above 0 only"),
        ({}, 1.0, float("nan"), "sigmas above 0 only"),
        ({"eta": 1.0}, 1.0, 6.0, "ascending sigmas"),
    ],
)
def test_an_adaptive_sampler_gives_up_where_it_gets_nowhere(
    options: dict[str, float], x: float, sigma: float, message: str
) -> None:
    way = torch.tensor([5.0, sigma], dtype=torch.float64)

    with pytest.raises(RunError, match=message):
        drive(sampler("dpm_adaptive", **options)(Gaussian(), torch.tensor([x]), way, no_noise), silent)


def test_a_consistency_sampler_gives_each_denoised_latent_the_noise_of_the_next_sigma() -> None:
    x = torch.tensor([3.0, -1.0], dtype=torch.float64)
    way = torch.tensor([2.0, 1.0, 0.5], dtype=torch.float64)
    seen: list[Step] = []

    def noise(*_: object) -> Tensor:
        return torch.tensor([1.0, 0.5], dtype=torch.float64)

    end = drive(sampler("lcm", s_noise=2.0, s_noise_end=4.0)(Gaussian(), x, way, noise), seen.append)

    torch.testing.assert_close(seen[1].x, seen[0].denoised + 1.0 * 2.0 * noise())
    torch.testing.assert_close(end, seen[1].denoised + 0.5 * 4.0 * noise())


def test_unipc_with_one_step_takes_nothing_of_what_the_model_says() -> None:
    x, way = torch.full((1,), 20.0, dtype=torch.float64), torch.tensor([20.0, 0.0], dtype=torch.float64)

    end = drive(sampler("uni_pc")(Gaussian(), x, way, no_noise), silent)

    assert end.item() == pytest.approx(20 / math.sqrt(1 + 20**2), rel=1e-4)


def test_what_the_report_raises_ends_the_sampler() -> None:
    steps = sampler("euler")(Gaussian(), torch.ones(1, dtype=torch.float64), sigmas(4), no_noise)

    def stop(_step: Step) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        drive(steps, stop)

    assert next(steps, None) is None
