"""wftools.nodes.image: pictures come in, PNG files go out."""

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from wftools.context import Context, Saved
from wftools.errors import RunError
from wftools.nodes._files import content_of
from wftools.nodes.image import (
    empty_image,
    get_image_size,
    load_image,
    load_image_mask,
    load_image_output,
    preview_image,
    save_image,
)

IMAGES = torch.zeros(2, 4, 6, 3)
PROMPT = {"1": {"class_type": "SaveImage", "inputs": {}}}


def rgba(path: Path) -> None:
    """One pixel: red 51, green 102, blue 153, alpha 204."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.array([[[51, 102, 153, 204]]], np.uint8)).save(path)


@pytest.mark.parametrize(
    ("value", "place"),
    [
        ("a.png", "input/a.png"),
        ("sub/a.png", "input/sub/a.png"),
        ("a.png [input]", "input/a.png"),
        ("sub/a.png [output]", "output/sub/a.png"),
        ("a.png [temp]", "temp/a.png"),
    ],
)
def test_the_value_names_a_file_of_one_of_the_folders(context: Context, tmp_path: Path, value: str, place: str) -> None:
    rgba(tmp_path / place)

    image, mask = load_image(image=value, context=context)

    torch.testing.assert_close(image, torch.tensor([[[[0.2, 0.4, 0.6]]]]))
    torch.testing.assert_close(mask, torch.tensor([[[0.2]]]))


@pytest.mark.parametrize("value", ["../a.png", "none.png", "/etc/hostname", "a.png [models]"])
def test_no_other_file_is_opened(context: Context, tmp_path: Path, value: str) -> None:
    rgba(tmp_path / "a.png")

    with pytest.raises(RunError):
        load_image(image=value, context=context)


@pytest.mark.parametrize(("channel", "value"), [("red", 0.2), ("green", 0.4), ("blue", 0.6), ("alpha", 0.2)])
def test_a_channel_becomes_a_mask(context: Context, channel: str, value: float) -> None:
    """Alpha is inverted."""
    rgba(context.folders.input / "a.png")

    mask = load_image_mask(image="a.png", channel=channel, context=context)

    torch.testing.assert_close(mask, torch.tensor([[[value]]]))


def test_a_file_is_another_one_when_its_bytes_are(context: Context) -> None:
    path = context.folders.input / "a.png"
    rgba(path)
    before = content_of("image")(image="a.png", context=context)

    os.utime(path, (0, 0))
    touched = content_of("image")(image="a.png", context=context)
    path.write_bytes(path.read_bytes() + b"x")
    changed = content_of("image")(image="a.png", context=context)

    assert before == touched != changed


def test_saved_images_carry_prompt_and_workflow(context: Context) -> None:
    images = save_image(
        images=IMAGES, filename_prefix="a/x", prompt=PROMPT, extra_pnginfo={"workflow": {"nodes": []}}, context=context
    )

    paths = [context.folders.output / "a" / f"x_0000{number}_.png" for number in (1, 2)]
    assert images is IMAGES
    assert context.saved == [Saved("output", path) for path in paths]
    for path in paths:
        with Image.open(path) as picture:
            assert json.loads(picture.info["prompt"]) == PROMPT
            assert json.loads(picture.info["workflow"]) == {"nodes": []}


def test_metadata_can_be_left_out(context: Context) -> None:
    context = replace(context, metadata=False)

    save_image(images=IMAGES[:1], prompt=PROMPT, extra_pnginfo={"workflow": {}}, context=context)

    with Image.open(context.folders.output / "ComfyUI_00001_.png") as picture:
        assert not picture.info


def test_previews_are_named_for_their_node(context: Context) -> None:
    images = preview_image(images=IMAGES, prompt=PROMPT, context=context)

    assert images is IMAGES
    assert context.saved == [
        Saved("temp", context.folders.temp / f"ComfyUI_temp_57-3_0000{number}_.png") for number in (1, 2)
    ]


def test_an_empty_image_has_its_colour_in_each_pixel() -> None:
    image = empty_image(width=3, height=2, batch_size=4, color=0x336699)

    assert image.shape == (4, 2, 3, 3)
    torch.testing.assert_close(image[3, 1, 2], torch.tensor([0.2, 0.4, 0.6]))


def test_the_size_of_an_image_is_width_height_count() -> None:
    assert get_image_size(image=IMAGES) == (6, 4, 2)


def test_saved_pictures_are_loaded_by_their_names(context: Context, tmp_path: Path) -> None:
    rgba(tmp_path / "output/sub/a.png")

    image, mask = load_image_output(image="sub/a.png [output]", context=context)

    torch.testing.assert_close(image, torch.tensor([[[[0.2, 0.4, 0.6]]]]))
    torch.testing.assert_close(mask, torch.tensor([[[0.2]]]))


@pytest.mark.parametrize("save", [save_image, preview_image])
def test_no_images_are_one_error(context: Context, save: Callable[..., object]) -> None:
    """Such as the frames of a video after its end; as in ComfyUI, the node that saves them fails."""
    with pytest.raises(RunError, match="no images"):
        save(images=torch.zeros(0, 0, 0, 3), context=context)
