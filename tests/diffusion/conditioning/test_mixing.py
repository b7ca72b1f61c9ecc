from dataclasses import replace

import pytest
import torch

from wftools.diffusion.conditioning.mixing import averaged, concatenated, scaled, zeroed
from wftools.errors import RunError
from wftools.values import Cond


def cond(value: float, tokens: int = 4, width: int = 2, pooled: float | None = None) -> Cond:
    vector = None if pooled is None else torch.full((1, width), pooled)
    return Cond(torch.full((1, tokens, width), value), vector, strength=0.5)


def test_an_average_lies_between_two_texts_and_a_shorter_one_ends_in_zeros() -> None:
    (mixed,) = averaged((cond(1.0, 4),), (cond(3.0, 3),), 0.75)

    assert mixed.tensor[0, :, 0].tolist() == [1.5, 1.5, 1.5, 0.75]
    assert mixed.strength == 0.5


@pytest.mark.parametrize(
    ("to", "other", "expected"), [(1.0, 3.0, 1.5), (None, 3.0, 3.0), (1.0, None, 1.0), (None, None, None)]
)
def test_the_average_of_whole_texts(to: float | None, other: float | None, expected: float | None) -> None:
    (mixed,) = averaged((cond(0.0, pooled=to),), (cond(0.0, pooled=other),), 0.75)

    assert (None if mixed.pooled_output is None else mixed.pooled_output[0, 0].item()) == expected


def test_a_concatenation_has_the_tokens_of_the_first_other_cond_behind_each() -> None:
    both = concatenated((cond(1.0, 2, pooled=5.0), cond(2.0, 1)), (cond(3.0, 1), cond(4.0, 1)))

    assert [each.tensor[0, :, 0].tolist() for each in both] == [[1.0, 1.0, 3.0], [2.0, 3.0]]
    assert both[0].pooled_output is not None


def test_all_vectors_are_scaled_or_zeroed() -> None:
    text = (cond(2.0, pooled=3.0), cond(4.0))

    assert [each.tensor.mean().item() for each in scaled(text, -0.5)] == [-1.0, -2.0]
    assert [each.tensor.abs().sum().item() for each in zeroed(text)] == [0.0, 0.0]
    pooled = [changed[0].pooled_output for changed in (scaled(text, -0.5), zeroed(text))]
    assert [None if each is None else each.mean().item() for each in pooled] == [-1.5, 0.0]


def test_a_song_s_text_is_zeroed_with_the_rest_but_not_scaled() -> None:
    song = (replace(cond(2.0), extras={"conditioning_lyrics": torch.ones(1, 3)}),)

    lyrics = [changed[0].extras["conditioning_lyrics"].sum().item() for changed in (zeroed(song), scaled(song, 3.0))]

    assert lyrics == [0.0, 3.0]


def test_texts_of_different_widths_do_not_mix() -> None:
    for mix in (lambda a, b: averaged(a, b, 0.5), concatenated):
        with pytest.raises(RunError, match="one conditioning is 2 wide, the other one 3"):
            mix((cond(1.0),), (cond(1.0, width=3),))


def test_nothing_can_be_mixed_in_from_an_empty_conditioning() -> None:
    with pytest.raises(RunError, match="no entries"):
        concatenated((cond(1.0),), ())
