"""wftools.nodes.scene, webcam: what a browser has recorded runs, and nothing waits for one that is not there."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from tests.media.conftest import video
from wftools.context import Context, Saved
from wftools.errors import RunError
from wftools.media.encoding import Encoding
from wftools.nodes.scene import (
    load_3d,
    load_3d_advanced,
    preview_3d,
    preview_3d_advanced,
    preview_gaussian_splat,
    preview_point_cloud,
    seen_by_a_browser,
)
from wftools.nodes.webcam import webcam_capture
from wftools.values import File3D

CAMERA = {"position": {"x": 1}}


@pytest.fixture
def view(context: Context) -> dict[str, Any]:
    """What a browser says of a model; its pictures lie in the temp folder."""
    context.folders.temp.mkdir()
    for name, level in (("image", 51), ("mask", 102), ("normal", 153)):
        pixels = np.full((2, 2, 4), level, np.uint8)
        Image.fromarray(pixels).save(context.folders.temp / f"{name}.png")
    (context.folders.input / "3d").mkdir()
    (context.folders.input / "3d/cube.glb").write_bytes(b"glTF")
    pictures = {name: f"{name}.png [temp]" for name in ("image", "mask", "normal")}
    return {**pictures, "camera_info": CAMERA, "recording": ""}


def test_what_a_browser_has_drawn_is_loaded(context: Context, view: dict[str, Any]) -> None:
    image, mask, path, normal, camera, recording, model, info = load_3d(
        model_file="3d/cube.glb", image=view, context=context
    )

    torch.testing.assert_close(image, torch.full((1, 2, 2, 3), 0.2))
    torch.testing.assert_close(mask, torch.full((1, 2, 2), 0.6))
    torch.testing.assert_close(normal, torch.full((1, 2, 2, 3), 0.6))
    assert (path, camera, recording, info) == ("3d/cube.glb", CAMERA, None, [])
    assert model == File3D(context.folders.input / "3d/cube.glb")


def test_a_recording_is_a_video(context: Context, view: dict[str, Any]) -> None:
    video(2, with_sound=False).write(str(context.folders.temp / "a.webm"), Encoding("webm"), {})

    given = load_3d(model_file="none", image={**view, "recording": "a.webm [temp]"}, context=context)

    assert given[2] == ""
    assert given[5].frame_count == 2
    assert given[6] is None


def test_a_model_and_its_view_are_loaded(context: Context, view: dict[str, Any]) -> None:
    model, info, camera, width, height = load_3d_advanced(
        model_file="3d/cube.glb", viewport_state={**view, "model_3d_info": [1]}, width=8, height=4, context=context
    )

    assert model is not None
    assert (model.path.name, info, camera, width, height) == ("cube.glb", [1], CAMERA, 8, 4)


@pytest.mark.parametrize("preview", [preview_3d_advanced, preview_gaussian_splat, preview_point_cloud])
def test_a_previewed_model_is_passed_on(context: Context, view: dict[str, Any], preview: Callable[..., Any]) -> None:
    """What is linked counts before what the browser says."""
    model = File3D(context.folders.input / "3d/cube.glb")

    given = preview(model_3d=model, viewport_state=view, context=context)
    linked = preview(model_3d=model, viewport_state={}, camera_info="c", model_3d_info="i", context=context)

    assert given == (model, [], CAMERA, 1024, 1024)
    assert linked == (model, "i", "c", 1024, 1024)
    for saved in context.saved:
        assert (saved.kind, saved.path.suffix, saved.path.read_bytes()) == ("temp", ".glb", b"glTF")


def test_a_model_is_shown_by_its_file(context: Context, view: dict[str, Any]) -> None:
    preview_3d(
        model_file=File3D(context.folders.input / "3d/cube.glb"), bg_image=torch.rand(1, 2, 2, 3), context=context
    )
    preview_3d(model_file="mesh/cube.glb", context=context)

    assert context.saved == [
        Saved("output", context.folders.output / "preview3d_00001.glb"),
        Saved("temp", context.folders.temp / "bg_temp_57-3_00001_.png"),
        Saved("text", text="mesh/cube.glb"),
    ]


def test_what_no_browser_has_seen_is_one_error(context: Context, view: dict[str, Any]) -> None:
    seen_by_a_browser(view)
    with pytest.raises(RunError, match="needs a browser"):
        seen_by_a_browser("")
    with pytest.raises(RunError, match="nothing of 'camera_info'"):
        load_3d_advanced(model_file="none", viewport_state={}, context=context)


def test_a_taken_picture_is_loaded(context: Context, tmp_path: Path) -> None:
    (tmp_path / "temp").mkdir()
    Image.new("RGB", (3, 2), (51, 51, 51)).save(tmp_path / "temp/a.png")

    torch.testing.assert_close(webcam_capture(image="a.png [temp]", context=context), torch.full((1, 2, 3, 3), 0.2))
