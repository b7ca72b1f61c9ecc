"""wftools.diffusion.tiles and what VAEs make of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import hypothesis.strategies as st
import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from hypothesis import given
from torch import Tensor

from wftools.context import Context, Placement
from wftools.diffusion.taesd import load_taesd
from wftools.diffusion.tiles import in_tiles
from wftools.diffusion.vae import ImageVae, PixelSpace
from wftools.errors import InputError, RunError
from wftools.folders import Folders
from wftools.nodes.latent import vae_decode_tiled, vae_encode_tiled
from wftools.values import Latent

if TYPE_CHECKING:
    from pathlib import Path

X = torch.randn(2, 3, 13, 17, generator=torch.Generator().manual_seed(0))


@given(st.integers(4, 20), st.integers(4, 20), st.integers(0, 3))
def test_what_knows_no_neighbours_is_the_same_in_tiles(height: int, width: int, overlap: int) -> None:
    torch.testing.assert_close(in_tiles(X, lambda x: 2 * x + 1, (height, width), overlap), 2 * X + 1)


@pytest.mark.parametrize("scale", [2, 0.5])
def test_answers_may_have_another_size(scale: float) -> None:
    x = X[..., :12, :16]

    def scaled(part: Tensor) -> Tensor:
        return F.interpolate(part, scale_factor=scale, mode="area" if scale < 1 else "nearest")

    torch.testing.assert_close(in_tiles(x, scaled, (8, 8), 4, scale), scaled(x))


def test_a_tile_is_never_larger_than_asked_for() -> None:
    seen: list[tuple[int, ...]] = []

    def noted(part: Tensor) -> Tensor:
        seen.append(tuple(part.shape))
        return part

    in_tiles(X, noted, (6, 8), 2)

    assert {shape[:2] for shape in seen} == {(1, 3)}
    assert max(shape[2] for shape in seen) == 6
    assert max(shape[3] for shape in seen) == 8


def test_neighbours_fade_into_each_other() -> None:
    """Each tile answers with its own number; over the overlap the first goes and the second comes."""
    numbers = iter([0.0, 1.0])

    answer = in_tiles(torch.zeros(1, 1, 1, 8), lambda part: torch.full_like(part, next(numbers)), (1, 6), 4)

    assert answer.flatten().tolist() == pytest.approx([0, 0, 1 / 5, 2 / 5, 3 / 5, 4 / 5, 1, 1], abs=0.2)
    assert answer.flatten().diff().min() >= 0


def test_pixels_as_they_are_are_a_vae() -> None:
    vae, picture = ImageVae(PixelSpace(), Placement()), torch.rand(2, 5, 7, 4)

    latent = vae.encode(picture)

    torch.testing.assert_close(latent, picture[..., :3].movedim(-1, 1) * 2 - 1)
    torch.testing.assert_close(vae.decode(latent), picture[..., :3])
    with pytest.raises(RunError, match="needs 3 channels"):
        vae.decode(torch.zeros(1, 4, 2, 2))


def test_in_tiles_a_vae_without_neighbours_makes_the_same() -> None:
    vae, picture = ImageVae(PixelSpace(), Placement()), torch.rand(1, 200, 136, 3)

    latent = vae_encode_tiled(pixels=picture, vae=vae, tile_size=64, overlap=16)
    decoded = vae_decode_tiled(samples=Latent(latent.samples), vae=vae, tile_size=64, overlap=4096)

    torch.testing.assert_close(latent.samples, vae.encode(picture))
    torch.testing.assert_close(decoded, picture)


def test_tiles_that_are_all_overlap_are_refused() -> None:
    vae = ImageVae(PixelSpace(), Placement())

    with pytest.raises(RunError, match="a tile of 64 x 64 cannot share 64"):
        vae_encode_tiled(pixels=torch.rand(1, 200, 136, 3), vae=vae, tile_size=64, overlap=64)


def test_a_small_vae_that_is_not_there_says_which_file(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="the encoder of the VAE taesd is not there") as error:
        load_taesd("taesd", Context(Folders(models=tmp_path)))

    assert "vae_approx" in str(error.value.hint)


def test_another_file_under_a_small_vae_s_name_is_refused(tmp_path: Path) -> None:
    (tmp_path / "vae_approx").mkdir()
    for part in ("encoder", "decoder"):
        torch.save({"w": torch.zeros(1)}, tmp_path / f"vae_approx/taesd_{part}.pth")

    with pytest.raises(InputError, match=r"taesd_encoder\.pth: there is no encoder of TAESD"):
        load_taesd("taesd", Context(Folders(models=tmp_path)))
