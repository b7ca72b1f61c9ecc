"""wftools.folders: what names lead to, and that none leads out."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wftools.errors import RunError
from wftools.folders import Folders, names
from wftools.folders.names import MAX_NAME, inside

PARTS = ["a", "..", ".", "/", "\\", ":", "C", "\0", "\ud800", " ", "~", "é", "[", "]", "%"]
ODD = st.lists(st.sampled_from(PARTS), max_size=12).map("".join)


@given(ODD | st.text(max_size=20))
def test_no_name_leads_out_of_the_folder(name: str) -> None:
    """It is refused, or the path stays below, however it is spelled."""
    try:
        path = inside(name)
    except RunError:
        return

    assert not path.is_absolute()
    assert ".." not in path.parts
    assert "\0" not in str(path)


@pytest.mark.parametrize(
    ("name", "path"), [("a/b.png", "a/b.png"), ("a\\b.png", "a/b.png"), ("a/../b.png", "b.png"), ("./b.png", "b.png")]
)
def test_a_name_may_take_detours_inside_the_folder(name: str, path: str) -> None:
    assert inside(name) == PurePosixPath(path)


@pytest.mark.parametrize("name", ["n" * (MAX_NAME + 1), "é" * 128 + ".png", "a/" * 3000 + "x", "a\0b", "\ud800.png"])
def test_a_name_that_no_file_can_have_is_an_error(tmp_path: Path, name: str) -> None:
    """One that says so, for what is read and for what is written."""
    folders = Folders(tmp_path, tmp_path, tmp_path)
    expected = r"is no name of a file|cannot be looked up|cannot save|too long"

    with pytest.raises(RunError, match=expected):
        folders.find("vae", name)
    with pytest.raises(RunError, match=expected):
        folders.file(name)
    with pytest.raises(RunError, match=expected):
        folders.check_prefix(name)


@pytest.mark.parametrize(
    ("name", "reserved"),
    [
        ("CON", True),
        ("aux.png", True),
        ("a/Nul .txt", True),
        ("a.", True),
        ("b /c", True),
        ("name:stream", True),
        ("com1.png", True),
        ("con2.png", False),
        ("a.b/c", False),
        ("console", False),
    ],
)
def test_names_that_windows_takes_for_something_else(
    monkeypatch: pytest.MonkeyPatch, name: str, reserved: bool
) -> None:
    """Are refused there, and are names like others elsewhere."""
    monkeypatch.setattr(names, "IS_WINDOWS", False)
    assert inside(name) == PurePosixPath(name)

    monkeypatch.setattr(names, "IS_WINDOWS", True)
    if reserved:
        with pytest.raises(RunError, match="on Windows"):
            inside(name)
    else:
        assert inside(name) == PurePosixPath(name)


def test_links_that_the_user_made_are_followed(tmp_path: Path) -> None:
    """Also out of the folder: models lie on another disk."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "x.safetensors").touch()
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "vae").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "input").mkdir()
    (tmp_path / "input" / "x.png").symlink_to(tmp_path / "elsewhere" / "x.safetensors")
    (tmp_path / "output").symlink_to(tmp_path / "elsewhere")
    folders = Folders(tmp_path / "models", tmp_path / "input", tmp_path / "output")

    assert folders.find("vae", "x.safetensors").is_file()
    assert folders.file("x.png").is_file()
    assert next(folders.write("x", "_.png", [b""])).name == "x_00001_.png"
    with pytest.raises(RunError, match="leave"):
        folders.file("../elsewhere/x.safetensors")


def test_a_ring_of_links_ends(tmp_path: Path) -> None:
    (tmp_path / "vae").mkdir()
    (tmp_path / "vae" / "a").symlink_to(tmp_path / "vae" / "b")
    (tmp_path / "vae" / "b").symlink_to(tmp_path / "vae" / "a")

    with pytest.raises(RunError, match=r"is not there|cannot be looked up"):
        Folders(tmp_path).find("vae", "a/x.safetensors")
    with pytest.raises(RunError, match="cannot save"):
        Folders(output=tmp_path / "vae").check_prefix("a/x")


@pytest.mark.skipif(os.name == "nt", reason="modes are others")
def test_a_prefix_is_refused_where_nothing_can_be_written(tmp_path: Path) -> None:
    """What would be a folder is a file. Nothing is made by asking."""
    (tmp_path / "file").touch()

    with pytest.raises(RunError, match=r"is no folder|Not a directory"):
        Folders(output=tmp_path / "file").check_prefix("a/x")
    Folders(output=tmp_path / "new").check_prefix("a/b/x")

    assert [path.name for path in tmp_path.iterdir()] == ["file"]
