"""What a guider's conds say of place and time, brought to the terms of one run."""

from dataclasses import dataclass, field, replace
from typing import Any

import pytest
import torch
from torch import Tensor

from wftools.diffusion.conditioning.regions import Region
from wftools.diffusion.conditioning.run import RunCond, for_run
from wftools.diffusion.sampling.levels import DiscreteLevels
from wftools.diffusion.sampling.parametrise import Eps
from wftools.errors import RunError
from wftools.values import Area, Cond, Conditioning, NetworkInputs, Sampling

LATENT = torch.zeros(1, 4, 8, 16)
LEVELS = DiscreteLevels()


@dataclass(frozen=True)
class Families:
    """A model that notes what it was asked to make inputs for."""

    asked: list[Cond] = field(default_factory=list)
    parametrisation: Eps = field(default_factory=lambda: Eps(LEVELS))

    def inputs(self, cond: Cond, _latent: Tensor, _sampling: Sampling) -> NetworkInputs:
        self.asked.append(cond)
        return NetworkInputs({"context": cond.tensor})


def cond(value: float = 1.0, **said: Any) -> Cond:
    return Cond(torch.full((1, 7, 2), value), **said)


def ready(*sides: Conditioning, model: Families | None = None) -> list[tuple[RunCond, ...]]:
    named = dict(zip(("positive", "negative", "middle"), sides, strict=False))
    run = for_run(model or Families(), named, Sampling(LATENT, LATENT))  # type: ignore[arg-type]
    return [tuple(each for each in conds if isinstance(each, RunCond)) for conds in run.values()]


def texts(conds: tuple[RunCond, ...]) -> list[float]:
    """Which text each is asked with."""
    return [each.inputs.tensors["context"].mean().item() for each in conds]


def area(height: int, width: int, y: int = 0, x: int = 0) -> Area:
    return Area((height, width), (y, x))


def test_inputs_are_made_once_and_know_the_side_that_they_are_for() -> None:
    model = Families()

    ready((cond(),), (cond(), cond(extras={"prompt_type": "own"})), model=model)

    assert [each.extras["prompt_type"] for each in model.asked] == ["positive", "negative", "own"]


def test_an_area_is_given_to_the_other_side_with_the_text_of_the_least_area_around_it() -> None:
    _, negative = ready(
        (cond(1.0, area=area(4, 4, 2, 2), strength=0.5),),
        (cond(-1.0), cond(-2.0, area=area(8, 8)), cond(-3.0, area=area(6, 6)), cond(-4.0, area=area(3, 3))),
    )

    assert texts(negative) == [-1.0, -2.0, -3.0, -4.0, -3.0]
    assert (negative[-1].region, negative[-1].strength) == (Region((4, 4), (2, 2)), 0.5)


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        ((cond(-1.0),), [-1.0, -1.0]),
        ((cond(-1.0), cond(-2.0)), [-1.0, -2.0, -1.0]),  # the first that says nothing of areas
        ((cond(-2.0, area=area(4, 4)),), [-2.0]),  # has it
        ((cond(-3.0, area=area(2, 2)),), [-3.0]),  # nothing lies around it
        ((), []),
    ],
)
def test_which_text_stands_against_an_area(others: Conditioning, expected: list[float]) -> None:
    _, negative = ready((cond(area=area(4, 4)),), others)

    assert texts(negative) == expected


def test_areas_go_to_all_other_sides() -> None:
    positive, negative, middle = ready((cond(1.0),), (cond(2.0),), (cond(3.0, area=area(4, 4)),))

    assert (texts(positive), texts(negative), texts(middle)) == ([1.0, 1.0], [2.0, 2.0], [3.0])


def test_a_mask_takes_the_size_of_the_latent_and_its_bounds_are_an_area() -> None:
    mask = torch.zeros(64, 128)
    mask[:, 64:] = 1.0

    (positive,) = ready((cond(mask=mask), cond(mask=mask, set_area_to_bounds=True)))

    assert positive[0].mask is not None
    assert positive[0].mask.shape == (1, 8, 16)
    assert [each.region for each in positive] == [None, Region((8, 8), (0, 8))]


