"""wftools.media.data_sets: files with captions, and parts of videos that are the same for the same seed."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.media.conftest import numbers, video
from wftools.errors import InputError, LimitError
from wftools.media import data_sets
from wftools.media.data_sets import PICTURES, captioned_in, cropped, files_in, randomly_cropped, sampled
from wftools.media.video import VideoFile


def made(folder: Path, **files: str | None) -> Path:
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_dot_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text or "")
    return folder


def test_files_come_by_name_and_only_from_the_folder_itself(tmp_path: Path) -> None:
    folder = made(tmp_path, b_dot_PNG="", a_dot_jpeg="", c_dot_txt="", sub__d_dot_png="")

    assert [path.name for path in files_in(folder, PICTURES)] == ["a.jpeg", "b.PNG"]


def test_captions_stand_beside_their_files(tmp_path: Path) -> None:
    folder = made(
        tmp_path,
        a_dot_png="",
        a_dot_txt=" two words\n",
        other__c_dot_png="",
        other__deep__d_dot_png="",  # one level only
    )
    made(tmp_path / "3_fox", b_dot_webp="", b_dot_txt="fox", e_dot_jpg="")
    made(tmp_path / "0_none", f_dot_png="")

    found = [(path.relative_to(folder).as_posix(), caption) for path, caption in captioned_in(folder, PICTURES)]

    foxes = [("3_fox/b.webp", "fox"), ("3_fox/e.jpg", "")]
    assert found == [*foxes, *foxes, *foxes, ("a.png", "two words"), ("other/c.png", "")]


@pytest.mark.parametrize("find", [files_in, captioned_in])
def test_a_folder_without_files_is_one_error(tmp_path: Path, find: Callable[..., object]) -> None:
    with pytest.raises(InputError, match=r"\.png") as raised:
        find(tmp_path, PICTURES)
    assert raised.value.place.file == str(tmp_path)
    with pytest.raises(InputError, match="cannot be read"):
        find(tmp_path / "none", PICTURES)


def test_repeats_are_limited(tmp_path: Path) -> None:
    made(tmp_path / "99999999_x", a_dot_png="")

    with pytest.raises(LimitError, match="with repeats"):
        captioned_in(tmp_path, PICTURES)


def test_captions_are_small_texts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made(tmp_path, a_dot_png="")
    (tmp_path / "a.txt").write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match="caption"):
        captioned_in(tmp_path, PICTURES)

    monkeypatch.setattr(data_sets, "MAX_CAPTION", 1)
    with pytest.raises(LimitError, match="caption"):
        captioned_in(tmp_path, PICTURES)


@pytest.mark.parametrize(
    ("count", "strategy", "seed", "frames"),
    [
        (3, "head", 0, [0, 1, 2]),
        (3, "tail", 0, [5, 6, 7]),
        (4, "uniform", 0, [0, 2, 5, 7]),  # halves go to the even neighbour
        (1, "uniform", 0, [4]),
        (99, "uniform", 0, list(range(8))),
        (4, "random", 11, [2, 4, 5, 6]),  # as ComfyUI draws them
        (4, "random", 11 + 2**32 - 1, [2, 4, 5, 6]),
        (99, "random", 5, list(range(8))),
    ],
)
def test_frames_are_chosen(count: int, strategy: str, seed: int, frames: list[int]) -> None:
    chosen = sampled(video(8, with_sound=False), count, strategy, seed)

    assert [number - 1 for number in numbers(chosen.components().images)] == frames
    assert chosen.fps == 8


def test_chosen_frames_have_no_sound_but_cut_ones_have() -> None:
    assert sampled(video(8), 3, "uniform", 0).components().audio is None
    assert sampled(video(8), 3, "head", 0).components().audio is not None


@pytest.mark.parametrize(("start", "length", "frames"), [(2, 3, [2, 3, 4]), (6, 99, [6, 7]), (99, 4, [7]), (0, 1, [0])])
def test_frames_in_a_row_are_cut_out(start: int, length: int, frames: list[int]) -> None:
    part = cropped(video(8, with_sound=False), start, length)

    assert [number - 1 for number in numbers(part.components().images)] == frames


@settings(max_examples=25)
@given(length=st.integers(1, 12), seed=st.integers(0, 2**64 - 1))
def test_a_random_part_is_in_the_video(length: int, seed: int) -> None:
    whole = video(8, with_sound=False)

    part = randomly_cropped(whole, length, seed)

    assert part.frame_count == min(length, 8)
    again = randomly_cropped(whole, length, seed)
    assert isinstance(part, VideoFile)
    assert isinstance(again, VideoFile)
    assert part.window == again.window
