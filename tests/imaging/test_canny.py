"""wftools.imaging.canny: where edges are."""

import pytest
import torch
from torch import Tensor

from wftools.errors import RunError
from wftools.imaging.canny import canny


def square(side: int = 24) -> Tensor:
    """White from a quarter to three quarters."""
    image = torch.zeros(1, side, side, 3)
    image[:, side // 4 : side * 3 // 4, side // 4 : side * 3 // 4] = 1
    return image


@pytest.mark.parametrize("side", [24, 400])  # the blur is summed in two ways
def test_the_edge_of_a_square_is_one_pixel_wide(side: int) -> None:
    edges = canny(square(side).expand(2, -1, -1, -1), 0.4, 0.8)[0, ..., 0]

    for line in (edges[side // 2], edges[:, side // 2]):
        first, last = line.nonzero().flatten().tolist()
        assert side // 4 - first in (0, 1)  # two slopes are equal but for the last bit, which decides
        assert side * 3 // 4 - last in (0, 1)


def test_what_has_no_slope_has_no_edge() -> None:
    assert canny(torch.full((1, 8, 8, 3), 0.5), 0.01, 0.02).max() == 0


def test_a_weak_edge_counts_where_it_leads_to_a_strong_one() -> None:
    """A step that gets lower along the edge."""
    image = torch.zeros(1, 40, 20, 1)
    image[0, :, 10:, 0] = torch.linspace(1, 0.1, 40)[:, None]

    strong_only, with_weak = canny(image, 1.5, 1.5), canny(image, 0.3, 1.5)
    none = canny(image * 0.5, 0.3, 1.5)

    assert 0 < strong_only.sum() < with_weak.sum()
    assert none.max() == 0


def test_edges_are_white_on_black() -> None:
    edges = canny(square(), 0.1, 0.2)

    assert edges.shape == (1, 24, 24, 3)
    assert set(edges.unique().tolist()) == {0.0, 1.0}


def test_wrong_inputs_are_said() -> None:
    with pytest.raises(RunError, match=r"low_threshold is 0\.9, which is more than high_threshold, 0\.1"):
        canny(square(), 0.9, 0.1)
    with pytest.raises(RunError, match="edges are found in images of 1 or 3 channels, not 4"):
        canny(torch.rand(1, 8, 8, 4), 0.1, 0.2)
    with pytest.raises(RunError, match="too large for an image of 8 x 2"):
        canny(torch.rand(1, 2, 8, 3), 0.1, 0.2)
