"""wftools.imaging.layers, layer_modes and layer_state: compositions. Recorded cases test the numbers of each mode."""

import json
import math
from contextlib import nullcontext
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from wftools.errors import LimitError, RunError
from wftools.imaging.layer_modes import MODES, from_linear, lay, to_linear
from wftools.imaging.layer_state import fingerprint, state_of
from wftools.imaging.layers import MAX_LAYERS, Placed, added, composed, frames_of, with_boxes
from wftools.values import Layer, Layers

RED, BLUE = (torch.tensor(color).expand(1, 4, 6, 3) for color in ([1.0, 0.0, 0.0], [0.0, 0.0, 1.0]))
BELOW, ABOVE = Layer(RED), Layer(BLUE, x=2, y=1, w=2, h=2)


def composition(*layers: Layer, canvas: tuple[int, int] | None = None, state: object = None) -> tuple[Tensor, Tensor]:
    document = Layers(layers, canvas)
    frames = frames_of(document)
    return composed(frames, document.canvas, state_of(state, frames))


def test_a_layer_covers_what_is_below_it() -> None:
    image, mask = composition(BELOW, ABOVE)

    torch.testing.assert_close(image[0, 1:3, 2:4], BLUE[0, :2, :2])
    torch.testing.assert_close(image.sum(dim=(0, 1, 2)), torch.tensor([20.0, 0.0, 4.0]))
    assert torch.equal(mask, torch.zeros(1, 4, 6))


def test_layers_lie_in_the_order_of_their_index() -> None:
    image, _ = composition(replace(ABOVE, z_index=-1), BELOW)

    torch.testing.assert_close(image, RED)


@pytest.mark.parametrize("mode", sorted(MODES))
def test_a_layer_that_is_not_there_changes_nothing(mode: str) -> None:
    for nothing in (replace(ABOVE, opacity=0.0), replace(ABOVE, mask=torch.ones(1, 3, 3)), replace(ABOVE, x=99)):
        image, _ = composition(BELOW, replace(nothing, blend_mode=mode), canvas=(6, 4))
        torch.testing.assert_close(image, RED)


@pytest.mark.parametrize("mode", sorted(MODES - {"normal"}))
def test_a_mode_changes_only_what_is_below(mode: str) -> None:
    image, mask = composition(replace(ABOVE, blend_mode=mode))

    assert image.shape == (1, 3, 4, 4)
    assert image.max() == 0
    assert mask.min() == 1


def test_transparency_is_that_of_mask_and_alpha() -> None:
    half = torch.cat([BLUE, torch.full((1, 4, 6, 1), 0.4)], dim=-1)

    _, mask = composition(Layer(half, torch.full((1, 1, 1), 0.5)))

    torch.testing.assert_close(mask, torch.full((1, 4, 6), 1 - 51 / 255))


def test_a_canvas_reaches_as_far_as_its_layers() -> None:
    assert composition(BELOW, replace(ABOVE, x=8, y=5))[0].shape == (1, 7, 10, 4)
    assert composition(BELOW, replace(ABOVE, x=-8, y=-9))[0].shape == (1, 4, 6, 3)
    assert composition(BELOW, canvas=(3, 9))[0].shape == (1, 9, 3, 4)
    assert composition()[0].shape == (1, 64, 64, 3)


def test_layers_are_mirrored_scaled_and_turned() -> None:
    corner = torch.zeros(1, 8, 8, 3)
    corner[:, :4, :4] = 1

    def quarter(layer: Layer) -> tuple[int, int]:
        image, _ = composition(layer, canvas=(8, 8))
        bright = image[0, ..., :3].mean(dim=-1).unfold(0, 4, 4).unfold(1, 4, 4).mean(dim=(-1, -2))
        row, column = divmod(int(bright.argmax()), 2)
        return row, column

    assert quarter(Layer(corner)) == (0, 0)
    assert quarter(Layer(corner, flip_h=True)) == (0, 1)
    assert quarter(Layer(corner, flip_v=True)) == (1, 0)
    assert quarter(Layer(corner, rotation=math.pi / 2)) == (0, 1)
    assert composition(Layer(corner, w=3, h=2))[0].shape == (1, 2, 3, 3)


