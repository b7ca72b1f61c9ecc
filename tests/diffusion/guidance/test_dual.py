"""Guiders with a second scale or a second model; a model adds the mean of its text to x."""

from dataclasses import dataclass, replace

import pytest
import torch

from tests.diffusion.guidance.test_cfg import Recorder, cond
from wftools.diffusion.guidance import Asked, Guidance
from wftools.diffusion.guidance.dual import DualCfg, DualModelCfg, ScaleBetween
from wftools.values import Cond, NetworkInputs, Sampling

X, SIGMA = torch.zeros(1, 1, 2, 2), torch.ones(())
POSITIVE, MIDDLE, NEGATIVE = ((cond(value, 3),) for value in (5.0, 2.0, 1.0))


@dataclass(frozen=True)
class Other(Recorder):
    """A model that takes the options of another."""

    def with_options_of(self, other: Recorder) -> "Other":
        return replace(self, guidance=other.guidance)


def dual(scale: float, outer_scale: float, *, is_nested: bool = False, **options: object) -> tuple[DualCfg, Recorder]:
    model = Recorder(guidance=Guidance(**options))  # type: ignore[arg-type]
    return DualCfg(model, POSITIVE, MIDDLE, NEGATIVE, scale, outer_scale, is_nested), model  # type: ignore[arg-type]


def asked_about(model: Recorder) -> list[float]:
    return [value for call in model.calls for value in call[:, 0, 0].tolist()]


def test_the_scales_count_from_negative_to_middle_and_from_there_to_positive() -> None:
    guider, model = dual(3.0, 4.0)

    assert guider(X, SIGMA).mean().item() == pytest.approx(1.0 + 4.0 * (2.0 - 1.0) + 3.0 * (5.0 - 2.0))
    assert asked_about(model) == [5.0, 2.0, 1.0]


def test_nested_the_outer_scale_counts_from_negative_to_what_the_inner_one_gives() -> None:
    guider, _ = dual(3.0, 4.0, is_nested=True)

    inner = 2.0 + 3.0 * (5.0 - 2.0)
    assert guider(X, SIGMA).mean().item() == pytest.approx(1.0 + 4.0 * (inner - 1.0))


@pytest.mark.parametrize(
    ("scales", "is_nested", "always_both", "asked"),
    [
        ((3.0, 1.0), False, False, [5.0, 2.0]),
        ((1.0, 1.0), False, False, [5.0]),
        ((1.0, 3.0), False, False, [5.0, 2.0, 1.0]),
        ((1.0, 1.0), False, True, [5.0, 2.0, 1.0]),
        ((1.0, 1.0), True, False, [5.0, 2.0, 1.0]),
    ],
)
def test_sides_that_count_for_nothing_are_not_asked(
    scales: tuple[float, float], is_nested: bool, always_both: bool, asked: list[float]
) -> None:
    guider, model = dual(*scales, is_nested=is_nested, always_both=always_both)

    assert guider(X, SIGMA).mean().item() == pytest.approx(1.0 + scales[1] * (2.0 - 1.0) + scales[0] * (5.0 - 2.0))
    assert asked_about(model) == asked


@pytest.mark.parametrize(("is_nested", "sides"), [(False, (2.0, 1.0)), (True, (5.0, 2.0))])
def test_the_pair_of_a_dual_guider_is_what_the_model_s_own_guidance_combines(
    is_nested: bool, sides: tuple[float, float]
) -> None:
    seen: list[Asked] = []

    def after(denoised: torch.Tensor, asked: Asked) -> torch.Tensor:
        seen.append(asked)
        return denoised

    guider, _ = dual(1.0, 1.0, is_nested=is_nested, after=(after,))

    pair = guider.pair(X, SIGMA)

    assert (pair.cond.mean().item(), pair.uncond.mean().item()) == sides
    assert [(asked.cond.mean().item(), asked.uncond.mean().item()) for asked in seen] == [sides]
    assert [asked.positive for asked in seen] == [POSITIVE if is_nested else MIDDLE]


def two_models(scale: float, **options: object) -> tuple[DualModelCfg, Recorder, Recorder]:
    first, second = Other(guidance=Guidance(**options)), Other()  # type: ignore[arg-type]
    guider = DualModelCfg(first, second, POSITIVE, NEGATIVE, scale)  # type: ignore[arg-type]
    return guider, first, second


def test_each_side_is_asked_of_its_own_model() -> None:
    guider, first, second = two_models(3.0)

    assert guider(X, SIGMA).mean().item() == pytest.approx(1.0 + 3.0 * (5.0 - 1.0))
    assert (asked_about(first), asked_about(second)) == ([5.0], [1.0])


@pytest.mark.parametrize(
    ("scale", "options", "asked"),
    [
        (1.0, {}, []),
        (1.0, {"scale_at": (lambda _sigma: 3.0,)}, []),
        (3.0, {"scale_at": (lambda _sigma: 1.0,)}, []),
        (3.0, {"scale_at": (lambda _sigma: 1.0,), "always_both": True}, [1.0]),
    ],
)
def test_a_second_model_that_counts_for_nothing_is_not_asked(
    scale: float, options: dict[str, object], asked: list[float]
) -> None:
    guider, _, second = two_models(scale, **options)

    assert guider(X, SIGMA).mean().item() == 5.0
    assert asked_about(second) == asked


def test_both_models_predictions_can_be_had_whatever_the_scale_is() -> None:
    guider, _, _ = two_models(1.0)

    pair = guider.pair(X, SIGMA)

    assert (pair.cond.mean().item(), pair.uncond.mean().item()) == (5.0, 1.0)


@pytest.mark.parametrize(("sigma", "scale"), [(6.0, None), (5.0, 3.0), (2.1, 3.0), (2.0, None)])
def test_a_scale_on_a_part_of_the_way_counts_from_its_first_sigma_to_above_its_last(
    sigma: float, scale: float | None
) -> None:
    assert ScaleBetween(3.0, 5.0, 2.0)(torch.tensor(sigma)) == scale


def test_the_middle_of_three_sides_is_a_negative_one() -> None:
    """Families tell the two apart, for sizes and scores beside the text."""
    seen: list[tuple[float, object]] = []

    @dataclass(frozen=True)
    class Telling(Recorder):
        def inputs(self, cond: Cond, latent: torch.Tensor, sampling: Sampling) -> NetworkInputs:
            seen.append((cond.tensor.mean().item(), cond.extras["prompt_type"]))
            return NetworkInputs({"context": cond.tensor})

    guider = DualCfg(Telling(), POSITIVE, MIDDLE, NEGATIVE, 3.0, 4.0)  # type: ignore[arg-type]

    guider.during(Sampling(X, X))

    assert sorted(seen) == [(1.0, "negative"), (2.0, "negative"), (5.0, "positive")]
