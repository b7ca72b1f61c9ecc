"""wftools.imaging.tiles: what is split can be merged. Recorded cases test the numbers."""

import torch
from hypothesis import given
from hypothesis import strategies as st

from wftools.imaging.tiles import merge, split

sides = st.integers(1, 40)


@given(sides, sides, st.integers(1, 30), st.integers(1, 30), st.integers(0, 30))
def test_merging_the_tiles_gives_the_image(width: int, height: int, across: int, down: int, overlap: int) -> None:
    image = torch.rand(2, height, width, 3)

    tiles = split(image, across, down, overlap)

    assert all(tile.shape[1:3] == (min(down, height), min(across, width)) for tile in tiles)
    torch.testing.assert_close(merge(tiles, width, height, overlap), image, rtol=1e-5, atol=1e-6)


def test_tiles_go_row_by_row_and_the_last_one_ends_with_the_image() -> None:
    image = torch.arange(7.0).reshape(1, 1, 7, 1).expand(1, 2, 7, 1)

    tiles = split(image, 3, 1, 1)

    assert [tile[0, 0, 0, 0].item() for tile in tiles] == [0, 2, 4, 0, 2, 4]


def test_places_without_a_tile_are_black_and_tiles_too_many_are_left_out() -> None:
    tile = torch.ones(1, 4, 4, 3)

    assert merge([tile], 8, 4, 0)[0, 0, :, 0].tolist() == [1, 1, 1, 1, 0, 0, 0, 0]
    assert torch.equal(merge([tile] * 3, 4, 4, 0), tile)