@given(st.floats(-50, 50), st.floats(-50, 50), st.floats(1, 40), st.floats(1, 40), st.floats(-7, 7))
def test_bounds_hold_every_corner(x: float, y: float, w: float, h: float, rotation: float) -> None:
    left, top, width, height = Placed(x, y, w, h, rotation).bounds()

    turn = complex(math.cos(rotation), math.sin(rotation))
    for corner in (complex(dx, dy) for dx in (-w / 2, w / 2) for dy in (-h / 2, h / 2)):
        at = complex(x + w / 2, y + h / 2) + corner * turn
        assert left - 1e-6 <= at.real <= left + width + 1e-6
        assert top - 1e-6 <= at.imag <= top + height + 1e-6


def test_too_much_is_refused() -> None:
    with pytest.raises(RunError, match=f"at most {MAX_LAYERS} layers, not {MAX_LAYERS + 1}"):
        frames_of(Layers((Layer(torch.zeros(MAX_LAYERS + 1, 1, 1, 3)),)))
    with pytest.raises(RunError, match="the canvas is 17000 x 4"):
        composition(BELOW, replace(ABOVE, x=16998))


def test_layers_have_colours() -> None:
    with pytest.raises(RunError, match="layers are made of images of 3 or 4 channels, not 1"):
        frames_of(Layers((Layer(torch.zeros(1, 4, 4, 1)),)))


def test_each_picture_of_a_batch_is_a_layer_with_its_mask() -> None:
    batch = torch.cat([RED, BLUE])

    frames = frames_of(Layers((Layer(batch, torch.rand(1, 4, 6)), Layer(batch, torch.rand(2, 4, 6)), Layer(batch))))

    assert len(frames) == 6
    assert torch.equal(frames[1].image, BLUE[0])
    assert [frame.alpha is None for frame in frames] == [False] * 4 + [True] * 2


@given(st.lists(st.floats(0, 1, width=32), min_size=1))
def test_light_can_be_undone(values: list[float]) -> None:
    color = np.array(values, np.float32)

    np.testing.assert_allclose(from_linear(to_linear(color)), color, atol=1e-6)


@pytest.mark.parametrize(
    ("mode", "neutral"),
    [
        ("multiply", 1.0),
        ("screen", 0.0),
        ("darken", 1.0),
        ("lighten", 0.0),
        ("color-dodge", 0.0),
        ("color-burn", 1.0),
        ("difference", 0.0),
        ("exclusion", 0.0),
        ("linear-dodge", 0.0),
        ("linear-burn", 1.0),
        ("subtract", 0.0),
        ("divide", 1.0),
        ("hard-light", 0.5),
        ("vivid-light", 0.5),
        ("pin-light", 0.5),
        ("linear-light", 0.5),
        ("grain-extract", 0.5),
        ("grain-merge", 0.5),
    ],
)
def test_modes_have_a_value_that_changes_nothing(mode: str, neutral: float) -> None:
    """In sRGB: the grey of 0.5 is that of modes that work in it."""
    below = np.ones((3, 3, 4), np.float32)
    below[..., :3] = np.linspace(0.1, 0.9, 27).reshape(3, 3, 3)
    layer = np.full((3, 3, 4), to_linear(np.float32(neutral) * np.ones(1, np.float32)), np.float32)
    layer[..., 3] = 1

    np.testing.assert_allclose(lay(mode, below, layer, 1.0), below, atol=2e-6)


BOXES = [
    {"x": 1, "y": 2, "width": 3, "height": 2, "metadata": {"desc": "sky", "z_index": 7}},
    {"x": 5, "y": 5, "width": 0, "height": 0, "metadata": {"name": "fox", "content_rect": [1, 1, 99, 2]}},
]


def test_boxes_place_the_pictures_of_a_batch() -> None:
    batch = torch.rand(3, 4, 6, 3)

    document = with_boxes(
        Layers((BELOW,), (9, 9)), batch, json.dumps(BOXES), torch.rand(2, 4, 6), (0, 0), is_cropped=True
    )

    assert document.canvas == (9, 9)
    below, sky, fox, last = document.layers
    assert below is BELOW
    assert (sky.name, sky.x, sky.y, sky.w, sky.h, sky.z_index) == ("sky", 1, 2, 3, 2, 7)
    assert (fox.name, fox.x, fox.y, fox.w, fox.h, fox.z_index) == ("fox", 1, 1, None, None, 2)
    assert torch.equal(fox.image, batch[1:2, 1:3, 1:])
    assert fox.mask is not None
    assert fox.mask.shape == (1, 2, 5)
    assert (last.x, last.y, last.w, last.mask, last.z_index) == (0, 0, None, None, 3)


