"""Models in several files and in folders are one TensorFile; what their tables name stays in the folder."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from wftools.weights.faults import ModelFileError
from wftools.weights.tensorfile import open_tensors

A, B = torch.arange(6.0).reshape(2, 3), torch.tensor([1.5])


def sharded(folder: Path, suffix: str = ".safetensors") -> Path:
    """A model in two files, and its index."""
    folder.mkdir(exist_ok=True)
    save = save_file if suffix == ".safetensors" else torch.save
    names = [f"model-0000{number}-of-00002{suffix}" for number in (1, 2)]
    save({"a": A}, folder / names[0])
    save({"b": B}, folder / names[1])
    return indexed(folder / f"model{suffix}.index.json", {"a": names[0], "b": names[1]})


def indexed(path: Path, names: Any) -> Path:
    path.write_text(json.dumps({"metadata": {"total_size": 28}, "weight_map": names}))
    return path


def refused(path: Path) -> str:
    with pytest.raises(ModelFileError) as error:
        open_tensors(path)
    return error.value.code


@pytest.mark.parametrize("suffix", [".safetensors", ".bin"])
def test_a_model_in_several_files_is_one(tmp_path: Path, suffix: str) -> None:
    file = open_tensors(sharded(tmp_path, suffix))

    assert (file.format, file.shapes, file.doubts) == ("index", {"a": (2, 3), "b": (1,)}, ())
    assert file.metadata["total_size"] == "28"
    for name, tensor in {"a": A, "b": B}.items():
        assert torch.equal(file.read(name), tensor)
        assert torch.equal(torch.cat(list(file.pieces(name, 2))), tensor.reshape(-1))
        assert file.raw(name) == tensor.numpy().tobytes()


@pytest.mark.parametrize(
    "name",
    [
        *(
            "../w.safetensors",
            "/etc/passwd",
            "a/../../w",
            "a/../w.safetensors",
            "..",
            ".",
            "",
            "C:w.safetensors",
            "C:/w",
        ),
        *("..\\w", "\\w", "a\\w", "w\0.safetensors", "\x1b[2Jw", "\\\\host\\w", "//host/w"),
    ],
)
def test_no_name_of_a_file_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "model"
    sharded(folder)
    save_file({"w": A}, tmp_path / "w.safetensors")

    assert refused(indexed(folder / "model.safetensors.index.json", {"w": name})) == "INDEX_PATH"


def test_a_link_must_not_lead_out_of_the_folder(tmp_path: Path) -> None:
    index = sharded(tmp_path / "model")
    shard = index.with_name("model-00002-of-00002.safetensors")
    shard.rename(tmp_path / "elsewhere.safetensors")
    shard.symlink_to(tmp_path / "elsewhere.safetensors")

    assert refused(index) == "INDEX_PATH"


def test_links_in_a_circle_lead_nowhere(tmp_path: Path) -> None:
    index = sharded(tmp_path)
    shard = index.with_name("model-00002-of-00002.safetensors")
    shard.unlink()
    shard.symlink_to(shard.name)

    assert refused(index) in {"INDEX_PATH", "INDEX_MISSING"}


def test_the_cache_of_hugging_face_is_read(tmp_path: Path) -> None:
    """All of its files are links to one folder of contents."""
    sharded(tmp_path / "blobs")
    snapshot = tmp_path / "snapshots" / "abc"
    snapshot.mkdir(parents=True)
    for path in (tmp_path / "blobs").iterdir():
        (snapshot / path.name).symlink_to(os.path.relpath(path, snapshot))

    assert set(open_tensors(snapshot / "model.safetensors.index.json").tensors) == {"a", "b"}


def test_what_is_not_there_is_named(tmp_path: Path) -> None:
    index = sharded(tmp_path)
    first = "model-00001-of-00002.safetensors"

    assert refused(indexed(index, {"a": "gone.safetensors"})) == "INDEX_MISSING"
    assert refused(indexed(index, {"c": first})) == "INDEX_MISSING"
    assert [
        doubt.code for doubt in open_tensors(indexed(index, {"b": "model-00002-of-00002.safetensors"})).doubts
    ] == []
    save_file({"a": A, "more": B}, tmp_path / first)
    assert [doubt.code for doubt in open_tensors(indexed(index, {"a": first})).doubts] == ["INDEX_EXTRA"]


@pytest.mark.parametrize(
    "text",
    [
        *(b"{", b'{"weight_map": ', b"[]", b"{}", b'{"weight_map": {}}', b'{"weight_map": []}', b'{"weight_map": 1}'),
        *(b'{"weight_map": {"a": 1}}', b'{"weight_map": {"a": null}}', b'{"weight_map": {"a": ["x"]}}'),
        *(b'{"weight_map": {"a": "x", "a": "y"}}', b'{"weight_map": {"a": "x"}, "weight_map": {}}'),
        *(b'{"weight_map": ' * 100_000, b'{"a": ' + b"1" * 5000 + b"}", b'{"weight_map": {"\xff": "x"}}'),
    ],
)
def test_a_table_that_names_no_files_is_refused(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "model.safetensors.index.json"
    path.write_bytes(text)

    assert refused(path) == "INDEX_SYNTAX"


def test_an_index_does_not_name_another(tmp_path: Path) -> None:
    index = sharded(tmp_path)
    index.with_name("other.bin").write_bytes(index.read_bytes())

    assert refused(indexed(index, {"a": "other.bin"})) == "FORMAT_MISMATCH"
    assert refused(indexed(index, {"a": index.name})) == "FORMAT_MISMATCH"


def test_a_damaged_shard_is_the_fault_of_the_model(tmp_path: Path) -> None:
    index = sharded(tmp_path)
    shard = index.with_name("model-00002-of-00002.safetensors")
    shard.write_bytes(shard.read_bytes()[:-1])

    assert refused(index) == "ST_LAYOUT"


def diffusers(folder: Path, **parts: str) -> Path:
    """A model's folder: part -> the name of the file that has it."""
    table: dict[str, Any] = {"_class_name": "StableDiffusionPipeline", "_diffusers_version": "0.30.0"}
    table |= {"scheduler": ["diffusers", "DDIMScheduler"], "safety_checker": [None, None], "requires": True}
    for part, name in parts.items():
        table[part] = ["diffusers", "Some"]
        (folder / part).mkdir(parents=True)
        save = torch.save if name.endswith(".bin") else save_file
        save({"w": A}, folder / part / name)
    (folder / "model_index.json").write_text(json.dumps(table))
    return folder


