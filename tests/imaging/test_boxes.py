"""wftools.imaging.boxes and box_preview: boxes in every form."""

import json
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from wftools.errors import RunError
from wftools.imaging.box_preview import preview
from wftools.imaging.boxes import boxes_of, elements_of, has_elements, pixel_boxes, regions_of

BOX = {"x": 10, "y": 20, "width": 30, "height": 40}
ELEMENT = {"type": "text", "bbox": [100, 200, 300, 600], "text": "hi", "desc": "a sign", "color_palette": ["#ff0000"]}
OF_ELEMENT = {
    "x": 40,
    "y": 10,
    "width": 80,
    "height": 20,
    "metadata": {"type": "text", "text": "hi", "desc": "a sign", "palette": ["#ff0000"]},
}


@pytest.mark.parametrize(
    ("given_", "boxes"),
    [
        (None, []),
        ("", []),
        ([], []),
        (BOX, [BOX]),
        ([BOX, "x", BOX], [BOX, BOX]),
        ([[BOX], [BOX, BOX]], [BOX]),
        ([{**BOX, "metadata": {"desc": "a"}, "more": 1}], [{**BOX, "metadata": {"desc": "a"}}]),
        (json.dumps([BOX]), [BOX]),
        (ELEMENT, [OF_ELEMENT]),
        ([ELEMENT], [OF_ELEMENT]),
        (json.dumps(ELEMENT), [OF_ELEMENT]),
    ],
)
def test_boxes_come_in_many_forms(given_: object, boxes: list[dict[str, Any]]) -> None:
    """Elements lie on a grid of thousandths, here of 200 x 100 pixels."""
    assert boxes_of(given_, 200, 100) == boxes


@pytest.mark.parametrize(
    "given_",
    [
        5,
        "[",
        [5],
        [{"x": 1}],
        [{"bbox": [1, 2, 3]}],
        [ELEMENT, {"bbox": [1, 2, 3]}],
        [ELEMENT, {"bbox": ["a", 2, 3, 4]}],
        [ELEMENT, {}],
        [{"bbox": [0, 0, float("inf"), 3]}],
        [{"bbox": [0, 0, float("nan"), 3]}],
    ],
)
def test_what_is_no_box_is_said_so(given_: object) -> None:
    with pytest.raises(RunError):
        boxes_of(given_, 200, 100)


def test_elements_need_a_size() -> None:
    assert has_elements([ELEMENT])
    assert has_elements(json.dumps(ELEMENT))
    assert not has_elements([BOX])
    assert not has_elements(None)


@given(
    st.lists(
        st.fixed_dictionaries(
            {"x": st.integers(0, 400), "y": st.integers(0, 300)}
            | {"width": st.integers(0, 99), "height": st.integers(0, 99)}
        )
    )
)
def test_boxes_are_what_their_regions_say(boxes: list[dict[str, int]]) -> None:
    assert pixel_boxes(regions_of(boxes, 500, 400), 500, 400) == boxes


def test_boxes_may_be_drawn_backwards() -> None:
    backwards = {"x": 40, "y": 60, "width": -30, "height": -40}

    assert pixel_boxes(regions_of([backwards], 100, 100), 100, 100) == [BOX]
    assert elements_of(regions_of([backwards], 100, 100))[0]["bbox"] == [200, 100, 600, 400]


@pytest.mark.parametrize("value", ["a", None, float("nan"), float("inf")])
def test_regions_are_numbers(value: object) -> None:
    with pytest.raises(RunError, match="is no bounding box"):
        regions_of([{**BOX, "x": value}], 100, 100)


def test_elements_stay_what_they_were() -> None:
    regions = regions_of(boxes_of([ELEMENT, {"bbox": [0, 0, 1000, 2000]}], 1000, 1000), 1000, 1000)

    assert elements_of(regions) == [
        {**ELEMENT, "color_palette": ["#FF0000"]},
        {"type": "obj", "bbox": [0, 0, 1000, 1000], "desc": ""},
    ]


def test_regions_are_drawn_on_a_dimmed_picture() -> None:
    regions = regions_of([OF_ELEMENT, BOX], 200, 100)

    blank, on_picture = preview(regions, 4000, 2000), preview(regions, 1, 1, torch.ones(1, 60, 120, 4))

    assert blank.shape == (1, 512, 1024, 3)
    assert on_picture.shape == (1, 60, 120, 3)
    assert blank[0, -1, -1].tolist() == pytest.approx([32 / 255] * 3)
    assert on_picture[0, -1, -1].tolist() == pytest.approx([0.25] * 3, abs=0.01)
    assert blank[0, 153, 400].tolist() == pytest.approx([1, 0, 0])  # the lower edge of the first one, in its colour
    assert torch.equal(preview((), 64, 64), torch.full((1, 64, 64, 3), 32 / 255))
