"""Which models and input files workflows need, and what becomes of looking for them."""

from __future__ import annotations

import os
from hashlib import sha256

import pytest

from tests.deps.cases import needs, prompt
from tests.graph.cases import node, workflow
from wftools.deps.looking import Machine, agreement, hashed, surveyed
from wftools.deps.needs import StatedHash
from wftools.folders import Folders

CONTENT = b"weights"
SHA = sha256(CONTENT).hexdigest()


@pytest.fixture
def folders(tmp_path):
    made = Folders(*(tmp_path / name for name in ("models", "input", "output", "temp")))
    for kind in ("checkpoints", "loras", "embeddings", "ultralytics_bbox", "odd"):
        (made.models / kind).mkdir(parents=True)
    made.input.mkdir()
    return made


def look(tree, folders):
    return surveyed(needs(tree), Machine(folders))


def noted(**note):
    """A loader of a checkpoint that says something of it."""
    told = {"name": "a.safetensors", "directory": "checkpoints", **note}
    return workflow(
        [node(1, "CheckpointLoaderSimple", values=["sub/a.safetensors"], properties={"models": [told]})], []
    )


def test_what_a_file_says_of_a_model_stands_with_it():
    (model,) = needs(noted(url="https://example.com/a", hash=SHA, hash_type="SHA256")).models

    assert (model.kinds, model.name, model.urls) == (("checkpoints",), "sub/a.safetensors", ("https://example.com/a",))
    assert model.hashes == (StatedHash("sha256", SHA),)
    assert [(use.file, use.node, use.input) for use in model.uses] == [("a.json", "1", "ckpt_name")]


def test_a_note_on_a_model_that_the_node_has_no_more_is_passed_over():
    assert [model.name for model in needs(noted(name="old.safetensors")).models] == ["sub/a.safetensors"]


def test_a_node_s_own_note_is_on_its_model_whatever_folder_it_names():
    (model,) = needs(noted(directory="Stable-diffusion", url="https://example.com/a")).models

    assert (model.kinds, model.urls) == (("checkpoints",), ("https://example.com/a",))


def test_a_note_of_the_whole_file_is_a_need():
    (model,) = needs(workflow([], [], models=[{"name": "b.pt", "directory": "loras"}])).models

    assert (model.kinds, model.name, model.uses[0].node) == (("loras",), "b.pt", None)


def test_a_note_says_the_kind_that_an_unknown_type_does_not():
    loader = node(1, "Nobody knows", values=["b.pt"], properties={"models": [{"name": "b.pt", "directory": "loras"}]})

    (model,) = needs(workflow([loader], [])).models

    assert (model.kinds, model.name) == (("loras",), "b.pt")


@pytest.mark.parametrize("directory", ["../../etc", "/etc", "C:\\x", "a\0b", "..", ""])
def test_a_directory_that_leads_out_is_none(directory):
    (model,) = needs(workflow([], [], models=[{"name": "b.pt", "directory": directory}])).models

    assert model.kinds == ()


def test_several_files_that_need_one_model_need_it_once():
    (model,) = needs(noted(), prompt("CheckpointLoaderSimple", ckpt_name="sub/a.safetensors")).models

    assert [use.file for use in model.uses] == ["a.json", "b.json"]


