"""wftools.nodes.dataset_files: data sets come from folders, and go into folders."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from tests.media.conftest import numbers, video
from wftools.context import Context
from wftools.errors import RunError
from wftools.media.encoding import Encoding
from wftools.nodes.dataset_files import (
    load_image_data_set_from_folder,
    load_image_text_data_set_from_folder,
    load_video_data_set_from_folder,
    load_video_text_data_set_from_folder,
    save_image_data_set_to_folder,
    save_image_text_data_set_to_folder,
    shuffle_video_dataset,
    shuffle_video_text_dataset,
    video_frame_sample,
    video_random_temporal_crop,
    video_temporal_crop,
)

IMAGES = [torch.rand(1, 4, 6, 3).mul(255).round() / 255, torch.rand(1, 5, 3, 4).mul(255).round() / 255]


@pytest.fixture
def folder(context: Context) -> Path:
    path = context.folders.input / "set"
    path.mkdir()
    return path


def saved(context: Context) -> list[str]:
    return [each.path.relative_to(context.folders.output).as_posix() for each in context.saved]


def test_pictures_are_rgb_of_their_own_sizes(context: Context, folder: Path) -> None:
    """Alpha is dropped, also of palettes; what EXIF says of their orientation does not count."""
    Image.fromarray(np.array([[[10, 20, 30, 40]]], np.uint8)).save(folder / "a.png")
    Image.fromarray(np.array([[7, 9]], np.uint8)).save(folder / "b.png")
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (8, 4), (0, 0, 255)).save(folder / "c.jpg", exif=exif)

    one, two, three = load_image_data_set_from_folder(folder="set", context=context)

    torch.testing.assert_close(one, torch.tensor([[[[10, 20, 30]]]]) / 255)
    torch.testing.assert_close(two, (torch.tensor([[[[7], [9]]]]) / 255).expand(1, 1, 2, 3))
    assert three.shape == (1, 4, 8, 3)


def test_pictures_come_with_their_captions(context: Context, folder: Path) -> None:
    (folder / "2_x").mkdir()
    Image.new("RGB", (2, 2)).save(folder / "2_x" / "a.png")
    Image.new("RGB", (3, 3)).save(folder / "b.png")
    (folder / "b.txt").write_text("B")

    images, texts = load_image_text_data_set_from_folder(folder="set", context=context)

    assert [image.shape[1] for image in images] == [2, 2, 3]
    assert texts == ["", "", "B"]


def test_videos_come_with_their_captions(context: Context, folder: Path) -> None:
    for name in ("b.mp4", "a.mkv"):
        video(3, with_sound=False).write(str(folder / name), Encoding(name[-3:]), {})
    (folder / "b.txt").write_text("B")

    videos, texts = load_video_text_data_set_from_folder(folder="set", context=context)

    assert [each.frame_count for each in videos] == [3, 3]
    assert texts == ["", "B"]
    assert len(load_video_data_set_from_folder(folder="set", context=context)) == 2


@pytest.mark.parametrize("name", ["none", "", ".", "../input/set", "/etc"])
def test_no_other_folder_is_looked_at(context: Context, folder: Path, name: str) -> None:
    with pytest.raises(RunError):
        load_image_data_set_from_folder(folder=name, context=context)


def test_images_are_written_over_older_ones(context: Context) -> None:
    given: dict[str, Any] = {
        "images": IMAGES,
        "folder_name": ["a/set"],
        "filename_prefix": ["x"],
        "mode": ["overwrite"],
    }

    save_image_data_set_to_folder(**given, context=context)
    save_image_data_set_to_folder(**{**given, "images": IMAGES[:1]}, context=context)

    assert saved(context) == ["a/set/x_00000.png", "a/set/x_00001.png", "a/set/x_00000.png"]
    for image, each in zip(IMAGES, context.saved, strict=False):
        assert each.path is not None
        with Image.open(each.path) as picture:
            assert not picture.info
            np.testing.assert_allclose(np.asarray(picture), image[0].mul(255).round())


def test_images_are_written_beside_older_ones(context: Context) -> None:
    """The counter goes on with every image, as in ComfyUI."""
    given: dict[str, Any] = {
        "images": IMAGES,
        "texts": ["one"],
        "folder_name": ["set"],
        "filename_prefix": ["x"],
        "mode": ["increment"],
    }

    for _ in range(2):
        save_image_text_data_set_to_folder(**given, context=context)

    first, second, third, fourth = "set/x_00001_00000", "set/x_00002_00001", "set/x_00003_00000", "set/x_00004_00001"
    assert saved(context) == [
        *(first + ".png", first + ".txt", second + ".png"),
        *(third + ".png", third + ".txt", fourth + ".png"),
    ]
    assert (context.folders.output / (first + ".txt")).read_text() == "one"


@pytest.mark.parametrize("mode", ["overwrite", "increment"])
@pytest.mark.parametrize(("folder", "prefix"), [("../x", "image"), ("/x", "image"), ("x", "../../image")])
def test_no_other_folder_is_written_into(context: Context, mode: str, folder: str, prefix: str) -> None:
    given: dict[str, Any] = {"folder_name": [folder], "filename_prefix": [prefix], "mode": [mode]}

    with pytest.raises(RunError, match="leave"):
        save_image_data_set_to_folder(images=IMAGES, **given, context=context)  # type: ignore[arg-type]


def test_a_batch_is_not_one_image(context: Context) -> None:
    given: dict[str, Any] = {"folder_name": ["x"], "filename_prefix": ["x"], "mode": ["overwrite"]}

    with pytest.raises(RunError, match="item 1 of the list is a batch of 2"):
        save_image_data_set_to_folder(images=[IMAGES[0], torch.rand(2, 4, 4, 3)], **given, context=context)  # type: ignore[arg-type]


def test_parts_of_videos_are_taken() -> None:
    whole = video(8, with_sound=False)

    assert numbers(video_frame_sample(video=whole, num_frames=2).components().images) == [1, 8]
    assert numbers(video_temporal_crop(video=whole, start_frame=2, length=2).components().images) == [3, 4]
    assert video_random_temporal_crop(video=whole, length=3, seed=1).frame_count == 3


def test_videos_keep_their_texts() -> None:
    videos = [video(count, with_sound=False) for count in range(1, 6)]
    texts = [str(count) for count in range(1, 6)]

    mixed, captions = shuffle_video_text_dataset(videos=videos, texts=texts, seed=[3])  # type: ignore[arg-type]

    assert captions != texts
    assert [str(each.frame_count) for each in mixed] == captions
    assert shuffle_video_dataset(videos=videos, seed=[3]) == mixed  # type: ignore[arg-type]

    with pytest.raises(RunError, match="4 for 5"):
        shuffle_video_text_dataset(videos=videos, texts=texts[1:], seed=[3])  # type: ignore[arg-type]
