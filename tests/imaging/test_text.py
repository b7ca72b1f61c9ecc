"""wftools.imaging.text: where and how texts are written."""

import pytest
import torch
from torch import Tensor

from wftools.errors import RunError
from wftools.imaging.text import Style, overlay

GREY = torch.full((2, 120, 160, 3), 0.5)


def changed(image: Tensor) -> tuple[int, int, int, int]:
    """Top, bottom, left and right of what differs from grey."""
    rows, columns = (image[0] != 0.5).any(dim=-1).nonzero().unbind(-1)
    return int(rows.min()), int(rows.max()), int(columns.min()), int(columns.max())


@pytest.mark.parametrize("text", ["", " ", "\n\t"])
def test_no_text_changes_nothing(text: str) -> None:
    assert overlay(GREY, text, Style()) is GREY


def test_every_picture_gets_the_text() -> None:
    written = overlay(GREY, "fox", Style(10.0, "#ff0000"))

    assert torch.equal(written[0], written[1])
    assert ((written[0] - torch.tensor([1.0, 0.0, 0.0])).abs().amax(dim=-1) < 0.05).sum() > 10
    assert (written[0].amax(dim=-1) < 0.05).sum() > 10  # the outline


def test_a_text_need_not_be_outlined() -> None:
    written = overlay(GREY, "fox", Style(10.0, "white", is_outlined=False))

    assert written.min() == 0.5
    assert written.max() > 0.95


@pytest.mark.parametrize("align", ["left", "center", "right"])
@pytest.mark.parametrize("position", ["top", "bottom"])
def test_a_text_stands_at_its_edge(position: str, align: str) -> None:
    top, bottom, left, right = changed(overlay(GREY, "fox", Style(10.0, "#fff", position, align)))

    assert (top <= 2) == (position == "top")
    assert (bottom >= 117) == (position == "bottom")
    assert (left <= 4) == (align == "left")
    assert (right >= 155) == (align == "right")


def test_long_lines_are_broken_and_long_texts_are_made_smaller() -> None:
    _, one_line, *_ = changed(overlay(GREY, "a fox", Style(10.0)))
    _, lines, left, right = changed(overlay(GREY, "a red fox in the snow " * 2, Style(10.0)))
    _, bottom, *_ = changed(overlay(GREY, "snow\\nsnow " * 9, Style(50.0)))

    assert lines > 1.8 * one_line
    assert (left >= 0, right <= 159) == (True, True)
    assert bottom <= 119


def test_words_without_end_are_broken_too() -> None:
    top, bottom, left, right = changed(overlay(GREY, "w" * 60, Style(10.0)))

    assert right - left > 140
    assert bottom - top > 30


def test_transparent_pictures_become_opaque_where_text_is() -> None:
    clear = torch.zeros(1, 60, 80, 4)

    written = overlay(clear, "fox", Style(20.0, "#ffffff", is_outlined=False))

    assert written[..., 3].max() > 0.95
    assert written[..., 3].min() == 0
    assert written[..., :3][written[..., 3] > 0].min() > 0.99


def test_what_is_no_colour_is_said_so() -> None:
    with pytest.raises(RunError, match="'nocolour' is no colour"):
        overlay(GREY, "fox", Style(color="nocolour"))