@pytest.mark.parametrize(
    ("tree", "file"),
    [
        (prompt("CheckpointLoaderSimple", ckpt_name="sub\\a.safetensors"), "models/checkpoints/sub/a.safetensors"),
        (prompt("UltralyticsDetectorProvider", model_name="bbox/a.pt"), "models/ultralytics_bbox/a.pt"),
        (prompt("CLIPTextEncode", text="embedding:bad"), "models/embeddings/bad.pt"),
        (prompt("Nobody knows", a="<lora:style:0.8>"), "models/loras/sub/style.safetensors"),
        (prompt("Nobody knows", a="a.pt"), "models/odd/a.pt"),  # of a kind that is not known
        (prompt("LoadImage", image="sub/a.png"), "input/sub/a.png"),
        (prompt("LoadImage", image="clipspace/a.png [input]"), "input/clipspace/a.png"),
        (prompt("LoadImage", image="a.png [output]"), "output/a.png"),
    ],
)
def test_a_file_is_missing_until_it_is_there(tree, file, folders, tmp_path):
    survey = look(tree, folders)
    assert [each.is_there for each in (*survey.models, *survey.inputs)] == [False]

    (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / file).write_bytes(CONTENT)

    survey = look(tree, folders)
    found = [*survey.models, *survey.inputs][0]
    assert (found.path, found.content.size, found.problem) == (tmp_path / file, len(CONTENT), None)


def test_only_what_texts_name_is_looked_for_in_subfolders(folders):
    (folders.models / "loras/sub").mkdir()
    (folders.models / "loras/sub/a.pt").write_bytes(CONTENT)

    (found,) = look(prompt("LoraLoader", lora_name="a.pt"), folders).models

    assert not found.is_there


@pytest.mark.parametrize("name", ["../../secret.pt", "/etc/secret.pt", "a\0.pt", "x" * 300 + ".pt", "C:\\secret.pt"])
@pytest.mark.parametrize("node_type", ["CheckpointLoaderSimple", "Nobody knows", "LoadImage"])
def test_names_lead_out_of_no_folder(node_type, name, folders, tmp_path):
    (tmp_path / "secret.pt").write_bytes(CONTENT)
    survey = look(prompt(node_type, ckpt_name=name, image=name), folders)

    found = hashed(survey, lambda _file, _count: None)

    results = [*found.models, *found.inputs]
    assert results
    assert all(not each.is_there and each.problem for each in results)


def test_a_file_that_is_needed_by_two_names_is_read_once(folders):
    (folders.models / "loras/a.pt").write_bytes(CONTENT)
    tree = prompt("LoraLoader", lora_name="a.pt") | prompt("Nobody knows", "2", text="<lora:a:1>")
    told: list[int] = []

    survey = hashed(look(tree, folders), lambda _file, count: told.append(count))

    assert [found.content.sha256 for found in survey.models] == [SHA, SHA]
    assert told == [survey.size] == [len(CONTENT)]


def test_a_model_that_may_not_be_read_is_said_to_be_so(folders):
    if os.name == "nt" or os.geteuid() == 0:
        pytest.skip("whoever runs this may read everything")
    file = folders.models / "checkpoints/a.safetensors"
    file.write_bytes(CONTENT)
    file.chmod(0)

    (found,) = look(prompt("CheckpointLoaderSimple", ckpt_name="a.safetensors"), folders).models

    assert "cannot be read" in found.problem


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("sha256", SHA, "agrees"),
        ("sha256", SHA.upper(), "agrees"),
        ("sha-256", SHA, "agrees"),
        ("sha256", "0" * 64, "differs"),
        ("autov2", SHA[:10].upper(), "agrees"),
        ("autov2", "0123456789", "differs"),
        ("", SHA, "agrees"),  # by its length
        ("", SHA[:10], "agrees"),
        ("", "1234", "not checked"),
        ("crc32", "5cf93393", "differs"),
        ("blake3", SHA, "not checked"),
    ],
)
def test_hashes_that_are_stated_are_compared(kind, value, expected, folders):
    (folders.models / "checkpoints/a.pt").write_bytes(CONTENT)
    told: list[int] = []
    survey = look(prompt("CheckpointLoaderSimple", ckpt_name="a.pt"), folders)
    assert agreement(StatedHash(kind, value), survey.models[0].content) == "not checked"

    (found,) = hashed(survey, lambda _file, count: told.append(count)).models

    assert agreement(StatedHash(kind, value), found.content) == expected
    assert sum(told) == survey.size == len(CONTENT)
