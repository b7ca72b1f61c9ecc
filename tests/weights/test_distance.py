import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from wftools.weights.distance import CHUNK, NOTHING, distance

RELATIVE = 1e-4  # of float32's sums over a chunk; measured 3e-6 at worst

numbers = st.lists(st.floats(width=32), max_size=20)


def noisy(count: int, noise: float, seed: int = 0) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(count, generator=generator)
    return x, x + noise * torch.randn(count, generator=generator)


@pytest.mark.parametrize("noise", [1.0, 1e-3, 1e-6])
@pytest.mark.parametrize("scale", [1.0, 1e-25, 1e25])
def test_the_figures_are_those_of_float64(noise: float, scale: float) -> None:
    x, y = (scale * each for each in noisy(CHUNK + 1000, noise))

    found = distance(x, y)

    a, error = x.double(), y.double() - x.double()
    assert found.mse == pytest.approx(float((error**2).mean()), rel=RELATIVE)
    assert found.mean == pytest.approx(float(error.abs().mean()), rel=RELATIVE)
    assert found.largest == pytest.approx(float(error.abs().max()), rel=RELATIVE)
    assert found.snr == pytest.approx(10 * math.log10(float((a**2).sum() / (error**2).sum())), abs=0.001)
    along = a / a.norm()
    across = (error - along.dot(error) * along).norm() / y.double().norm()  # the sine
    assert 1 - found.cosine == pytest.approx(1 - math.sqrt(1 - float(across) ** 2), rel=0.001, abs=1e-15)


@given(numbers)
def test_nothing_is_nowhere_but_at_itself(values: list[float]) -> None:
    x = torch.tensor(values)

    found = distance(x, x.clone())

    assert found.is_zero
    assert (found.snr, found.cosine, found.mse) == (math.inf, 1.0, 0.0)


@given(numbers, numbers)
def test_the_distance_of_a_whole_is_that_of_its_parts(one: list[float], two: list[float]) -> None:
    x, y = torch.tensor(one), torch.tensor(two)
    whole = distance(torch.cat([x, y]), torch.cat([-x, y]))

    found = distance(x, -x) + distance(y, y)

    assert (found.count, found.non_finite, found.largest) == (whole.count, whole.non_finite, whole.largest)
    assert found.noise == pytest.approx(whole.noise, rel=RELATIVE)


@pytest.mark.parametrize(
    ("before", "after", "count", "non_finite"),
    [
        ([1.0, math.nan], [1.0, math.nan], 1, 0),
        ([1.0, math.inf], [1.0, math.inf], 1, 0),
        ([1.0, math.inf], [1.0, -math.inf], 1, 1),
        ([1.0, 2.0], [1.0, math.nan], 1, 1),
        ([], [], 0, 0),
    ],
)
def test_what_is_not_finite_is_counted_where_it_differs(
    before: list[float], after: list[float], count: int, non_finite: int
) -> None:
    found = distance(torch.tensor(before), torch.tensor(after))

    assert (found.count, found.non_finite, found.noise) == (count, non_finite, 0.0)
    assert found.is_zero == (non_finite == 0)


@pytest.mark.parametrize(
    ("before", "after", "snr", "cosine"),
    [
        ([0.0], [1.0], -math.inf, 0.0),
        ([1.0], [0.0], 0.0, 0.0),
        ([3.0], [-3.0], -6.0206, -1.0),
        ([0.0], [-0.0], math.inf, 1.0),
    ],
)
def test_what_has_no_direction(before: list[float], after: list[float], snr: float, cosine: float) -> None:
    found = distance(torch.tensor(before), torch.tensor(after))

    assert found.snr == pytest.approx(snr)
    assert found.cosine == cosine


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (torch.float64, torch.float32),
        (torch.float16, torch.bfloat16),
        (torch.float8_e4m3fn, torch.float8_e5m2),
        (torch.int64, torch.int8),
        (torch.bool, torch.uint8),
        (torch.complex64, torch.complex64),
    ],
)
def test_numbers_of_all_types_are_compared(one: torch.dtype, other: torch.dtype) -> None:
    x = torch.tensor([0, 1, 1, 0])

    found = distance(x.to(one), (1 - x).to(other))

    assert (found.mse, found.largest) == (0.5 if one.is_complex else 1.0, 1.0)
    assert sum([found, found], NOTHING).noise == 2 * found.noise
