"""Sigmas by formulas, tables and texts."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from wftools.diffusion.sampling import gits, spacings
from wftools.diffusion.sampling.levels import DiscreteLevels
from wftools.diffusion.sampling.published import ALIGN_YOUR_STEPS, OPTIMAL_STEPS, stretched
from wftools.errors import RunError

TABLES = {**ALIGN_YOUR_STEPS, **OPTIMAL_STEPS}


@pytest.mark.parametrize("formula", [spacings.karras, spacings.exponential, spacings.polyexponential])
@pytest.mark.parametrize("steps", [2, 5, 20])
def test_a_formula_goes_from_the_highest_sigma_to_the_lowest_and_to_zero(formula: object, steps: int) -> None:
    assert callable(formula)

    sigmas = formula(steps, 0.1, 10.0)

    assert sigmas.dtype == torch.float32
    assert (sigmas.diff() < 0).all()
    torch.testing.assert_close(sigmas[[0, -2, -1]], torch.tensor([10.0, 0.1, 0.0]))
    assert len(sigmas) == steps + 1


def test_the_logarithms_of_powers_of_a_line_are_even_where_the_power_is_one() -> None:
    torch.testing.assert_close(spacings.polyexponential(7, 0.1, 10.0, 1.0), spacings.exponential(7, 0.1, 10.0))


def test_the_variance_of_a_process_that_preserves_it_grows_as_its_formula_says() -> None:
    """Sigma**2 + 1 is exp of the integral of beta."""
    sigmas = spacings.variance_preserving(3, beta_d=2.0, beta_min=0.5, end=0.5)

    integrals = [time**2 + 0.5 * time for time in (1.0, 0.75, 0.5)]
    torch.testing.assert_close(sigmas[:-1] ** 2 + 1, torch.tensor(integrals).exp())


def test_laplace_s_sigmas_lie_around_their_median_and_have_no_zero() -> None:
    sigmas = spacings.laplace(5, 0.01, 100.0, mu=math.log(2.0), beta=0.5)

    assert len(sigmas) == 5
    assert (sigmas.diff() < 0).all()
    torch.testing.assert_close(sigmas[2], torch.tensor(2.0), rtol=1e-4, atol=0.0)


def test_larger_pictures_have_more_noise_at_each_of_ideogram_s_steps() -> None:
    small, large = (spacings.ideogram(6, side, side) for side in (512, 1024))

    assert (large[1:-1] > small[1:-1]).all()
    assert large[-1] == 0


@pytest.mark.parametrize(
    "formula",
    [
        lambda: spacings.karras(4, 0.1, 10.0, 0.0),
        lambda: spacings.exponential(4, 0.0, 10.0),
        lambda: spacings.polyexponential(4, 0.1, 0.0),
        lambda: spacings.started_at(torch.zeros(0), 1.0),
        lambda: spacings.written("1..5, 0"),
    ],
)
def test_what_a_formula_is_not_defined_for_is_one_clear_error(formula: object) -> None:
    assert callable(formula)

    with pytest.raises(RunError):
        formula()


@pytest.mark.parametrize(
    ("steps", "denoise", "timesteps"),
    [(1, 1.0, [999]), (3, 1.0, [999, 899, 799]), (10, 0.35, [299, 199, 99]), (4, 0.0, [])],
)
def test_turbo_s_timesteps_are_hundreds(steps: int, denoise: float, timesteps: list[int]) -> None:
    levels = DiscreteLevels()

    sigmas = spacings.turbo(levels, steps, denoise)

    assert sigmas.tolist() == [*levels.sigma(torch.tensor(timesteps)).tolist(), 0.0]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [("1, 0.5", [1.0, 0.5]), ("14.6 7,-.5;0", [14.6, 7.0, -0.5, 0.0]), ("1e-3", [1.0, -3.0]), ("none", [])],
)
def test_sigmas_are_the_numbers_of_a_text(text: str, numbers: list[float]) -> None:
    assert spacings.written(text).tolist() == pytest.approx(numbers)


def test_sigmas_that_ascend_start_above_zero() -> None:
    sigmas = torch.tensor([2.0, 1.0, 0.0])

    assert spacings.flipped(sigmas).tolist() == pytest.approx([1e-4, 1.0, 2.0])
    assert sigmas.tolist() == [2.0, 1.0, 0.0]
    assert len(spacings.flipped(torch.zeros(0))) == 0


@given(st.integers(1, 9), st.sampled_from(["linear", "cosine", "sine"]))
def test_a_step_is_cut_into_as_many_as_are_asked_for(steps: int, spacing: str) -> None:
    sigmas = torch.tensor([8.0, 4.0, 1.0, 0.0])

    extended = spacings.extended(sigmas, steps, 5.0, 1.0, spacing)

    assert len(extended) == 4 + 2 * (steps - 1)
    assert (extended.diff() < 0).all()
    assert set(sigmas.tolist()) <= set(extended.tolist())
    assert (extended > 4.0).sum() == 1


def test_without_sigmas_there_is_none_between_them() -> None:
    assert len(spacings.extended(torch.zeros(0), 3, -1.0, 0.0, "linear")) == 0


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
@pytest.mark.parametrize("steps", [3, 10, 37])
def test_a_table_is_stretched_between_its_ends(table: list[float], steps: int) -> None:
    sigmas = stretched(table, steps)

    assert len(sigmas) == steps + 1
    assert (sigmas.diff() < 0).all()
    assert sigmas[0].item() == pytest.approx(table[0])
    assert sigmas[-1] == 0


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_a_table_of_that_length_stays_as_it_is_but_for_its_end(table: list[float]) -> None:
    assert stretched(table, len(table) - 1).tolist() == pytest.approx([*table[:-1], 0.0])


@pytest.mark.parametrize("coefficient", [round(0.8 + 0.05 * place, 2) for place in range(15)])
def test_gits_has_a_table_for_each_coefficient_and_number_of_steps(coefficient: float) -> None:
    for steps in (*range(2, 21), 33):
        sigmas = gits.gits(coefficient, steps)

        assert len(sigmas) == steps + 1
        assert (sigmas.diff() < 0).all()
        assert sigmas[[0, -1]].tolist() == pytest.approx([14.61464119, 0.0])


def test_a_higher_coefficient_of_gits_has_lower_sigmas() -> None:
    halves = [gits.gits(coefficient, 12)[6].item() for coefficient in gits.BETWEEN]

    assert halves == sorted(halves, reverse=True)


def test_the_sigmas_of_gits_are_stable_diffusion_s() -> None:
    """At fractions of a timestep, where the published numbers are those of float32's alphas."""
    levels = DiscreteLevels()
    all_sigmas = levels.sigma(torch.arange(101) * 9.99)

    distances = (torch.tensor(gits.SIGMAS)[:, None] / all_sigmas - 1).abs().min(dim=1).values

    assert distances.max() < 5e-5


def test_a_coefficient_without_a_table_says_which_there_are() -> None:
    with pytest.raises(RunError, match=r"coefficient 0\.83"):
        gits.gits(0.83, 10)


@pytest.mark.parametrize(("denoise", "kept"), [(0.0, 0), (0.04, 1), (0.5, 6), (0.99, 11)])
def test_with_denoise_the_end_of_a_table_is_taken(denoise: float, kept: int) -> None:
    whole = stretched(ALIGN_YOUR_STEPS["SD1"], 10)

    part = stretched(ALIGN_YOUR_STEPS["SD1"], 10, denoise)

    assert part.tolist() == whole[len(whole) - kept :].tolist()
