"""Samplers on data for which the right answer is known: a Gaussian of deviation DEVIATION around 0.

There the latent without noise is x * s**2 / (s**2 + sigma**2), and the flow takes x along sqrt(s**2 + sigma**2).
"""

import math

import pytest
import torch
from torch import Tensor

from wftools.diffusion.sampling import SAMPLERS, sampler
from wftools.diffusion.sampling.step import Step, drive

DEVIATION = 1.5
START, END = 20.0, 0.2

ORDERS = {"euler": 1, "heun": 2, "dpm_2": 2, "dpmpp_2m": 2}
STOCHASTIC = ["euler_ancestral", "dpm_2_ancestral"]

# 160 steps of a first-order method, and 20,000 samples, each err by about one percent.
VARIANCE_TOLERANCE = 0.03


def gaussian(x: Tensor, sigma: Tensor) -> Tensor:
    return x * DEVIATION**2 / (DEVIATION**2 + sigma**2)


def sigmas(steps: int) -> Tensor:
    ramp = torch.linspace(0, 1, steps + 1, dtype=torch.float64)
    return (START ** (1 / 7) + ramp * (END ** (1 / 7) - START ** (1 / 7))) ** 7


def no_noise(_sigma: Tensor, _sigma_next: Tensor) -> Tensor:
    raise AssertionError("a deterministic sampler draws no noise")


def silent(_step: Step) -> None:
    pass


def error(name: str, steps: int) -> float:
    x = torch.ones(1, dtype=torch.float64)
    exact = math.sqrt((DEVIATION**2 + END**2) / (DEVIATION**2 + START**2))
    return abs(drive(sampler(name)(gaussian, x, sigmas(steps), no_noise), silent).item() - exact)


@pytest.mark.parametrize("name", ORDERS)
def test_twice_the_steps_divide_the_error_by_two_to_the_order(name: str) -> None:
    rate = math.log2(error(name, 160) / error(name, 320))

    assert rate == pytest.approx(ORDERS[name], abs=0.15)


@pytest.mark.parametrize("name", STOCHASTIC)
def test_ancestral_steps_keep_the_variance(name: str) -> None:
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(20_000, generator=generator, dtype=torch.float64) * math.sqrt(DEVIATION**2 + START**2)

    def noise(_sigma: Tensor, _sigma_next: Tensor) -> Tensor:
        return torch.randn(x.shape, generator=generator, dtype=x.dtype)

    end = drive(sampler(name)(gaussian, x, sigmas(160), noise), silent)

    assert end.std().item() == pytest.approx(math.sqrt(DEVIATION**2 + END**2), rel=VARIANCE_TOLERANCE)


@pytest.mark.parametrize(("name", "deterministic"), [("euler_ancestral", "euler"), ("dpm_2_ancestral", "dpm_2")])
def test_without_eta_an_ancestral_sampler_draws_no_noise_that_counts(name: str, deterministic: str) -> None:
    x = torch.ones(1, dtype=torch.float64)

    ends = [
        drive(sampler(name)(gaussian, x, sigmas(8), lambda *_: torch.full_like(x, 1e9), eta=0.0), silent),  # type: ignore[call-arg]
        drive(sampler(deterministic)(gaussian, x, sigmas(8), no_noise), silent),
    ]

    torch.testing.assert_close(*ends)


@pytest.mark.parametrize("name", [name for name, module in SAMPLERS.items() if module])
def test_the_last_step_to_zero_ends_at_the_latent_without_noise(name: str) -> None:
    x = torch.full((3,), 2.0, dtype=torch.float64)
    way = torch.tensor([5.0, 1.0, 0.0], dtype=torch.float64)
    seen: list[Step] = []

    end = drive(sampler(name)(gaussian, x, way, lambda *_: torch.ones_like(x)), seen.append)

    torch.testing.assert_close(end, seen[-1].denoised)


@pytest.mark.parametrize("name", [name for name, module in SAMPLERS.items() if module])
def test_every_step_is_reported_before_x_changes(name: str) -> None:
    x = torch.ones(3, dtype=torch.float64)
    seen: list[Step] = []

    drive(sampler(name)(gaussian, x, sigmas(4), lambda *_: torch.zeros_like(x)), seen.append)

    assert [step.index for step in seen] == [0, 1, 2, 3]
    assert [step.sigma.item() for step in seen] == sigmas(4)[:-1].tolist()
    assert seen[0].x is x
    for step in seen:
        torch.testing.assert_close(step.denoised, gaussian(step.x, step.sigma))


def test_what_the_report_raises_ends_the_sampler() -> None:
    steps = sampler("euler")(gaussian, torch.ones(1, dtype=torch.float64), sigmas(4), no_noise)

    def stop(_step: Step) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        drive(steps, stop)

    assert next(steps, None) is None
