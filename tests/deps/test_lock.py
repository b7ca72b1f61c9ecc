"""Locks: what was needed, and what is missing or differs since."""

from __future__ import annotations

import json
from dataclasses import replace
from hashlib import sha256

import pytest

from tests.deps.cases import needs, of_pack, prompt
from tests.graph.cases import node, workflow
from wftools.deps.installed import InstalledPacks
from wftools.deps.lock import lock_of, outdated, read_lock, unlike
from wftools.deps.looking import Machine, hashed, surveyed
from wftools.errors import InputError
from wftools.folders import Folders

TREE = workflow(
    [
        of_pack(1, "Nobody knows", cnr_id="a-pack", ver="1.2.0"),
        node(2, "CheckpointLoaderSimple", values=["a.safetensors"]),
        node(3, "LoadImage", values=["a.png"]),
        node(4, "CheckpointLoaderSimple", values=["muted.safetensors"], mode=2),
    ],
    [],
)


def with_hashes(survey):
    return hashed(survey, lambda _file, _count: None)


@pytest.fixture
def machine(tmp_path):
    folders = Folders(models=tmp_path / "models", input=tmp_path / "input")
    for file in ("models/checkpoints/a.safetensors", "models/loras/b.pt", "input/a.png"):
        (tmp_path / file).parent.mkdir(parents=True)
        (tmp_path / file).write_bytes(b"content")
    pack = tmp_path / "custom_nodes/a-pack"
    pack.mkdir(parents=True)
    (pack / "pyproject.toml").write_text('[project]\nname = "a-pack"\nversion = "1.2.0"\n')
    return Machine(folders, packs=InstalledPacks((tmp_path / "custom_nodes",)))


@pytest.fixture
def lock(machine):
    return lock_of(with_hashes(surveyed(needs(TREE), machine)))


def test_a_lock_has_names_sizes_and_hashes_and_no_places(lock, tmp_path):
    (model,) = lock.models
    (file,) = lock.inputs

    assert (model.name, model.kinds, model.size, model.sha256) == (
        "a.safetensors",
        ["checkpoints"],
        7,
        sha256(b"content").hexdigest(),
    )
    assert (file.name, file.area, file.size) == ("a.png", "input", 7)
    assert [(pack.id, pack.saved_with, pack.installed) for pack in lock.packs] == [("a-pack", ["1.2.0"], "1.2.0")]
    assert str(tmp_path) not in lock.model_dump_json()


def test_what_was_written_is_read(lock, tmp_path):
    path = tmp_path / "flow.lock"
    path.write_text(lock.model_dump_json())

    assert read_lock(str(path)) == lock


def test_nothing_is_said_where_nothing_has_changed(lock, machine):
    assert list(unlike(lock, machine, with_hashes)) == []
    assert list(outdated(lock, needs(TREE))) == []


def _remove(path):
    path.unlink()


def _lengthen(path):
    path.write_bytes(b"longer content")


def _change(path):
    path.write_bytes(b"Content")


@pytest.mark.parametrize(
    ("file", "change", "said"),
    [
        ("models/checkpoints/a.safetensors", _remove, "model checkpoints/a.safetensors is missing"),
        ("models/checkpoints/a.safetensors", _lengthen, "model checkpoints/a.safetensors has 14 bytes, not 7"),
        ("models/checkpoints/a.safetensors", _change, "model checkpoints/a.safetensors has another content"),
        ("input/a.png", _remove, "input/a.png is missing"),
        ("input/a.png", _change, "input/a.png has another content"),
        ("custom_nodes/a-pack", lambda path: path.rename(path.with_name("a-pack.disabled")), "pack a-pack is missing"),
        (
            "custom_nodes/a-pack/pyproject.toml",
            lambda path: path.write_text('[project]\nname = "a-pack"\nversion = "2.0"\n'),
            "pack a-pack is 2.0, not 1.2.0",
        ),
    ],
)
def test_each_difference_is_a_line(file, change, said, lock, machine):
    change(machine.folders.models.parent / file)
    fresh = replace(machine, packs=InstalledPacks(machine.packs.folders))

    (line,) = unlike(lock, fresh, with_hashes)

    assert line.startswith(said)


@pytest.mark.parametrize(
    ("tree", "said"),
    [
        (
            prompt("CheckpointLoaderSimple", ckpt_name="b.safetensors"),
            {
                "model b.safetensors is needed, and not in the lock",
                "model a.safetensors is in the lock, and no longer needed",
                "file input/a.png is in the lock, and no longer needed",
                "pack a-pack is in the lock, and no longer needed",
            },
        ),
        (
            workflow([*TREE["nodes"], of_pack(9, "Other", cnr_id="a-pack", ver="1.3.0"), node(8, "Who knows")], []),
            {
                "pack a-pack was saved with 1.2.0, 1.3.0, in the lock 1.2.0",
                "node type Who knows is needed, and not in the lock",
            },
        ),
        (
            workflow([*TREE["nodes"], of_pack(9, "TripoTextureNodeV2")], []),
            {"ComfyUI: the workflows need newer than 0.33.0, the lock has 0.3.64"},
        ),
    ],
)
def test_a_lock_that_is_not_what_workflows_need_now_is_said_to_be_so(tree, said, lock):
    assert set(outdated(lock, needs(tree))) == said


def test_a_lock_leads_out_of_no_folder(lock, machine, tmp_path):
    (tmp_path / "secret").write_bytes(b"content")
    hostile = lock.model_copy(
        update={
            "models": [
                lock.models[0].model_copy(update={"name": "../../secret"}),
                lock.models[0].model_copy(update={"name": "secret", "kinds": [".."]}),
            ],
            "inputs": [lock.inputs[0].model_copy(update={"name": "../secret"})],
        }
    )

    lines = list(unlike(hostile, machine, with_hashes))

    assert [line.partition(" is missing")[1:2] for line in lines] == [(" is missing",)] * 3


@pytest.mark.parametrize(
    "text",
    ["", "[]", "5", "{", '{"lock": "wflock/2"}', "\0", json.dumps({"lock": "wflock/1", "packs": 5}), "[" * 100_000],
)
def test_what_is_no_lock_is_an_error_that_names_it(text, tmp_path):
    path = tmp_path / "flow.lock"
    path.write_text(text)

    with pytest.raises(InputError, match=r"flow\.lock: is no lock"):
        read_lock(str(path))
