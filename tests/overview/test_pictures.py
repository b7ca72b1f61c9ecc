"""Pictures: how large they are, and that what was run counts."""

from __future__ import annotations

import json

import pytest
from PIL import Image

from tests.overview.flows import prompt
from tests.overview.pictures import picture
from wftools.document import read
from wftools.overview import overview
from wftools.overview.pictures import picture_size


@pytest.mark.parametrize(
    ("name", "mode", "options"),
    [
        ("x.png", "RGB", {}),
        ("x.webp", "RGB", {"lossless": False}),
        ("x.webp", "RGB", {"lossless": True}),
        ("x.webp", "RGBA", {"lossless": False, "exif": b"Exif\0\0"}),
        ("x.jpg", "RGB", {}),
        ("x.jpg", "RGB", {"progressive": True, "comment": b"x" * 9000}),
    ],
)
def test_the_size_of_a_picture_is_read_from_its_beginning(name, mode, options, tmp_path):
    Image.new(mode, (37, 21)).save(tmp_path / name, **options)

    assert picture_size(str(tmp_path / name)) == (37, 21)


@pytest.mark.parametrize("name", ["x.png", "x.webp", "x.jpg"])
def test_a_picture_that_ends_too_early_has_no_size(name, tmp_path):
    Image.new("RGB", (37, 21)).save(tmp_path / name)
    whole = (tmp_path / name).read_bytes()
    for length in range(24):
        (tmp_path / name).write_bytes(whole[:length])

        assert picture_size(str(tmp_path / name)) is None


def test_the_values_that_were_run_count_and_titles_are_those_of_the_workflow(tmp_path):
    workflow = {
        "version": 0.4,
        "nodes": [
            {"id": 1, "type": "EmptyImage", "widgets_values": [64, 64, 1, 0], "title": "Canvas",
             "outputs": [{"name": "IMAGE", "type": "IMAGE", "links": [1]}]},
            {"id": 2, "type": "SaveImage", "widgets_values": ["x"], "title": "Keep",
             "inputs": [{"name": "images", "type": "IMAGE", "link": 1}]},
        ],
        "links": [[1, 1, 0, 2, 0, "IMAGE"]],
    }  # fmt: skip
    ran = {
        "1": {"class_type": "EmptyImage", "inputs": {"width": 128, "height": 64, "batch_size": 1, "color": 0}},
        "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "x"}},
    }

    seen = overview(read(picture(tmp_path / "x.png", workflow=workflow, prompt=ran)))

    (output,) = seen.outputs
    assert (output.size.width, output.size.height) == (128, 64)
    assert [each.title for each in output.nodes] == ["Keep"]
    assert (seen.form, seen.schema, seen.container) == ("ui+api", "0.4", "png")


def test_a_prompt_alone_is_enough(tmp_path):
    seen = overview(read(picture(tmp_path / "x.png", prompt=json.dumps(prompt({})))))

    assert seen.form == "api"
    assert seen.outputs[0].passes[0].settings["seed"] == 5
