from random import Random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from wftools.diffusion.text.tokenizer import tokenize
from wftools.mini.captions import HELD_OUT_PHRASINGS, PHRASINGS, caption, something_of, words_in
from wftools.mini.scene import RICH, Words, scene

seeds = st.integers(0, 2**32)


@given(seeds)
def test_what_a_caption_says_is_what_is_read_off_it(seed: int) -> None:
    random = Random(seed)
    words = something_of(scene(seed, RICH).words, random)

    assert words_in(caption(words, random, (*PHRASINGS, *HELD_OUT_PHRASINGS))) == words


@given(seeds)
@example(37302312)  # where by chance every word was left out
def test_a_caption_says_nothing_that_the_picture_does_not_show(seed: int) -> None:
    whole = scene(seed, RICH).words

    said = something_of(whole, Random(seed)).said()

    assert said.items() <= whole.said().items()
    assert said


@given(seeds)
def test_what_an_ordinary_prompt_does_not_give_is_always_said(seed: int) -> None:
    """Otherwise rows and outlines would come without being asked for."""
    whole = scene(seed, RICH).words

    said = something_of(whole, Random(seed))

    assert whole.count in {"one", said.count}
    assert whole.fill in {"solid", said.fill}


@given(seeds)
def test_a_caption_fits_into_what_the_text_encoder_reads(seed: int) -> None:
    assert len(list(tokenize(caption(scene(seed, RICH).words, Random(seed))))) <= 75


@pytest.mark.parametrize(
    ("prompt", "words"),
    [
        ("a red circle on a blue background", Words(shape="circle", colour="red", ground="blue")),
        (
            "small green star, white background, top left",
            Words(shape="star", colour="green", size="small", ground="white", place="top left"),
        ),
        ("a ball", Words(shape="circle")),
        ("Big Grey Box on black", Words(shape="square", colour="gray", size="large", ground="black")),
        ("a background of nothing", Words()),
        ("a gorgeous red cat", Words(colour="red")),
        ("three hollow hearts", Words(shape="heart", count="three", fill="outlined")),
        ("cross, red to blue gradient", Words(shape="cross", ground="red", ground_below="blue")),
        ("half moon in the middle", Words(shape="moon", place="center")),
        ("", Words()),
    ],
)
def test_prompts_of_people_are_understood(prompt: str, words: Words) -> None:
    assert words_in(prompt) == words
