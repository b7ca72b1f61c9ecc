"""wftools.imaging.save: numbered PNG files with the workflow in them."""

import io
import json
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from wftools.errors import RunError
from wftools.folders import Folders, filled_in
from wftools.imaging.load import load
from wftools.imaging.save import png, save, texts_of

IMAGES = torch.zeros(2, 4, 6, 3)


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    return Folders(output=tmp_path / "output", temp=tmp_path / "temp")


def names(folders: Folders, prefix: str, images: torch.Tensor = IMAGES, area: str = "output") -> list[str]:
    """Save, and name the files as they stand in the folder."""
    paths = list(save(images, folders, area=area, prefix=prefix, texts={}))
    return [path.relative_to(folders.area(area)).as_posix() for path in paths]


@pytest.mark.parametrize(
    ("value", "level"),
    [
        (0.0, 0),
        (1.0, 255),
        (0.5, 127),
        (0.9999, 254),
        (1 / 255, 1),
        (-0.1, 0),
        (1.7, 255),
        (float("nan"), 0),
        (float("inf"), 255),
    ],
)
def test_fractions_of_a_level_are_dropped(value: float, level: int) -> None:
    picture = Image.open(io.BytesIO(png(torch.full((1, 1, 3), value), {})))

    assert picture.getpixel((0, 0)) == (level, level, level)


@pytest.mark.parametrize(("channels", "mode"), [(1, "L"), (3, "RGB"), (4, "RGBA")])
def test_the_channels_decide_the_mode(channels: int, mode: str) -> None:
    assert Image.open(io.BytesIO(png(torch.rand(5, 4, channels), {}))).mode == mode


def test_two_channels_cannot_be_saved() -> None:
    with pytest.raises(RunError, match="2 channels"):
        png(torch.rand(5, 4, 2), {})


def test_text_stands_before_the_pixels_as_ascii_json() -> None:
    """Where ComfyUI's frontend looks for it: tEXt chunks, one per key."""
    texts = texts_of({"1": {"class_type": "日本"}}, {"workflow": {"nodes": []}, "more": 1})

    data = png(torch.rand(9, 9, 3), texts)

    kinds = re.findall(rb"IHDR|tEXt|iTXt|IDAT", data)
    assert kinds == [b"IHDR", b"tEXt", b"tEXt", b"tEXt", b"IDAT"]
    assert rb"\u65e5" in data
    info = Image.open(io.BytesIO(data)).info
    assert json.loads(info["prompt"]) == {"1": {"class_type": "日本"}}
    assert json.loads(info["workflow"]) == {"nodes": []}
    assert info["more"] == "1"


def test_a_keyword_has_latin_letters() -> None:
    with pytest.raises(RunError, match="日本"):
        png(torch.rand(9, 9, 3), {"日本": "{}"})


def test_without_a_prompt_there_is_no_text() -> None:
    assert texts_of(None, None) == {}


@given(st.integers(0, 255))
def test_a_saved_level_is_loaded_again(tmp_path_factory: pytest.TempPathFactory, level: int) -> None:
    """255 * (level / 255) may fall short of the level in float32; then it would be cut down to the one below."""
    folders = Folders(output=tmp_path_factory.mktemp("output"))
    image = torch.full((1, 2, 2, 3), level) / 255

    (path,) = save(image, folders, area="output", prefix="x", texts={})

    assert torch.equal(load(path).image, image)


def test_a_batch_is_numbered_from_one(folders: Folders) -> None:
    assert names(folders, "x") == ["x_00001_.png", "x_00002_.png"]


@pytest.mark.parametrize(
    ("present", "first"),
    [
        (["x_00007_.png"], "x_00008_.png"),
        (["x_00007_.txt"], "x_00008_.png"),  # whatever the suffix
        (["x_00007_old.png"], "x_00008_.png"),
        (["x_00001_.png", "x_00003_.png"], "x_00004_.png"),
        (["x_123456_.png"], "x_123457_.png"),
        (["x_00007.png"], "x_00001_.png"),  # not of the form name_number_
        (["xy_00007_.png", "ax_00009_.png", "x.png", "x_"], "x_00001_.png"),
    ],
)
def test_numbers_go_on_after_the_highest(folders: Folders, present: list[str], first: str) -> None:
    folders.output.mkdir()
    for name in present:
        (folders.output / name).touch()

    assert names(folders, "x", IMAGES[:1]) == [first]


