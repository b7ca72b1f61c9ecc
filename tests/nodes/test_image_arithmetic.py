"""wftools.nodes.image_*: cut, flip, turn, batch, mask."""

import pytest
import torch
from torch import Tensor

from wftools.context import Context
from wftools.errors import RunError
from wftools.nodes.image_batch import batch_images_node, image_batch, image_from_batch, repeat_image_batch
from wftools.nodes.image_color import image_invert
from wftools.nodes.image_mask import (
    batch_masks_node,
    crop_mask,
    feather_mask,
    grow_mask,
    image_color_to_mask,
    image_to_mask,
    invert_mask,
    mask_composite,
    mask_preview,
    mask_to_image,
    solid_mask,
    threshold_mask,
)
from wftools.nodes.image_transform import image_crop, image_crop_v2, image_flip, image_rotate
from wftools.nodes.image_upscaling import (
    image_scale,
    image_scale_by,
    image_scale_to_max_dimension,
    image_scale_to_total_pixels,
)

IMAGE = torch.arange(2 * 4 * 6 * 3).reshape(2, 4, 6, 3) / 255
MASK = IMAGE[..., 0]


def mask(*rows: list[float]) -> Tensor:
    return torch.tensor([rows], dtype=torch.float32)


@pytest.mark.parametrize(
    ("x", "y", "width", "height", "expected"),
    [
        (1, 2, 3, 1, IMAGE[:, 2:3, 1:4]),
        (0, 0, 512, 512, IMAGE),
        (4, 3, 9, 9, IMAGE[:, 3:, 4:]),
        (16, 16, 9, 9, IMAGE[:, 3:, 5:]),
    ],
)
def test_a_rectangle_is_cut_out(x: int, y: int, width: int, height: int, expected: Tensor) -> None:
    """Where it lies outside, the last column and row are left."""
    region = {"x": x, "y": y, "width": width, "height": height}

    assert torch.equal(image_crop(image=IMAGE, **region), expected)
    assert torch.equal(image_crop_v2(image=IMAGE, crop_region=region), expected)


def test_flips_mirror_rows_or_columns() -> None:
    assert torch.equal(image_flip(image=IMAGE, flip_method="x-axis: vertically")[:, 0], IMAGE[:, -1])
    assert torch.equal(image_flip(image=IMAGE, flip_method="y-axis: horizontally")[:, :, 0], IMAGE[:, :, -1])


@pytest.mark.parametrize(
    ("rotation", "corner"),
    [
        ("none", (0, 0)),
        ("90 degrees", (3, 0)),
        ("180 degrees", (3, 5)),
        ("270 degrees", (0, 5)),
    ],
)
def test_images_are_turned_clockwise(rotation: str, corner: tuple[int, int]) -> None:
    """`corner`: which pixel comes to the left upper corner."""
    assert torch.equal(image_rotate(image=IMAGE, rotation=rotation)[:, 0, 0], IMAGE[:, *corner])


def test_an_image_inverted_twice_is_itself() -> None:
    inverted = image_invert(image=IMAGE)

    torch.testing.assert_close(inverted, 1 - IMAGE)
    torch.testing.assert_close(image_invert(image=inverted), IMAGE)


def test_each_way_of_scaling_reaches_its_size() -> None:
    image, method = torch.rand(1, 40, 60, 3), "bilinear"

    scaled = image_scale(image=image, upscale_method=method, width=0, height=20, crop="center")
    by = image_scale_by(image=image, upscale_method=method, scale_by=1.5)
    to_pixels = image_scale_to_total_pixels(image=image, upscale_method=method, megapixels=0.01, resolution_steps=8)
    to_side = image_scale_to_max_dimension(image=image, upscale_method=method, largest_size=30)

    assert [x.shape[1:3] for x in (scaled, by, to_pixels, to_side)] == [(20, 30), (60, 90), (80, 128), (20, 30)]


def test_a_batch_takes_size_and_alpha_from_its_members() -> None:
    small, with_alpha = torch.rand(1, 2, 6, 3), torch.rand(3, 4, 6, 4)

    both = image_batch(image1=small, image2=with_alpha)

    assert both.shape == (4, 2, 6, 4)
    assert torch.equal(both[0, ..., :3], small[0])
    assert (both[0, ..., 3] == 1).all()
    torch.testing.assert_close(both[1:], with_alpha[:, 1:3])  # the middle, not scaled
    assert torch.equal(batch_images_node(images={"image0": small, "image1": with_alpha}), both)


def test_one_image_is_a_batch() -> None:
    assert torch.equal(batch_images_node(images={"image0": IMAGE}), IMAGE)


def test_a_batch_is_repeated_as_a_whole() -> None:
    assert torch.equal(repeat_image_batch(image=IMAGE, amount=2), torch.cat([IMAGE, IMAGE]))


