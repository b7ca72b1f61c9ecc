import pytest
import torch

from wftools.diffusion.latent_operations import Sharpen, TonemapReinhard
from wftools.errors import RunError


def latent(*shape: int) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(0))


def test_sharpening_keeps_what_is_even_and_sets_off_what_is_not() -> None:
    even = torch.ones(1, 4, 12, 12)
    dot = even.clone()
    dot[0, 0, 6, 6] = 3.0

    torch.testing.assert_close(Sharpen(3, 1.0, 0.5)(even), even)
    assert Sharpen(3, 1.0, 0.5)(dot)[0, 0, 6, 6] > 3.0


@pytest.mark.parametrize("shape", [(1, 4, 3, 8), (1, 4, 8, 3)])
def test_a_latent_that_is_no_larger_than_the_radius_cannot_be_reflected(shape: tuple[int, ...]) -> None:
    with pytest.raises(RunError, match="cannot be sharpened with a radius of 3"):
        Sharpen(3, 1.0, 0.1)(latent(*shape))


def test_a_video_is_not_sharpened() -> None:
    with pytest.raises(RunError, match="videos cannot be sharpened"):
        Sharpen(3, 1.0, 0.1)(latent(1, 4, 5, 8, 8))


@pytest.mark.parametrize("shape", [(2, 4, 8, 8), (1, 4, 3, 8, 8), (1, 8, 16, 10)])
def test_tonemapping_keeps_directions_and_order_and_shortens_the_longest(shape: tuple[int, ...]) -> None:
    before = latent(*shape)

    after = TonemapReinhard(1.0)(before)

    lengths, shorter = before.norm(dim=1), after.norm(dim=1)
    torch.testing.assert_close(before / lengths[:, None], after / shorter[:, None])
    assert (shorter < lengths).all()
    assert torch.equal(lengths[0].flatten().argsort(), shorter[0].flatten().argsort())