@pytest.mark.parametrize(
    ("prefix", "expected"),
    [
        ("a/b/x", ["a/b/x_00001_.png", "a/b/x_00002_.png"]),
        ("%width%x%height%", ["6x4_00001_.png", "6x4_00002_.png"]),
        ("x_%batch_num%", ["x_0_00001_.png", "x_1_00002_.png"]),
        ("50%", ["50%_00001_.png", "50%_00002_.png"]),
        ("Größe 日本", ["Größe 日本_00001_.png", "Größe 日本_00002_.png"]),
    ],
)
def test_a_prefix_may_hold_folders_and_places_to_fill(folders: Folders, prefix: str, expected: list[str]) -> None:
    assert names(folders, prefix) == expected


def test_a_second_run_overwrites_nothing(folders: Folders) -> None:
    first, second = names(folders, "x_%batch_num%"), names(folders, "x_%batch_num%")

    assert not set(first) & set(second)


def test_the_time_is_filled_in() -> None:
    now = datetime(2026, 3, 4, 5, 6, 7)

    assert filled_in("%year%-%month%-%day% %hour%.%minute%.%second% %other%", now=now) == "2026-03-04 05.06.07 %other%"


@pytest.mark.parametrize("prefix", ["../x", "/x", "a/../../x", "C:/x", "..", "a/../..", "..\\x"])
def test_a_prefix_does_not_leave_the_folder(folders: Folders, prefix: str) -> None:
    with pytest.raises(RunError, match="leave"):
        names(folders, prefix)


@pytest.mark.parametrize(
    ("prefix", "expected"),
    [("", "._00001_.png"), ("a/../b", "b_00001_.png"), ("./x", "x_00001_.png"), ("a//b/", "a/b_00001_.png")],
)
def test_a_prefix_may_take_detours_inside_the_folder(folders: Folders, prefix: str, expected: str) -> None:
    """And be empty: ComfyUI then calls the file `.`."""
    assert names(folders, prefix, IMAGES[:1]) == [expected]


def test_writers_at_the_same_time_take_no_number_twice(folders: Folders) -> None:
    """Each finds its files as it wrote them: a number that is taken meanwhile is passed over."""

    def write(writer: int) -> list[tuple[Path, bytes]]:
        contents = [f"{writer} {index}".encode() for index in range(20)]
        return list(zip(folders.write("x", ".png", contents), contents, strict=True))

    with ThreadPoolExecutor(4) as pool:
        written = [each for some in pool.map(write, range(4)) for each in some]

    assert len({path for path, _ in written}) == 80
    assert all(path.read_bytes() == content for path, content in written)


def test_a_number_that_is_taken_after_it_was_looked_up_is_passed_over(folders: Folders) -> None:
    """By another process, between two pictures of a batch."""
    saved = folders.write("x", ".png", [b"1", b"2"])
    next(saved)
    (folders.output / "x_00002_.png").write_bytes(b"of another process")

    assert next(saved).name == "x_00003_.png"
    assert (folders.output / "x_00002_.png").read_bytes() == b"of another process"


def test_an_area_is_a_folder(folders: Folders) -> None:
    names(folders, "x", area="temp")

    assert (folders.temp / "x_00001_.png").is_file()
    assert not folders.output.exists()


def test_nothing_but_the_files_is_left(folders: Folders) -> None:
    names(folders, "x")

    assert sorted(path.name for path in folders.output.iterdir()) == ["x_00001_.png", "x_00002_.png"]


def test_a_folder_that_cannot_be_made_is_a_run_error(folders: Folders) -> None:
    folders.output.write_text("a file")

    with pytest.raises(RunError, match="cannot save"):
        names(folders, "x")


def test_pixels_are_written_as_they_are(folders: Folders) -> None:
    levels = np.arange(4 * 6 * 3, dtype=np.uint8).reshape(1, 4, 6, 3)

    (path,) = save(torch.from_numpy(levels) / 255, folders, area="output", prefix="x", texts={})

    with Image.open(path) as picture:
        np.testing.assert_array_equal(np.asarray(picture), levels[0])