def test_content_may_stay_uncut_and_elements_need_a_canvas() -> None:
    batch = torch.rand(2, 4, 6, 3)

    uncut = with_boxes(None, batch, BOXES, None, (20, 10), is_cropped=False)

    assert uncut.canvas == (20, 10)
    assert (uncut.layers[1].x, uncut.layers[1].image.shape) == (5, (1, 4, 6, 3))
    with pytest.raises(RunError, match="shares of the canvas"):
        with_boxes(None, batch, [{"bbox": [0, 0, 500, 500]}], None, (20, 0), is_cropped=True)
    element = with_boxes(None, batch, [{"bbox": [0, 0, 500, 500]}], None, (20, 10), is_cropped=True).layers[0]
    assert (element.w, element.h) == (10, 5)


def test_a_document_grows_and_the_old_one_stays() -> None:
    old = added(None, [BELOW], (5, 5))

    new = added(old, [ABOVE])

    assert old.layers == (BELOW,)
    assert (new.layers, new.canvas) == ((BELOW, ABOVE), (5, 5))


def saved(**more: Any) -> dict[str, Any]:
    """The state of an editor that has swapped the layers, moved the red one and hidden nothing."""
    return {
        "version": 1,
        "canvas": {"w": 8, "h": 4},
        "layers": [{"transform": {"x": 2.0, "y": 0, "w": 6, "h": 4, "rotation": 0}}, {"transform": {"w": 8, "h": 4}}],
        "inputs": [fingerprint(frame) for frame in frames_of(Layers((BELOW, ABOVE)))],
        "order": [1, 0],
        **more,
    }


def test_what_was_changed_by_hand_counts() -> None:
    image, _ = composition(BELOW, ABOVE, state=saved())

    torch.testing.assert_close(image[0, :, :2], BLUE[0, :, :2])
    torch.testing.assert_close(image[0, :, 2:], RED[0])
    assert torch.equal(composition(BELOW, ABOVE, state=json.dumps(saved()))[0], image)


@pytest.mark.parametrize(
    "change",
    [
        {"inputs": []},
        {"inputs": None},
        {"version": 2},
        {"layers": []},
        {"layers": None},
        {"canvas": None},
        {"canvas": {"w": 0, "h": 4}},
        {"canvas": {"w": "wide", "h": 4}},
        {"canvas": {"w": math.inf, "h": 4}},
    ],
)
def test_what_was_changed_otherwise_does_not(change: dict[str, Any]) -> None:
    """Other pictures, another version, or no state at all."""
    assert torch.equal(composition(BELOW, ABOVE, state=saved(**change))[0], composition(BELOW, ABOVE)[0])


@pytest.mark.parametrize("state", [None, {}, "", "{", "[]", 5])
def test_there_may_be_no_state(state: object) -> None:
    assert torch.equal(composition(BELOW, ABOVE, state=state)[0], composition(BELOW, ABOVE)[0])


def test_a_state_may_hide_layers_and_show_a_background() -> None:
    green = {"color": "#0F0", "opacity": 1.0, "visible": True}

    image, _ = composition(BELOW, ABOVE, state=saved(layers=[{"visible": False}] * 2, background=green))

    torch.testing.assert_close(image[0], torch.tensor([0.0, 1.0, 0.0]).expand(4, 8, 3))


@pytest.mark.parametrize("order", [None, [0], [0, 0], [0, True], "01"])
def test_an_order_names_each_layer_once(order: object) -> None:
    image, _ = composition(BELOW, ABOVE, state=saved(order=order))

    assert image[..., 2].min() > 0.99  # the second one on top


def test_other_numbers_are_another_picture() -> None:
    frame = frames_of(Layers((BELOW,)))[0]

    assert fingerprint(frame) != fingerprint(frames_of(Layers((replace(BELOW, x=1),)))[0])
    assert fingerprint(frame) != fingerprint(frames_of(Layers((Layer(RED * 0.99),)))[0])


@pytest.mark.parametrize("value", [math.nan, math.inf, "5", None, 1e30])
def test_numbers_that_are_none_do_no_harm(value: object) -> None:
    """They count as not said; what is too large is one clear error."""
    layers = [{"transform": {"w": value}, "opacity": value, "blend": value, "visible": value or 1}] * 2

    with pytest.raises(LimitError) if value == 1e30 else nullcontext():
        composition(BELOW, ABOVE, state=saved(layers=layers))
