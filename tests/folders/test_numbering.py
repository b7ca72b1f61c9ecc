"""wftools.folders: new files get the next number, in the folder of their prefix, and replace nothing."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

import pytest

from wftools.errors import RunError
from wftools.folders import Folders, filled_in


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    return Folders(output=tmp_path / "output", temp=tmp_path / "temp")


def names(folders: Folders, prefix: str, count: int = 2, area: str = "output") -> list[str]:
    """Write files of pictures of 6 x 4 pixels, and name them as they stand in the folder."""
    paths = list(folders.write(prefix, "_.png", [b"x"] * count, area, (6, 4)))
    return [path.relative_to(folders.area(area)).as_posix() for path in paths]


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
        (["x_00007.flac"], "x_00008_.png"),  # as sound and texts are numbered
        (["x_7th.png", "x7_.png"], "x_00001_.png"),
        (["xy_00007_.png", "ax_00009_.png", "x.png", "x_"], "x_00001_.png"),
    ],
)
def test_numbers_go_on_after_the_highest(folders: Folders, present: list[str], first: str) -> None:
    folders.output.mkdir()
    for name in present:
        (folders.output / name).touch()

    assert names(folders, "x", 1) == [first]


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
    assert names(folders, prefix, 1) == [expected]


def test_writers_at_the_same_time_take_no_number_twice(folders: Folders) -> None:
    """Each finds its files as it wrote them: a number that is taken meanwhile is passed over."""

    def write(writer: int) -> list[tuple[Path, bytes]]:
        contents = [f"{writer} {index}".encode() for index in range(20)]
        return list(zip(folders.write("x", "_.png", contents), contents, strict=True))

    with ThreadPoolExecutor(4) as pool:
        written = [each for some in pool.map(write, range(4)) for each in some]

    assert len({path for path, _ in written}) == 80
    assert all(path.read_bytes() == content for path, content in written)


def test_a_number_that_is_taken_after_it_was_looked_up_is_passed_over(folders: Folders) -> None:
    """By another process, between two pictures of a batch."""
    saved = folders.write("x", "_.png", [b"1", b"2"])
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


def test_what_writes_a_file_is_given_its_stream(folders: Folders) -> None:
    """It has a path as well, for those who write by themselves."""

    def write(stream: BinaryIO) -> None:
        assert Path(stream.name).parent == folders.output
        stream.write(b"x")

    (path,) = folders.write("x", ".safetensors", [write])

    assert path == folders.output / "x_00001.safetensors"
    assert path.read_bytes() == b"x"


def test_what_fails_to_write_leaves_no_file(folders: Folders) -> None:
    def fail(stream: BinaryIO) -> None:
        stream.write(b"x")
        raise RunError("no")

    with pytest.raises(RunError):
        list(folders.write("x", ".bin", [fail]))

    assert not list(folders.output.iterdir())


def test_the_next_name_is_the_one_that_is_written(folders: Folders) -> None:
    for prefix in ("x", "sub/x"):
        for _ in range(2):
            name, number = folders.next_name(prefix)
            (path,) = folders.write(prefix, "_.png", [b""])
            assert path.name == f"{name}_{number:05}_.png"
