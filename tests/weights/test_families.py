"""Families by the names and shapes of published files."""

import gzip
import json
import re
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from wftools.errors import InputError
from wftools.plugins import Folder
from wftools.weights.families import FAMILIES, facts_of, recognise, recognise_texts
from wftools.weights.networks import find
from wftools.weights.networks.clip_text import ClipTextConfig
from wftools.weights.networks.vae import infer_vae
from wftools.weights.tensorfile import TensorFile, TensorInfo, open_tensors

DATA = Path(__file__).parent.parent / "data/weights"
PUBLISHED: dict[str, dict[str, tuple[int, ...]]] = {
    network: {name: tuple(shape) for name, shape in shapes.items()}
    for network, shapes in json.loads(gzip.decompress((DATA / "shapes.json.gz").read_bytes())).items()
}


def no_data(name: str) -> Any:
    raise AssertionError(f"the data of {name} was read")


def file_of(**networks: str) -> TensorFile:
    """A checkpoint with published networks."""
    prefixes = {
        "unet": "model.diffusion_model.",
        "vae": "first_stage_model.",
        "clip_l": "cond_stage_model.transformer.",
    }
    shapes = {prefixes[kind] + name: shape for kind, key in networks.items() for name, shape in PUBLISHED[key].items()}
    infos = {name: TensorInfo("F16", shape, 0, 0) for name, shape in shapes.items()}
    return TensorFile(Path("a.safetensors"), "safetensors", infos, {}, no_data)


def test_every_module_is_named_in_the_order_and_has_what_a_family_needs() -> None:
    assert set(FAMILIES) == set(Folder("wftools.weights.families").names())
    for name in FAMILIES:
        module = facts_of(name)
        assert module.LATENT_FORM.channels > 0
        assert isinstance(module.CLIP_TYPES, tuple)
        assert module.SAVED.texts or module.SAVED.vision
        assert module.recognise(TensorFile(Path("a"), "safetensors", {}, {}, no_data)) is None


@pytest.mark.parametrize("name", ["sd1", "sd2", "sdxl", "sdxl_refiner"])
def test_a_family_is_told_by_its_unet(name: str) -> None:
    """Without a look at any tensor's data."""
    found = recognise(file_of(unet=f"unet {name}", vae="vae"))

    assert found is not None
    assert found.family == name
    assert found.parts.network is not None
    assert found.parts.vae is not None


def test_a_vae_alone_is_found() -> None:
    found = recognise(file_of(vae="vae"))

    assert found is not None
    assert found.parts.network is None
    assert found.parts.vae is not None
    assert found.parts.vae.config.channel_mult == (1, 2, 4, 4)


def test_a_text_encoder_is_found_for_the_types_that_it_serves() -> None:
    file = file_of(clip_l="clip_l")

    found = recognise_texts([file], "stable_diffusion")

    assert found is not None
    assert found.parts.texts["clip_l"].config == ClipTextConfig()
    named = recognise_texts([file], "wan")
    assert named is not None
    assert (named.family, set(named.parts.texts)) == ("sd1", {"clip_l"})
    assert recognise_texts([file], "sd3") is None
    assert recognise_texts([file_of(vae="vae")], "wan") is None
    assert recognise_texts([file, file_of(vae="vae")], "stable_diffusion") is None


def test_a_text_encoder_of_another_depth_is_not_taken_for_sd1_s() -> None:
    """OpenCLIP's have as many layers as names; padding and activation differ."""
    file = file_of(clip_l="clip_l")
    deeper = {name: name for name in file.tensors}
    for layer in range(12, 24):
        deeper |= {name.replace("layers.0.", f"layers.{layer}."): name for name in file.tensors if "layers.0." in name}

    assert recognise_texts([file.renamed(deeper)], "stable_diffusion") is None


def test_a_file_that_no_family_knows_is_none(tmp_path: Path) -> None:
    save_file({"w": torch.zeros(1)}, tmp_path / "a.safetensors")

    assert recognise(open_tensors(tmp_path / "a.safetensors")) is None


def test_what_published_files_carry_beside_the_weights_is_no_part_of_a_network() -> None:
    whole = file_of(vae="vae")
    names = {name: name for name in whole.tensors} | {"first_stage_model.loss.logvar": next(iter(whole.tensors))}

    part = find(whole.renamed(names), "vae", ("first_stage_model.",), infer_vae, re.compile(r"loss\..*"))

    assert part is not None
    assert part.tensors.tensors.keys() == PUBLISHED["vae"].keys()


def test_an_error_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "broken.safetensors"
    save_file({"encoder.conv_in.weight": torch.zeros(8), "decoder.conv_in.weight": torch.zeros(8)}, path)

    with pytest.raises(InputError, match=r"broken\.safetensors: tensor 'encoder.conv_in.weight'"):
        recognise(open_tensors(path))
