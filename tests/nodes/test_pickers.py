"""wftools.nodes.pickers: values of widgets. Recorded cases test the rest."""

from typing import Any

import pytest
import torch

from wftools.errors import RunError
from wftools.nodes.pickers import color_to_rgb_int, create_bounding_boxes, curve_editor, resolution_selector
from wftools.values import Curve

BOX = {"x": 10, "y": 20, "width": 30, "height": 40}


def test_a_colour_comes_apart() -> None:
    assert color_to_rgb_int(color="#1e90ff00") == (0x1E90FF, "#1e90ff", 0.0)


@pytest.mark.parametrize("multiple", [8, 64, 128])
@pytest.mark.parametrize("ratio", ["1:1 (Square)", "9:16 (Portrait Widescreen)", "21:9 (Ultrawide)"])
def test_sides_are_multiples_of_about_so_many_pixels(ratio: str, multiple: int) -> None:
    width, height = resolution_selector(aspect_ratio=ratio, megapixels=2.0, multiple=multiple)

    assert width % multiple == height % multiple == 0
    assert width * height == pytest.approx(2 * 2**20, rel=0.15)


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"points": [[1, 1], [0, 0]], "interpolation": "linear"}, "LinearCurve(points=[(0.0, 0.0), (1.0, 1.0)])"),
        ({"points": [[0, 0.5]]}, "MonotoneCubicCurve(points=[(0.0, 0.5)])"),
        ([[0, 0], [1, 1]], "MonotoneCubicCurve(points=[(0.0, 0.0), (1.0, 1.0)])"),
        ({"points": [], "interpolation": "wavy"}, "MonotoneCubicCurve(points=[])"),
    ],
)
def test_a_curve_is_shown_as_comfyui_shows_it(given: Any, text: str) -> None:
    curve = curve_editor(curve=given)

    assert str(curve) == text
    assert curve_editor(curve=curve) is curve
    assert isinstance(curve, Curve)


@pytest.mark.parametrize("given", [{}, {"points": 5}, [[1]], [["a", "b"]], None])
def test_what_is_no_curve_is_said_so(given: Any) -> None:
    with pytest.raises(RunError, match="is no curve"):
        curve_editor(curve=given)


def test_the_editor_counts_until_other_boxes_come_in() -> None:
    """What was drawn by hand is kept for the boxes that it began with."""
    drawn = [{**BOX, "x": 50}]

    def boxes(**inputs: Any) -> list[Any]:
        return create_bounding_boxes(width=100, height=100, editor_state=drawn, **inputs)[1]

    assert boxes() == boxes(bboxes=[BOX], last_incoming=[BOX]) == [drawn]
    assert boxes(bboxes=[BOX]) == boxes(bboxes=[BOX], last_incoming=drawn) == [[BOX]]
    assert create_bounding_boxes(width=64, height=64, editor_state=[])[1:] == ([], [])


def test_boxes_are_drawn_on_the_background() -> None:
    preview, _, elements = create_bounding_boxes(
        width=100, height=100, editor_state=[BOX], background=torch.zeros(1, 32, 48, 3)
    )

    assert preview.shape == (1, 32, 48, 3)
    assert elements == [{"type": "obj", "bbox": [200, 100, 600, 400], "desc": ""}]