@pytest.mark.parametrize(
    ("mask", "latent", "expected"),
    [
        ((8, 16), (1, 4, 8, 16), (1, 8, 16)),
        ((3, 64, 64), (1, 4, 8, 16), (3, 8, 16)),
        ((1, 64, 64), (1, 4, 5, 8, 16), (1, 5, 8, 16)),  # one for all frames of a video
        ((5, 64, 64), (1, 4, 5, 8, 16), (1, 5, 8, 16)),  # one for each
        ((2, 5, 64, 64), (1, 4, 5, 8, 16), (2, 5, 8, 16)),
    ],
)
def test_masks_of_pictures_and_videos(
    mask: tuple[int, ...], latent: tuple[int, ...], expected: tuple[int, ...]
) -> None:
    x = torch.zeros(latent)

    (only,) = for_run(Families(), {"positive": (cond(mask=torch.ones(mask)),)}, Sampling(x, x))["positive"]  # type: ignore[arg-type]

    assert only.mask is not None
    assert tuple(only.mask.shape) == expected
    assert torch.equal(only.mask, torch.ones(expected))


@pytest.mark.parametrize(
    ("mask", "latent", "message"),
    [
        ((4, 64, 64), (1, 4, 5, 8, 16), r"has the shape \[4, 64, 64\], the latent has \[5, 8, 16\] cells"),
        ((2, 3, 64, 64), (1, 4, 8, 16), r"has the shape \[2, 3, 64, 64\]"),
        ((64, 64), (1, 4, 100), "latents without height and width"),
    ],
)
def test_masks_that_fit_no_latent(mask: tuple[int, ...], latent: tuple[int, ...], message: str) -> None:
    x = torch.zeros(latent)

    with pytest.raises(RunError, match=message):
        for_run(Families(), {"positive": (cond(mask=torch.ones(mask)),)}, Sampling(x, x))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("said", "percents"),
    [
        ({}, (None, None)),
        ({"start_percent": 0.25}, (0.25, None)),
        ({"start_percent": 0.25, "end_percent": 0.5}, (0.25, 0.5)),
        ({"clip_start_percent": 0.1, "clip_end_percent": 0.6}, (0.1, 0.6)),
        ({"clip_start_percent": 0.1, "clip_end_percent": 0.6, "start_percent": 0.25, "end_percent": 0.9}, (0.25, 0.6)),
    ],
)
def test_percents_are_sigmas(said: dict[str, float], percents: tuple[float | None, float | None]) -> None:
    ((only,),) = ready((cond(**said),))

    expected = tuple(None if percent is None else LEVELS.at_percent(percent) for percent in percents)
    assert (only.first_sigma, only.last_sigma) == expected


def test_a_cond_counts_at_both_ends_of_its_range() -> None:
    one = replace(ready((cond(),))[0][0], first_sigma=4.0, last_sigma=2.0)

    assert [one.counts_at(torch.tensor(sigma)) for sigma in (4.1, 4.0, 3.0, 2.0, 1.9)] == [
        False,
        True,
        True,
        True,
        False,
    ]


def stand_in() -> Any:
    """Something that is a control, or boxes, or nothing that is asked here."""
    return object()


def test_a_control_for_both_sides_is_given_to_conds_without_one() -> None:
    first, second = stand_in(), stand_in()
    positive = (
        cond(control=first, control_apply_to_uncond=True),
        cond(control=stand_in()),
        cond(control=second, control_apply_to_uncond=True),
        cond(control=stand_in(), control_apply_to_uncond=True, area=area(8, 16)),
    )

    _, negative = ready(positive, (cond(), cond(area=area(2, 2)), cond()))

    assert [each.control for each in negative[:3]] == [first, None, second]


def test_a_side_with_a_control_of_its_own_gets_none() -> None:
    own = stand_in()
    _, negative = ready(
        (cond(control=stand_in(), control_apply_to_uncond=True),),
        (cond(), cond(control=own)),
    )

    assert [each.control for each in negative] == [None, own]


def test_boxes_are_given_to_the_other_side() -> None:
    boxes = stand_in()

    _, negative = ready((cond(gligen=boxes),), (cond(), cond()))

    assert [each.gligen for each in negative] == [boxes, None]
