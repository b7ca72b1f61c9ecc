import pytest
import torch

from wftools.mini.captions import words_in
from wftools.mini.judge import see, wrong
from wftools.mini.render import render
from wftools.mini.scene import PIXELS, PLAIN, RICH, Mix, Words, scene
from wftools.mini.score import prompts

# On 600 renders of each kind the judge made no mistake.
LEAST_ACCURACY = 0.97


@pytest.mark.parametrize("mix", [PLAIN, RICH])
def test_the_judge_sees_what_was_drawn(mix: Mix) -> None:
    scenes = [scene(seed, mix) for seed in range(10**9, 10**9 + 200)]

    right = [not wrong(one.words, see(picture)) for one, picture in zip(scenes, render(scenes), strict=True)]

    assert sum(right) / len(right) >= LEAST_ACCURACY


def test_without_an_object_there_is_only_ground() -> None:
    assert see(torch.full((PIXELS, PIXELS, 3), 0.5)) == Words(ground="gray")


def test_noise_is_no_shape() -> None:
    noise = torch.rand(PIXELS, PIXELS, 3, generator=torch.Generator().manual_seed(0))

    assert see(noise).shape is None


def test_what_is_not_asked_for_must_be_as_usual() -> None:
    seen = Words(shape="star", colour="red", fill="outlined", count="two", ground="blue")

    assert wrong(Words(shape="star", colour="red"), seen) == {"fill", "count"}


def test_a_plain_ground_that_comes_out_graded_is_wrong() -> None:
    seen = Words(shape="star", fill="solid", count="one", ground="blue", ground_below="red")

    assert wrong(Words(ground="blue"), seen) == {"ground_below"}


@pytest.mark.parametrize("kind", ["plain", "rich"])
def test_the_fixed_prompts_say_what_they_want(kind: str) -> None:
    for each in prompts(kind):
        assert words_in(each.prompt) == each.wants


def test_there_are_two_hundred_plain_prompts_that_ask_for_shape_colour_and_ground() -> None:
    fixed = prompts("plain")

    assert len(fixed) == len({each.seed for each in fixed}) == 200
    assert all({"shape", "colour", "ground"} <= set(each.wants.said()) for each in fixed)