def test_the_parts_of_a_folder_are_one_model(tmp_path: Path) -> None:
    folder = diffusers(
        tmp_path,
        unet="diffusion_pytorch_model.safetensors",
        vae="diffusion_pytorch_model.fp16.safetensors",
        text_encoder="pytorch_model.bin",
    )
    sharded(folder / "transformer")
    table = json.loads((folder / "model_index.json").read_text()) | {"transformer": ["diffusers", "X"]}
    (folder / "model_index.json").write_text(json.dumps(table))

    for path in (folder, folder / "model_index.json"):
        file = open_tensors(path)

        assert set(file.tensors) == {"unet.w", "vae.w", "text_encoder.w", "transformer.a", "transformer.b"}
        assert file.format == "folder"
        assert file.metadata["_class_name"] == "StableDiffusionPipeline"
        assert file.doubts == ()
        assert all(torch.equal(file.read(name), B if name.endswith("b") else A) for name in file.tensors)


def test_a_part_that_is_not_there_is_a_doubt(tmp_path: Path) -> None:
    folder = diffusers(tmp_path, unet="diffusion_pytorch_model.safetensors", vae="model.safetensors")
    (folder / "vae" / "model.safetensors").unlink()

    assert [doubt.code for doubt in open_tensors(folder).doubts] == ["INDEX_MISSING"]


@pytest.mark.parametrize(
    ("names", "taken"),
    [
        (["pytorch_model.bin", "model.safetensors"], "model.safetensors"),
        (["model.fp16.safetensors", "pytorch_model.bin"], "pytorch_model.bin"),
        (["model.fp16.safetensors", "model.bf16.safetensors", "pytorch_model.fp16.bin"], "model.bf16.safetensors"),
        (["other.safetensors", "model.fp16.safetensors"], "model.fp16.safetensors"),
    ],
)
def test_one_file_of_a_part_counts(tmp_path: Path, names: list[str], taken: str) -> None:
    for name in names:
        save = torch.save if name.endswith(".bin") else save_file
        save({name: A}, tmp_path / name)

    assert list(open_tensors(tmp_path).tensors) == [taken]


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    save_file({"w": A}, tmp_path / "other.safetensors")

    assert refused(tmp_path) == "NOT_A_MODEL"


@pytest.mark.parametrize("part", ["../unet", "/unet", "a/../../unet"])
def test_no_part_leads_out_of_the_folder(tmp_path: Path, part: str) -> None:
    diffusers(tmp_path, unet="model.safetensors")
    folder = diffusers(tmp_path / "model", vae="model.safetensors")
    (folder / "model_index.json").write_text(json.dumps({part: ["a", "b"]}))

    assert refused(folder) == "INDEX_PATH"


def test_a_part_s_file_that_leads_out_is_refused(tmp_path: Path) -> None:
    folder = diffusers(tmp_path / "model", vae="model.safetensors")
    save_file({"w": A}, tmp_path / "x.safetensors")
    (folder / "vae" / "model.safetensors").unlink()
    (folder / "vae" / "model.safetensors").symlink_to(tmp_path / "x.safetensors")

    assert refused(folder) == "INDEX_PATH"
