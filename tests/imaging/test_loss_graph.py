"""How a loss changed, as a picture."""

from __future__ import annotations

import pytest

from wftools.errors import RunError
from wftools.imaging.loss_graph import HEIGHT, MARGIN, WIDTH, loss_graph


def test_the_line_goes_from_the_greatest_loss_to_the_least() -> None:
    picture = loss_graph([4.0, 1.0])

    assert picture.shape == (HEIGHT + MARGIN, WIDTH + MARGIN, 3)
    is_blue = (picture[..., 2] > 0.9) & (picture[..., 0] < 0.1)
    rows, columns = is_blue.nonzero(as_tuple=True)
    assert rows[columns == columns.min()].min() < 5
    assert rows[columns == columns.max()].max() > HEIGHT - 5


@pytest.mark.parametrize("losses", [[1.0], [2.0, 2.0, 2.0]])
def test_equal_losses_have_no_graph(losses: list[float]) -> None:
    with pytest.raises(RunError, match="no graph of one loss, or of equal ones"):
        loss_graph(losses)
