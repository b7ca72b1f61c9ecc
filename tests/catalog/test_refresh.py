"""Facts of packs are made from what a scan or a server says, and what was before is remembered."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from wftools.catalog import packs
from wftools.catalog.packs import CUSTOM, HISTORY, INDEX, SUFFIX, Pack, custom, custom_packs, pack
from wftools.catalog.packs.facts import MAX_DEFAULT, custom_facts, file_lists_of
from wftools.catalog.packs.known import known_packs, table
from wftools.catalog.packs.refresh import refresh, write_index
from wftools.errors import InputError

README = Path(packs.__file__).with_name("README.md").read_text("utf-8")


def test_the_readme_has_the_table_of_all_packs() -> None:
    assert table(known_packs()) in README


def test_what_is_shipped_is_what_would_be_kept_of_it() -> None:
    for name in custom_packs():
        for node_type, entry in json.loads(custom(name).text)["nodes"].items():
            told = {key: value for key, value in entry.items() if value or key in ("input", "output")}
            assert custom_facts(entry, file_lists_of(entry)) == told, (name, node_type)


def test_the_index_that_is_shipped_is_the_one_that_would_be_written(tmp_path: Path) -> None:
    here = Path(packs.__file__).parent
    (tmp_path / CUSTOM).symlink_to(here / CUSTOM)

    write_index(tmp_path)

    assert Pack.of((tmp_path / INDEX).read_bytes()).text == pack(INDEX).text


@pytest.mark.parametrize(
    ("declared", "kept"),
    [
        (["INT", {"default": 1, "tooltip": "x", "min": 0}], ["INT", {"default": 1, "min": 0}]),
        (["INT", {"default": 1, "unknown": ["max"]}], ["INT", {"default": 1, "unknown": ["max"]}]),
        (["*", {"open": "computed"}], ["*", {"open": "computed"}]),
        (["STRING", {"default": "x" * (MAX_DEFAULT + 1)}], ["STRING", {"default_omitted": MAX_DEFAULT + 1}]),
        ([["x" * 20] * 1000, {"default": "x"}], [[], {"default": "x", "open": "long", "omitted": 1000}]),
        ([["here.safetensors"], {}], ["COMBO", {"listed": True, "folder": "loras", "extra_options": ["None"]}]),
        (["COMBO", {"folder": "vae"}], ["COMBO", {"folder": "vae"}]),  # a scan's word
    ],
)
def test_what_is_kept_of_a_declaration(declared: list[Any], kept: list[Any]) -> None:
    before = {"input": {"required": {"x": ["COMBO", {"folder": "loras", "extra_options": ["None"], "listed": True}]}}}

    made = custom_facts(
        {"input": {"required": {"x": declared}}, "output": ["INT"]}, file_lists_of(before) if kept[0] == "COMBO" else {}
    )

    assert made["input"]["required"]["x"] == kept


def _git(folder: Path, *arguments: str) -> None:
    subprocess.run(
        ["git", "-C", str(folder), "-c", "user.name=a", "-c", "user.email=a@b", *arguments],
        check=True,
        capture_output=True,
    )


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    folder = tmp_path / "ComfyUI-Some-Pack"
    folder.mkdir()
    _git(folder, "init", "-q")
    _git(folder, "remote", "add", "origin", "https://github.com/Somebody/ComfyUI-Some-Pack.git")
    _release(folder, "1.0.0", "2026-01-02")
    return folder


def _release(folder: Path, version: str, day: str) -> None:
    project = f'[project]\nname = "Some-Pack"\nversion = "{version}"\nlicense = {{text = "MIT"}}\n'
    (folder / "pyproject.toml").write_text(project)
    _git(folder, "add", ".")
    _git(folder, "commit", "-q", "-m", version, f"--date={day}T12:00:00Z")


def _said(**inputs: dict[str, Any]) -> dict[str, Any]:
    module = "custom_nodes.ComfyUI-Some-Pack"
    return {
        name: {"input": {"required": required}, "output": ["IMAGE"], "python_module": module, "description": "prose"}
        for name, required in inputs.items()
    }


def _read(at: Path, name: str) -> Pack:
    return Pack.of((at / name).read_bytes())


def test_a_pack_is_made_and_what_it_was_is_remembered_when_it_is_replaced(clone: Path, tmp_path: Path) -> None:
    at = tmp_path / "packs"
    (at / CUSTOM / "history").mkdir(parents=True)
    others = {"Other": {"input": {}, "output": [], "python_module": "custom_nodes.other"}}
    size = {"size": ["INT", {"default": 1}], "mode": [["a", "b"]]}

    assert refresh(_said(Kept=size, Gone={}, Same=size) | others, [clone], "scan", "ComfyUI 0.33.0", at=at) == [
        "some-pack"
    ]

    made = _read(at, f"{CUSTOM}/some-pack{SUFFIX}")
    assert made.types() == {"Kept", "Gone", "Same"}
    assert made.entry("Kept") == {"input": {"required": size}, "output": ["IMAGE"]}
    assert {key: made.about[key] for key in ("repository", "version", "license", "established")} == {
        "repository": "Somebody/ComfyUI-Some-Pack",
        "version": "1.0.0",
        "license": "MIT",
        "established": "scan",
    }
    assert not (at / HISTORY / f"some-pack{SUFFIX}").exists()
    assert _read(at, INDEX).entry("Gone") == ["some-pack"]

    _release(clone, "1.1.0", "2026-02-03")
    changed = {**size, "more": ["IMAGE"]}
    refresh(_said(Kept=changed, Same={**size, "size": ["INT", {"default": 7}]}, New={}), [clone], "import", "x", at=at)

    before = _read(at, f"{HISTORY}/some-pack{SUFFIX}")
    assert before.types() == {"Kept", "Gone"}  # another default is no other signature
    (was,) = before.entry("Kept")
    assert was["input"] == [["size", "INT", "r", ""], ["mode", "COMBO", "r", ""]]
    assert was["commit"] == made.about["commit"][:7]
    assert _read(at, f"{CUSTOM}/some-pack{SUFFIX}").about["version"] == "1.1.0"
    assert _read(at, INDEX).types() == {"Kept", "Gone", "Same", "New"}

    again = before.text
    refresh(_said(Kept=changed), [clone], "import", "x", at=at)
    assert _read(at, f"{HISTORY}/some-pack{SUFFIX}").text == again  # the same commit, told anew


def test_a_folder_that_is_no_clone_or_has_none_of_the_types_is_refused(clone: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()

    with pytest.raises(InputError, match="is not a clone"):
        refresh(_said(Kept={}), [tmp_path / "elsewhere"], "scan", "x", at=tmp_path)
    with pytest.raises(InputError, match="no node type"):
        refresh({}, [clone], "scan", "x", at=tmp_path)
