"""Whole packs: what a server said of them that imported them, and what their source alone says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from wftools.catalog.object_info import signature
from wftools.catalog.target import NEWEST
from wftools.errors import InputError
from wftools.scan.packs import object_info, packs_in, scan, scan_all

PACKS = Path(__file__).parents[1] / "data/scan/packs"
ENTRY = 'NODE_CLASS_MAPPINGS = {"One": type("One", (), {"INPUT_TYPES": classmethod(lambda c: {}), "RETURN_TYPES": ()})}'


@pytest.mark.parametrize("pack", sorted(path.name for path in PACKS.iterdir()))
def test_the_source_of_a_pack_says_what_a_server_says_that_imported_it(pack):
    expected = json.loads((PACKS / pack / "expected.json").read_text("utf-8"))

    found = scan(PACKS / pack, NEWEST)

    said = {
        node_type: {key: value for key, value in entry.items() if key != "python_module"}
        for node_type, entry in found.nodes.items()
    }
    assert said == {**expected["nodes"], **expected.get("when_present", {})}
    assert not found.partly
    assert not found.facts.unknown
    assert set(found.facts.refused) == set(expected.get("refused", {}))
    assert {entry["python_module"] for entry in found.nodes.values()} == {f"custom_nodes.{pack}"}


def test_what_comes_out_of_a_packs_files_is_open_to_others():
    inputs = scan(PACKS / "data_files", NEWEST, portable=True).nodes["BerylData"]["input"]["required"]

    assert {name: each[1].get("open") for name, each in inputs.items()} == {
        "style": "pack files", "preset": "pack files", "word": "pack files", "font": "pack files", "size": None,
    }  # fmt: skip
    assert inputs["style"][0] == ["ink", "oil"]
    assert inputs["preset"][1]["default"] == "small"


@pytest.mark.parametrize("pack", ["plain_literals", "glob_loader", "file_lists", "input_files", "schema_dynamic"])
def test_what_is_in_the_source_is_as_it_was(pack):
    assert scan(PACKS / pack, NEWEST, portable=True).nodes == scan(PACKS / pack, NEWEST).nodes


def test_what_is_said_of_packs_is_read_as_an_object_info():
    found = object_info(scan_all(packs_in(PACKS), NEWEST, keeps=False))

    signatures = [signature(node_type, entry) for node_type, entry in found.items()]

    assert len(signatures) >= 40
    assert {each.pack for each in signatures} >= {"plain_literals", "schema_dynamic"}


@pytest.fixture
def custom_nodes(tmp_path):
    """A folder custom_nodes as they are: packs, single files, and what is none."""
    folder = tmp_path / "ComfyUI" / "custom_nodes"
    for name in ("one", "two.disabled", "__pycache__", ".hidden", "no_pack"):
        (folder / name).mkdir(parents=True)
    for name in ("one/__init__.py", "two.disabled/__init__.py", ".hidden/__init__.py", "__pycache__/__init__.py"):
        (folder / name).write_text(ENTRY)
    (folder / "single.py").write_text(ENTRY)
    (folder / "example.py.example").write_text(ENTRY)
    (folder / "gone.py.disabled").write_text(ENTRY)
    return folder


@pytest.mark.parametrize("place", [".", ".."])
def test_a_server_has_the_packs_of_its_folder_that_are_neither_disabled_nor_hidden(custom_nodes, place):
    assert [path.name for path in packs_in(custom_nodes / place)] == ["one", "single.py"]


def test_one_pack_may_be_named(custom_nodes):
    assert packs_in(custom_nodes / "one") == [custom_nodes / "one"]
    assert packs_in(custom_nodes / "single.py") == [custom_nodes / "single.py"]


@pytest.mark.parametrize("name", ["nowhere", "one/notes.txt"])
def test_what_is_no_pack_is_refused(custom_nodes, name):
    (custom_nodes / "one/notes.txt").write_text("")

    with pytest.raises(InputError, match=r"no such folder|no pack"):
        packs_in(custom_nodes / name)


def test_a_single_file_has_the_module_that_a_server_gives_it(custom_nodes):
    assert scan(custom_nodes / "single.py", NEWEST).nodes["One"]["python_module"] == "custom_nodes.single"


def test_a_pack_may_be_a_link_but_nothing_in_it_leads_out(tmp_path):
    """People link their checkouts into custom_nodes. A link inside a pack is the pack's own doing."""
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret/words.py").write_text("WORDS = ['secret']")
    checkout = tmp_path / "checkout"
    checkout.mkdir()
    (checkout / "inside.py").symlink_to(tmp_path / "secret/words.py")
    (checkout / "__init__.py").write_text(
        "try:\n    from .inside import WORDS\nexcept ImportError:\n    WORDS = []\n"
        "class Two:\n    RETURN_TYPES = ()\n"
        "    @classmethod\n    def INPUT_TYPES(cls): return {'required': {'word': (WORDS,)}}\n"
        "NODE_CLASS_MAPPINGS = {'Two': Two}\n"
    )
    folder = tmp_path / "custom_nodes"
    folder.mkdir()
    (folder / "linked").symlink_to(checkout)

    (pack,) = packs_in(folder)
    found = scan(pack, NEWEST)

    assert found.folder == "linked"
    assert list(found.nodes) == ["Two"]
    assert "secret" not in json.dumps(found.nodes)


def test_of_packs_with_one_type_the_last_has_it_as_on_a_server(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text(ENTRY)

    found = object_info(scan_all(packs_in(tmp_path), NEWEST, keeps=False))

    assert found["One"]["python_module"] == "custom_nodes.b"


@pytest.mark.parametrize(
    ("head", "more", "commit"),
    [
        ("0123456789" * 4, {}, "0123456789" * 4),
        ("ref: refs/heads/main", {"refs/heads/main": "ab" * 20}, "ab" * 20),
        ("ref: refs/heads/main", {"packed-refs": f"# pack-refs\n{'cd' * 20} refs/heads/main\n"}, "cd" * 20),
        ("ref: refs/heads/main", {}, ""),
        ("ref: refs/../../../etc/passwd", {}, ""),
        ("no hash", {}, ""),
    ],
)
def test_the_version_of_a_pack_is_what_its_project_and_git_say(tmp_path, head, more, commit):
    (tmp_path / "__init__.py").write_text("")
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "my-pack"\nversion = "1.2"\n')
    for name, text in {"HEAD": head, **more}.items():
        file = tmp_path / ".git" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text + "\n")

    found = scan(tmp_path, NEWEST)

    assert (found.name, found.version, found.commit) == ("my-pack", "1.2", commit)


@pytest.mark.parametrize("text", ["", "[project", "project = 5", "[project]\nname = 5\n"])
def test_a_project_file_that_says_nothing_is_no_harm(tmp_path, text):
    (tmp_path / "__init__.py").write_text(ENTRY)
    (tmp_path / "pyproject.toml").write_text(text)

    found = scan(tmp_path, NEWEST)

    assert (found.name, found.version) == ("", "")
    assert list(found.nodes) == ["One"]
