"""Laws of what changes a network on its way; what it computes is held by recorded runs."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from wftools.diffusion.patches import At, Call, Given, Patches
from wftools.diffusion.patching.deep_shrink import deep_shrink
from wftools.diffusion.patching.free_u import free_u, free_u_v2
from wftools.diffusion.patching.hyper_tile import hyper_tile, tiles_along
from wftools.diffusion.patching.nag import normalized_attention_guidance
from wftools.diffusion.patching.tome import matched, merge_tokens
from wftools.values import Clip, Model, NetworkInputs, Vae


@pytest.fixture
def model(mini_sd15: tuple[Model, Clip, Vae]) -> Model:
    return mini_sd15[0]


def random(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def denoised(model: Model, branches: tuple[int, ...] = (1, 0), size: tuple[int, int] = (16, 24)) -> Tensor:
    x, sigma = random(2, 4, *size), torch.tensor([3.0, 3.0])
    inputs = NetworkInputs({"context": random(2, 77, 128, seed=1)})
    with torch.no_grad():
        return model.denoised(x, sigma, inputs, Patches(call=Call(sigma, x.shape, branches)))


def test_patches_without_effect_leave_the_network_as_it_is(model: Model) -> None:
    before = denoised(model)

    for patched in (
        free_u(model, (1.0, 1.0), (1.0, 1.0)),
        free_u_v2(model, (1.0, 1.0), (1.0, 1.0)),
        hyper_tile(model, 2048, 1, 3, scale_depth=True),
        merge_tokens(model, 0.0),
        normalized_attention_guidance(model, 5.0, 0.0, 1.5),
        normalized_attention_guidance(model, 1.0, 1.0, 1.5),
        deep_shrink(model, 3, 2.0, (0.9, 1.0), methods=("bicubic", "bicubic"), after_skip=True),
    ):
        torch.testing.assert_close(denoised(patched), before, rtol=1e-4, atol=1e-4)


def test_patches_with_effect_change_what_the_network_says(model: Model) -> None:
    before = denoised(model)

    for patched in (
        free_u(model, (1.1, 1.2), (0.9, 0.2)),
        free_u_v2(model, (1.3, 1.4), (0.9, 0.2)),
        hyper_tile(model, 64, 1, 0, scale_depth=False),
        merge_tokens(model, 0.5),
        normalized_attention_guidance(model, 5.0, 0.5, 1.5),
        deep_shrink(model, 3, 2.0, (0.0, 1.0), methods=("bilinear", "bislerp"), after_skip=False),
    ):
        assert not torch.allclose(denoised(patched), before, atol=1e-3)


def test_normalized_attention_guidance_needs_both_sides(model: Model) -> None:
    guided = normalized_attention_guidance(model, 5.0, 0.5, 1.5)

    assert torch.equal(denoised(guided, (0, 0)), denoised(model))
    assert guided.guidance.always_both


@settings(deadline=None, max_examples=30)
@given(height=st.integers(1, 9), width=st.integers(1, 9), ratio=st.floats(0.0, 1.0), seed=st.integers(0, 2**32))
def test_merged_tokens_come_back_to_their_places(height: int, width: int, ratio: float, seed: int) -> None:
    """What stays apart is as it was, and of those that are merged each has what its fellows have."""
    (patch,) = _Collecting().having(merge_tokens, ratio).around_self
    x = random(2, height * width, 3, seed=seed)
    at = At("input", 1, call=Call(torch.ones(2), torch.Size((2, 4, height, width))), channels=3)

    got = patch(Given(x, x, x), at)

    if got.then is None:
        assert got.q is x
        return
    assert got.q.shape[1] < x.shape[1]
    back = got.then(got.q)
    same = (back - x).abs().amax(-1) < 1e-6
    assert (same.sum(1) >= 2 * got.q.shape[1] - x.shape[1]).all()
    for item in range(2):
        assert {tuple(token.tolist()) for token in back[item]} <= {tuple(token.tolist()) for token in got.q[item]}


def test_the_tokens_that_are_most_alike_are_merged() -> None:
    x = torch.eye(16)[None]
    x[0, 6] = x[0, 5]

    for seed in range(8):
        matching = matched(x, 4, 4, 1, torch.Generator().manual_seed(seed))
        gone, into = int(matching.gone), int(matching.kept[0, int(matching.into), 0])
        # The two lie in different squares; if neither is kept, none is like another.
        if {5, 6} & set(matching.kept.flatten().tolist()) and {5, 6} - set(matching.kept.flatten().tolist()):
            assert {gone, into} == {5, 6}


def test_a_merged_token_gets_what_the_one_gets_that_it_was_merged_into() -> None:
    x = random(1, 24, 3)
    matching = matched(x, 4, 6, 12, torch.Generator().manual_seed(0))

    back = matching.unmerged(matching.merged(x))[0]

    gone, into = matching.gone[0, :, 0], matching.kept[0, matching.into[0, :, 0], 0]
    assert len(gone.unique()) == 12
    assert torch.equal(back[gone], back[into])
    assert not torch.equal(back[gone], x[0, gone])


@settings(deadline=None, max_examples=50)
@given(side=st.tuples(st.integers(1, 12), st.integers(1, 12)), tile=st.integers(1, 128), swap=st.integers(1, 4))
def test_tiles_of_queries_come_back_to_their_places(side: tuple[int, int], tile: int, swap: int) -> None:
    (patch,) = _Collecting().having(hyper_tile, tile, swap, 1, scale_depth=True).around_self
    height, width = (8 * each for each in side)
    x = random(2, height * width // 4, 3)
    at = At("input", 4, call=Call(torch.ones(2), torch.Size((2, 4, height, width))))

    got = patch(Given(x, x, x), at)

    assert got.q.shape == got.k.shape == got.v.shape
    assert torch.equal(x if got.then is None else got.then(got.q), x)


@pytest.mark.parametrize(
    ("side", "smallest", "choices", "count"), [(16, 4, 1, 4), (16, 8, 2, 2), (7, 4, 3, 1), (3, 8, 2, 1), (12, 5, 1, 2)]
)
def test_tiles_are_at_least_so_long_and_fill_the_side(side: int, smallest: int, choices: int, count: int) -> None:
    assert tiles_along(side, smallest, choices, None) == count


def test_free_u_strengthens_half_the_channels_of_two_levels() -> None:
    (patch,) = _Collecting().having(free_u, (2.0, 3.0), (1.0, 1.0)).output
    at = At("output", 0, channels=4)

    for channels, factor in ((16, 2.0), (8, 3.0), (4, 1.0)):
        h = random(1, channels, 6, 6)
        stronger, skip = patch(h, h, at)
        half = channels // 2
        torch.testing.assert_close(stronger[:, :half], h[:, :half] * factor)
        assert torch.equal(stronger[:, half:], h[:, half:])
        torch.testing.assert_close(skip, h)


class _Collecting:
    """Stands for a model, and keeps the patches that it is given."""

    def __init__(self) -> None:
        self.patches = Patches()

    def with_patches(self, more: Patches) -> _Collecting:
        self.patches = self.patches.and_then(more)
        return self

    def having(self, technique: object, *args: object, **options: object) -> Patches:
        technique(self, *args, **options)  # type: ignore[operator]
        return self.patches
