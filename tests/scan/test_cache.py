"""What is kept of packs between runs."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from wftools.catalog.target import NEWEST
from wftools.folders.caches import user_cache
from wftools.scan.packs import scan_all

SOURCE = """
import os
import folder_paths
class Node:
    RETURN_TYPES = ("{kind}",)
    @classmethod
    def INPUT_TYPES(cls): return {{"required": {{"file": (folder_paths.get_filename_list("loras"),)}}}}
NODE_CLASS_MAPPINGS = {{"Node": Node}}
"""


@pytest.fixture
def caches(tmp_path, monkeypatch):
    """The cache folder of a user who has none yet."""
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
    return tmp_path / "caches"


@pytest.fixture
def pack(tmp_path):
    folder = tmp_path / "pack"
    folder.mkdir()
    (folder / "__init__.py").write_text(SOURCE.format(kind="INT"))
    (folder / "styles.json").write_text("{}")
    return folder


def reports(pack, version=NEWEST):
    return list(scan_all([pack], version))


def test_a_pack_that_is_as_it_was_is_not_read_again(caches, pack):
    (first,) = reports(pack)
    (again,) = reports(pack)

    assert first.steps > 0
    assert again.steps == 0
    assert again.nodes == first.nodes
    assert caches.is_dir()


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda pack: (pack / "__init__.py").write_text(SOURCE.format(kind="FLT")), id="source"),
        pytest.param(lambda pack: os.utime(pack / "styles.json", (1, 1)), id="data"),
        pytest.param(lambda pack: (pack / "new.txt").write_text(""), id="new file"),
        pytest.param(lambda pack: (pack / "styles.json").unlink(), id="gone"),
        pytest.param(lambda pack: (pack / "folder").mkdir(), id="new folder"),
    ],
)
def test_a_pack_of_which_anything_changed_is_read_again(caches, pack, change):
    reports(pack)

    change(pack)

    assert reports(pack)[0].steps > 0


def test_a_source_is_compared_by_what_it_says_and_not_by_its_time(caches, pack):
    (pack / "__init__.py").write_text(SOURCE.format(kind="INT"))
    reports(pack)
    before = (pack / "__init__.py").stat()

    (pack / "__init__.py").write_text(SOURCE.format(kind="AAA"))
    os.utime(pack / "__init__.py", ns=(before.st_atime_ns, before.st_mtime_ns))

    assert reports(pack)[0].nodes["Node"]["output"] == ["AAA"]


def test_each_version_of_comfyui_has_its_own(caches, pack):
    reports(pack)

    assert reports(pack, "0.8.0")[0].steps > 0
    assert len(list(caches.rglob("*.json"))) == 2


def test_what_is_kept_grows_with_the_packs_and_no_further(caches, pack):
    for kind in ("A", "B", "C"):
        (pack / "__init__.py").write_text(SOURCE.format(kind=kind))
        reports(pack)

    assert len(list(caches.rglob("*.json"))) == 1


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"state": 1}', "\x00\xff"])
def test_what_is_damaged_is_made_again(caches, pack, text):
    (first,) = reports(pack)
    (kept,) = caches.rglob("*.json")
    kept.write_text(text)

    (again,) = reports(pack)

    assert again.nodes == first.nodes
    assert again.steps > 0
    assert reports(pack)[0].steps == 0


def test_where_nothing_can_be_kept_all_else_goes_on(tmp_path, pack, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))

    assert [report.steps > 0 for _ in range(2) for report in reports(pack)] == [True, True]


@pytest.mark.parametrize(
    ("system", "variables", "folder"),
    [
        ("linux", {"XDG_CACHE_HOME": "/c"}, "/c/wftools"),
        ("linux", {"XDG_CACHE_HOME": "relative"}, "/home/me/.cache/wftools"),
        ("linux", {}, "/home/me/.cache/wftools"),
        ("darwin", {"XDG_CACHE_HOME": "/c"}, "/home/me/Library/Caches/wftools"),
        ("win32", {"LOCALAPPDATA": "/local"}, "/local/wftools/Cache"),
    ],
)
def test_the_cache_is_where_the_platform_has_it(monkeypatch, system, variables, folder):
    monkeypatch.setattr("sys.platform", system)
    monkeypatch.setenv("HOME", "/home/me")
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    assert user_cache() == Path(folder)
