import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from wftools.diffusion.conditioning.regions import ENDLESS, Region, bounds_of, feathered, region_of
from wftools.errors import RunError
from wftools.values import Area


@pytest.mark.parametrize(
    ("area", "sides", "expected"),
    [
        (Area((3, 5), (1, 2)), (8, 16), Region((3, 5), (1, 2))),
        (Area((3, 5), (1, 2)), (4, 8, 16), Region((ENDLESS, 3, 5), (0, 1, 2))),  # a picture's, in all of a video
        (Area((0.5, 0.3), (0.25, 0.7), is_share=True), (10, 9), Region((5, 3), (2, 6))),  # halves to even: 2.5 is 2
        (Area((0.0, 1.0), (0.0, 0.0), is_share=True), (8, 16), Region((1, 16), (0, 0))),  # one cell at least
        (Area((1.0, 0.5, 0.5), (0.0, 0.5, 0.25), is_share=True), (4, 8, 16), Region((4, 4, 8), (0, 4, 4))),
        (Area((0.5, 1.0, 0.25), (0.0, 0.5, 0.5), is_share=True), (8, 16), Region((4, 16), (0, 8))),  # a video's
    ],
)
def test_where_an_area_is_in_a_latent(area: Area, sides: tuple[int, ...], expected: Region) -> None:
    assert region_of(area, sides) == expected


def test_shares_of_too_few_axes_are_an_error() -> None:
    with pytest.raises(RunError, match="shares of 2 axes, the latent has 3"):
        region_of(Area((0.5, 0.5), (0.0, 0.0), is_share=True), (4, 8, 8))


def test_a_region_ends_where_the_latent_does() -> None:
    assert Region((ENDLESS, 6, 6), (0, 4, 10)).within((4, 8, 16)) == Region((4, 4, 6), (0, 4, 10))


def test_a_region_outside_of_the_latent_is_an_error() -> None:
    with pytest.raises(RunError, match=r"starts at cell \[64, 64\], which is outside of a latent of \[8, 8\] cells"):
        Region((8, 8), (64, 64)).within((8, 8))


BOXES = st.builds(Region, st.tuples(*[st.integers(1, 9)] * 2), st.tuples(*[st.integers(0, 9)] * 2))


@given(BOXES, BOXES)
def test_a_region_holds_another_just_if_it_has_all_its_cells(one: Region, other: Region) -> None:
    def cells(region: Region) -> set[tuple[int, int]]:
        (height, width), (top, left) = region.size, region.start
        return {(y, x) for y in range(top, top + height) for x in range(left, left + width)}

    assert one.holds(other) == (cells(other) <= cells(one))
    assert one.cells == len(cells(one))


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        ([(0, 2, 3), (0, 13, 12)], Region((12, 10), (2, 3))),
        ([(0, 2, 3), (1, 13, 12)], Region((12, 10), (2, 3))),  # of all masks together
        ([(0, 12, 5)], Region((8, 8), (12, 5))),  # eight cells at least, maybe over the edge
        ([], Region((8, 8), (0, 0))),
    ],
)
def test_the_bounds_of_masks(marked: list[tuple[int, int, int]], expected: Region) -> None:
    masks = torch.zeros(2, 16, 16)
    for place in marked:
        masks[place] = -0.1

    assert bounds_of(masks) == expected


@pytest.mark.parametrize(
    ("length", "start", "expected"),
    [
        (16, 0, [1.0] * 16),  # both edges are the latent's own
        (8, 0, [1, 1, 1, 1, 1, 1, 1, 0.5]),
        (8, 8, [0.5, 1, 1, 1, 1, 1, 1, 1]),
        (12, 2, [1 / 3, 2 / 3, 1, 1, 1, 1, 1, 1, 1, 1, 2 / 3, 1 / 3]),
        (3, 4, [1.0] * 3),  # too short to fade
    ],
)
def test_a_region_fades_over_a_quarter_of_its_sides_towards_what_lies_around_it(
    length: int, start: int, expected: list[float]
) -> None:
    region = Region((8, length), (0, start))

    weight = feathered(torch.full((2, 3, 8, length), 2.0), region, (8, 16))

    assert weight[1, 2, 5].tolist() == pytest.approx([2 * value for value in expected])
    assert torch.equal(weight[0, 0, 0], weight[1, 1, 7])


def test_no_edge_fades_over_more_than_eight_cells() -> None:
    weight = feathered(torch.ones(1, 1, 64), Region((64,), (1,)), (200,))

    assert weight[0, 0, :10].tolist() == pytest.approx([*(cell / 8 for cell in range(1, 9)), 1.0, 1.0])
