"""wftools.nodes.image_files: pictures leave in every format, the workflow in their metadata."""

import json
from collections.abc import Callable
from typing import Any

import pytest
import torch
from PIL import Image

from wftools.context import Context
from wftools.document.containers import read_texts
from wftools.errors import RunError
from wftools.nodes.image_files import (
    image_compare,
    save_animated_png,
    save_animated_webp,
    save_image_advanced,
    save_image_websocket,
    save_svg_node,
)
from wftools.values import Svg

IMAGES = torch.rand(2, 6, 4, 3)
PROMPT = {"1": {"class_type": "SaveImage", "inputs": {}}}


def names(context: Context) -> list[str]:
    return [saved.path.name for saved in context.saved]


@pytest.mark.parametrize(
    ("save", "files"),
    [
        (lambda **given: save_image_advanced(format={"format": "png", "bit_depth": "8-bit"}, **given), ["x_4", "x_4"]),
        (lambda **given: save_image_advanced(format={"format": "png", "bit_depth": "16-bit"}, **given), ["x_4", "x_4"]),
        (
            lambda **given: save_image_advanced(
                format={"format": "exr", "bit_depth": "32-bit float", "input_color_space": "HDR"}, **given
            ),
            ["x_4", "x_4"],
        ),
        (save_animated_png, ["x_4"]),
        (lambda **given: save_animated_webp(method="fastest", **given), ["x_4"]),
    ],
)
def test_every_format_says_how_its_files_were_made(
    context: Context, save: Callable[..., Any], files: list[str]
) -> None:
    images = save(
        images=IMAGES,
        filename_prefix="x_%width%",
        prompt=PROMPT,
        extra_pnginfo={"workflow": {"nodes": []}},
        context=context,
    )

    assert images is IMAGES
    assert [name.rpartition("_0000")[0] for name in names(context)] == files
    for saved in context.saved:
        with saved.path.open("rb") as file:
            texts = read_texts(file)
        assert json.loads(texts["prompt"]) == PROMPT
        assert json.loads(texts["workflow"]) == {"nodes": []}


def test_numbers_of_the_advanced_saver_have_no_underscore_behind(context: Context) -> None:
    save_image_advanced(images=IMAGES, format={"format": "png", "bit_depth": "8-bit"}, context=context)

    assert names(context) == ["ComfyUI_00001.png", "ComfyUI_00002.png"]


def test_compared_images_are_previews_without_metadata(context: Context) -> None:
    image_compare(image_a=IMAGES, prompt=PROMPT, context=context)
    image_compare(image_b=IMAGES[:1], context=context)

    assert names(context) == [
        "comfy.compare.a_temp_57-3_00001_.png",
        "comfy.compare.a_temp_57-3_00002_.png",
        "comfy.compare.b_temp_57-3_00001_.png",
    ]
    assert {saved.kind for saved in context.saved} == {"temp"}
    path = context.saved[0].path
    assert path is not None
    with Image.open(path) as picture:
        assert not picture.info


def test_nobody_waits_for_images_at_a_socket() -> None:
    save_image_websocket(images=IMAGES)


def test_drawings_carry_the_workflow(context: Context) -> None:
    svg = Svg((b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><rect/></svg>', b"<svg></svg>"))

    assert save_svg_node(svg=svg, prompt=PROMPT, context=context) is svg

    assert names(context) == ["ComfyUI_00001_.svg", "ComfyUI_00002_.svg"]
    for saved in context.saved:
        with saved.path.open("rb") as file:
            assert json.loads(read_texts(file)["prompt"]) == PROMPT
    assert b"<rect/></svg>" in context.saved[0].path.read_bytes()


def test_a_text_is_no_drawing(context: Context) -> None:
    """ComfyUI lets it pass, and fails on it."""
    with pytest.raises(RunError, match="no drawing"):
        save_svg_node(svg="<svg></svg>", context=context)  # type: ignore[arg-type]
