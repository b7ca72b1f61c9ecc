"""wftools.nodes.audio_models: what models of sound are given."""

import pytest
import torch

from wftools.nodes.audio_models import conditioning_stable_audio, empty_latent_audio
from wftools.values import Cond


@pytest.mark.parametrize(("seconds", "length"), [(47.6, 1024), (1.0, 22), (1000.0, 21534)])
def test_an_empty_sound_has_an_even_length(seconds: float, length: int) -> None:
    assert empty_latent_audio(seconds=seconds, batch_size=2).samples.shape == (2, 64, length)


def test_both_sides_say_which_part_of_a_sound_is_wanted() -> None:
    cond = Cond(torch.zeros(1, 2, 3), extras={"width": 8})

    sides = conditioning_stable_audio(positive=(cond,), negative=(cond, cond), seconds_start=1.0, seconds_total=5.0)

    assert [len(side) for side in sides] == [1, 2]
    for side in sides:
        assert all(each.extras == {"width": 8, "seconds_start": 1.0, "seconds_total": 5.0} for each in side)
