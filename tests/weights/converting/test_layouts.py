"""A model in one file and in the folders of diffusers: the same numbers, under the names that each has."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from tests.weights.converting.checkpoints import bits, checkpoint, write
from tests.weights.test_networks import PUBLISHED
from wftools.diffusion.saving import folders
from wftools.errors import InputError
from wftools.weights.converting.asking import Only, Wanted, planned
from wftools.weights.converting.types import Types
from wftools.weights.families import recognise
from wftools.weights.keymaps import diffusers_unet, diffusers_vae
from wftools.weights.tensorfile import Shape, TensorFile, TensorInfo, open_tensors

FAMILIES = ["sd1", pytest.param("sd2", marks=pytest.mark.slow), pytest.param("sdxl", marks=pytest.mark.slow)]


def file_of(shapes: Mapping[str, Shape]) -> TensorFile:
    """A file of which only names and shapes count."""
    infos = {name: TensorInfo("F16", shape, 0, 0) for name, shape in shapes.items()}
    return TensorFile(Path("a.safetensors"), "safetensors", infos, {}, lambda name: torch.empty(shapes[name]))


def converted(source: Path, out: Path, wanted: Wanted | None = None) -> Path:
    folders.write(planned(open_tensors(source), out, wanted or Wanted()), out)
    return out


@pytest.mark.parametrize("family", FAMILIES)
def test_a_model_is_the_same_when_it_comes_back_from_the_folders_of_diffusers(tmp_path: Path, family: str) -> None:
    """Every tensor of a checkpoint, whatever is joined, split and turned on the way."""
    tensors = checkpoint(family)
    source = write(tmp_path / "model.safetensors", tensors)

    folder = converted(source, tmp_path / "folder")
    back = converted(folder, tmp_path / "back.safetensors", Wanted(layout="single"))

    new = load_file(back)
    assert new.keys() == tensors.keys()
    for name, tensor in tensors.items():
        assert (new[name].shape, new[name].dtype, bits(new[name])) == (tensor.shape, tensor.dtype, bits(tensor)), name


def test_a_folder_becomes_one_file_unasked_and_its_index_is_not_said_again(tmp_path: Path) -> None:
    folder = converted(write(tmp_path / "model.safetensors", checkpoint("sd1")), tmp_path / "folder")

    file = open_tensors(converted(folder, tmp_path / "back.ckpt"))

    assert set(file.tensors) == set(checkpoint("sd1"))
    assert "_class_name" not in file.metadata
    assert file.metadata["wftools.clip_l.head_dim"] == "8"


def test_diffusers_is_given_no_scales(tmp_path: Path) -> None:
    """None that are asked for, and none that the file had: there its weights are what they mean."""
    source = write(tmp_path / "model.safetensors", checkpoint("sd1", torch.float16))
    scaled = converted(source, tmp_path / "scaled.safetensors", Wanted(Types("int8")))

    with pytest.raises(InputError, match="diffusers reads no scales"):
        planned(open_tensors(source), tmp_path / "folder", Wanted(Types("int8")))
    folder = open_tensors(converted(scaled, tmp_path / "folder"))

    assert {info.dtype for info in folder.tensors.values()} == {"F16", "I64"}
    assert not [name for name in folder.tensors if "quant" in name.rpartition(".")[2] or name.endswith("scale")]


@pytest.mark.parametrize("family", FAMILIES)
def test_a_folder_says_how_its_networks_are_built(tmp_path: Path, family: str) -> None:
    folder = converted(write(tmp_path / "model.safetensors", checkpoint(family)), tmp_path / "folder")

    index = json.loads((folder / "model_index.json").read_text())
    parts = [name for name, value in index.items() if isinstance(value, list) and value[0]]
    assert all((folder / part).is_dir() for part in parts)
    assert {"unet", "vae", "scheduler", "text_encoder", "tokenizer"} <= set(parts)
    assert ("text_encoder_2" in parts) == (family == "sdxl")
    config = json.loads((folder / "unet/config.json").read_text())
    weights = open_tensors(folder / "unet/diffusion_pytorch_model.safetensors")
    assert weights.shapes["conv_in.weight"] == (config["block_out_channels"][0], config["in_channels"], 3, 3)
    assert weights.metadata["format"] == "pt"
    assert config["use_linear_projection"] == (family != "sd1")
    assert len(json.loads((folder / "tokenizer/vocab.json").read_text())) == 49408


@pytest.mark.parametrize("network", ["unet sd1", "unet sd2", "unet sdxl", "unet sdxl_refiner"])
def test_every_tensor_of_a_published_unet_has_one_name_in_diffusers(network: str) -> None:
    """And its own again on the way back: the tables say both ways."""
    names = PUBLISHED[network]

    modules = diffusers_unet.diffusers_names({name.rpartition(".")[0] for name in names})

    assert len(set(modules.values())) == len(modules) == len({name.rpartition(".")[0] for name in names})
    split = {name: name.rpartition(".") for name in names}
    file = file_of({f"{modules[module]}.{weight}": names[name] for name, (module, _, weight) in split.items()})
    assert diffusers_unet.as_original(file).shapes == names


def test_every_tensor_of_a_published_vae_has_one_name_in_diffusers() -> None:
    names = PUBLISHED["vae"]

    new = diffusers_vae.diffusers_names(names)

    assert len(set(new.values())) == len(names)
    assert "encoder.mid_block.attentions.0.to_out.0.weight" in new.values()
    assert diffusers_vae.as_original(file_of({new[name]: shape for name, shape in names.items()})).shapes == names


@pytest.mark.parametrize(
    ("only", "telling"),
    [
        ("unet", "input_blocks.0.0.weight"),
        ("vae", "encoder.conv_in.weight"),
        ("clip", "text_model.embeddings.token_embedding.weight"),
        ("clip_l", "text_model.embeddings.token_embedding.weight"),
    ],
)
def test_one_network_alone_has_its_own_names_and_is_known_again(tmp_path: Path, only: Only, telling: str) -> None:
    tensors = checkpoint("sd1")
    source = write(tmp_path / "model.safetensors", tensors)

    out = converted(source, tmp_path / "part.safetensors", Wanted(only=only))

    new = load_file(out)
    assert telling in new
    assert {bits(tensor) for tensor in new.values()} <= {bits(tensor) for tensor in tensors.values()}
    found = recognise(open_tensors(out))
    assert found is not None
    parts = {"unet": found.parts.network, "vae": found.parts.vae, **found.parts.texts}
    assert [name for name, part in parts.items() if part is not None] == ["clip_l" if only == "clip" else only]


def test_what_belongs_to_no_network_that_is_wanted_is_told(tmp_path: Path) -> None:
    tensors = checkpoint("sd1") | {"betas": torch.ones(4)}
    file = open_tensors(write(tmp_path / "model.safetensors", tensors))

    vae = planned(file, tmp_path / "vae.safetensors", Wanted(only="vae"))
    whole = planned(file, tmp_path / "folder", Wanted())

    assert set(vae.left_out) == {name for name in tensors if not name.startswith("first_stage_model.")}
    assert set(whole.left_out) == {"betas"}


@pytest.mark.parametrize(
    ("out", "wanted", "problem"),
    [
        ("folder", Wanted(only="vae"), "one network alone is a file"),
        ("a.safetensors", Wanted(layout="diffusers"), "is a folder"),
        ("a.safetensors", Wanted(only="clip_g"), "has no clip_g"),
        ("a.onnx", Wanted(), "does not say which format"),
        ("a.txt", Wanted(), "does not say which format"),
    ],
)
def test_what_cannot_be_is_refused(tmp_path: Path, out: str, wanted: Wanted, problem: str) -> None:
    file = open_tensors(write(tmp_path / "model.safetensors", checkpoint("sd1")))

    with pytest.raises(InputError, match=problem):
        planned(file, tmp_path / out, wanted)


@pytest.mark.slow
def test_of_two_text_encoders_one_is_to_be_named(tmp_path: Path) -> None:
    file = open_tensors(write(tmp_path / "model.safetensors", checkpoint("sdxl")))

    with pytest.raises(InputError, match="text encoders clip_l, clip_g"):
        planned(file, tmp_path / "a.safetensors", Wanted(only="clip"))


def test_a_folder_that_is_there_keeps_its_files_but_for_those_that_are_replaced(tmp_path: Path) -> None:
    source = write(tmp_path / "model.safetensors", checkpoint("sd1"))
    out = tmp_path / "folder"
    out.mkdir()
    (out / "mine.txt").write_text("mine")
    conversion = planned(open_tensors(source), out, Wanted())

    with pytest.raises(InputError, match="is there already"):
        folders.write(conversion, out)
    assert [path.name for path in out.iterdir()] == ["mine.txt"]

    folders.write(conversion, out, replaces=True)
    assert (out / "mine.txt").read_text() == "mine"
    assert (out / "unet/config.json").exists()


def test_a_folder_is_not_written_into_itself(tmp_path: Path) -> None:
    folder = converted(write(tmp_path / "model.safetensors", checkpoint("sd1")), tmp_path / "folder")

    with pytest.raises(InputError, match="is the folder that is read"):
        folders.write(planned(open_tensors(folder), folder, Wanted()), folder, replaces=True)


def test_nothing_is_left_of_a_folder_that_is_interrupted(tmp_path: Path) -> None:
    source = write(tmp_path / "model.safetensors", checkpoint("sd1"))
    conversion = planned(open_tensors(source), tmp_path / "folder", Wanted())

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        folders.write(conversion, tmp_path / "folder", progress=interrupt)

    assert list(tmp_path.iterdir()) == [source]
