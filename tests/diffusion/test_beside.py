"""What a UNet sees beside the latent: a picture, or a mask and what it leaves of one."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import pytest
import torch
from hypothesis import given

from wftools.diffusion.families import sd1, sdxl
from wftools.diffusion.families._stable_diffusion import GREY_LATENT, spread
from wftools.diffusion.networks.unet import UNet
from wftools.values import Cond, NetworkInputs, Sampling
from wftools.weights.families._stable_diffusion import LATENTS
from wftools.weights.networks.unet import UNetConfig

LATENT = torch.randn(2, 4, 6, 8, generator=torch.Generator().manual_seed(0))
RUN = Sampling(LATENT, torch.zeros_like(LATENT))
SCALE = LATENTS.scale


def shown(channels: int, run: Sampling = RUN, **extras: Any) -> NetworkInputs:
    with torch.device("meta"):
        network = UNet(UNetConfig(in_channels=channels, model_channels=64, channel_mult=(1,), transformer_depth=(1,)))
    return sd1.inputs(network, Cond(torch.zeros(1, 77, 768), extras=extras), run.latent, run)


def test_a_network_of_four_channels_sees_the_latent_alone() -> None:
    assert shown(4, concat_latent_image=LATENT).tensors.keys() == {"context"}


def test_a_picture_is_shown_at_the_scale_of_the_vae() -> None:
    assert torch.equal(shown(8, concat_latent_image=LATENT).tensors["concat"], LATENT)
    assert not shown(8).tensors["concat"].any()


def test_a_picture_of_another_size_is_fitted() -> None:
    assert shown(8, concat_latent_image=torch.ones(1, 4, 3, 5)).tensors["concat"].shape == LATENT.shape


def test_without_a_mask_all_is_to_be_painted_over_grey() -> None:
    concat = shown(9).tensors["concat"]

    assert concat[:, 0].min() == 1
    assert concat[0, 1:, 0, 0].tolist() == pytest.approx(GREY_LATENT)


def test_a_mask_is_rounded_and_the_picture_scaled() -> None:
    mask = torch.full((1, 12, 16), 0.4)
    mask[:, :6] = 0.6

    concat = shown(9, concat_latent_image=LATENT, concat_mask=mask).tensors["concat"]

    assert concat[:, 0, :, 0].tolist() == [[1, 1, 1, 0, 0, 0]] * 2
    torch.testing.assert_close(concat[:, 1:], LATENT * SCALE)


def test_a_run_s_own_mask_and_latent_take_the_place_of_a_cond_s() -> None:
    mask = torch.zeros_like(LATENT)
    mask[..., :4] = 1

    concat = shown(9, Sampling(LATENT, LATENT, mask)).tensors["concat"]

    assert torch.equal(concat[:, :1], mask[:, :1])
    assert torch.equal(concat[:, 1:], LATENT)


@pytest.mark.parametrize(
    ("given", "count", "expected"),
    [([0, 1, 2], 3, [0, 1, 2]), ([0, 1, 2, 3, 4], 3, [0, 2, 4]), ([0, 1, 2], 1, [0]), ([0, 1], 5, [0, 0, 1, 1, 1])],
)
def test_items_are_spread_over_a_batch(given: list[int], count: int, expected: list[int]) -> None:
    assert spread(torch.tensor(given), count).tolist() == expected


@given(st.integers(1, 9), st.integers(1, 20))
def test_spreading_keeps_the_order_and_the_first(given: int, count: int) -> None:
    rows = spread(torch.arange(given), count).tolist()

    assert len(rows) == count
    assert rows == sorted(rows)
    assert rows[0] == 0


def test_a_picture_beside_sdxl_s_latent_is_not_scaled_either() -> None:
    with torch.device("meta"):
        config = UNetConfig(
            in_channels=8, model_channels=64, channel_mult=(1,), transformer_depth=(1,), pooled_dim=1540
        )
        network = UNet(config)

    cond = Cond(torch.zeros(1, 77, 768), torch.zeros(1, 4), extras={"concat_latent_image": LATENT})

    assert torch.equal(sdxl.inputs(network, cond, LATENT, RUN).tensors["concat"], LATENT)