@pytest.mark.parametrize(
    ("index", "length", "expected"),
    [
        (0, 1, [0]),
        (1, 2, [1, 2]),
        (2, 9, [2, 3]),
        (9, 1, [3]),
        (-1, 1, [3]),
        (-3, 2, [1, 2]),
        (-9, 2, [0, 1]),
    ],
)
def test_images_are_taken_from_a_batch(index: int, length: int, expected: list[int]) -> None:
    image = torch.arange(4.0).reshape(4, 1, 1, 1)

    assert image_from_batch(image=image, batch_index=index, length=length).flatten().tolist() == expected


def test_masks_and_images_turn_into_each_other() -> None:
    assert torch.equal(mask_to_image(mask=MASK), MASK[..., None].expand(-1, -1, -1, 3))
    assert torch.equal(image_to_mask(image=IMAGE, channel="blue"), IMAGE[..., 2])
    with pytest.raises(RunError, match="3 channels"):
        image_to_mask(image=IMAGE, channel="alpha")


def test_a_colour_is_found_after_rounding() -> None:
    image = torch.tensor([[0x12, 0x34, 0x56], [0x12, 0x34, 0x57]]).reshape(1, 1, 2, 3) / 255 + 0.001

    assert image_color_to_mask(image=image, color=0x123456).tolist() == [[[1, 0]]]


def test_simple_masks() -> None:
    assert torch.equal(solid_mask(value=1, width=3, height=2), torch.ones(1, 2, 3))
    assert torch.equal(invert_mask(mask=MASK), 1 - MASK)
    assert torch.equal(crop_mask(mask=MASK, x=1, y=2, width=3, height=9), MASK[:, 2:, 1:4])
    assert threshold_mask(mask=mask([0.4, 0.5, 0.6]), value=0.5).tolist() == [[[0, 0, 1]]]


@pytest.mark.parametrize(
    ("expand", "tapered", "expected"),
    [
        (1, True, mask([0, 1, 0], [1, 1, 1], [0, 1, 0])),
        (1, False, torch.ones(1, 3, 3)),
        (0, True, mask([0, 0, 0], [0, 1, 0], [0, 0, 0])),
        (-1, True, torch.zeros(1, 3, 3)),
    ],
)
def test_a_mask_grows_to_every_side(expand: int, tapered: bool, expected: Tensor) -> None:
    dot = mask([0, 0, 0], [0, 1, 0], [0, 0, 0])

    assert torch.equal(grow_mask(mask=dot, expand=expand, tapered_corners=tapered), expected)


def test_a_mask_does_not_shrink_from_the_edge_of_the_picture() -> None:
    full = torch.ones(1, 3, 3)

    assert torch.equal(grow_mask(mask=full, expand=-5, tapered_corners=False), full)


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        (0, 0, [1, 1, 1, 1]),
        (2, 0, [0.5, 1, 1, 1]),
        (0, 4, [1, 0.75, 0.5, 0.25]),
        (9, 0, [0.25, 0.5, 0.75, 1]),
        (2, 2, [0.5, 1, 1, 0.5]),
    ],
)
def test_a_mask_fades_towards_its_edges(left: int, right: int, expected: list[float]) -> None:
    ones = torch.ones(1, 1, 4)

    assert feather_mask(mask=ones, left=left, right=right).tolist() == [[expected]]
    assert feather_mask(mask=ones.mT, top=left, bottom=right).mT.tolist() == [[expected]]


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        ("multiply", [0.5, 0.3, 0.4]),
        ("add", [0.5, 1, 1]),
        ("subtract", [0.5, 0, 0.3]),
        ("and", [0.5, 0, 0]),
        ("or", [0.5, 1, 1]),
        ("xor", [0.5, 1, 1]),
    ],
)
def test_masks_are_combined_where_they_overlap(operation: str, expected: list[float]) -> None:
    destination, source = mask([0.5, 0.5, 0.8]), mask([0.6, 0.5, 0.9])

    result = mask_composite(destination=destination, source=source, x=1, y=0, operation=operation)

    torch.testing.assert_close(result, mask(expected))
    assert torch.equal(destination, mask([0.5, 0.5, 0.8]))


def test_masks_are_batched_at_the_size_of_the_first() -> None:
    masks = batch_masks_node(masks={"mask0": torch.ones(1, 4, 6), "mask1": torch.full((2, 8, 12), 0.5)})

    assert masks.shape == (3, 4, 6)
    assert masks[:, 0, 0].tolist() == [1, 0.5, 0.5]


def test_a_mask_is_previewed_as_a_picture(context: Context) -> None:
    assert mask_preview(mask=MASK, context=context) is MASK
    assert [saved.kind for saved in context.saved] == ["temp", "temp"]
    assert all(saved.path.is_file() for saved in context.saved)
