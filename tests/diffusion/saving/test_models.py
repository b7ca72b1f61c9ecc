"""Models as files: what is written is read again as the same."""

from __future__ import annotations

import gzip
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import torch
from safetensors.torch import save_file

from tests.weights_from_seed import weights_from_seed
from wftools.context import Context, Placement
from wftools.diffusion.adapters import changes
from wftools.diffusion.adapters.diff import Difference
from wftools.diffusion.checkpoint import load_checkpoint, load_vae
from wftools.diffusion.merging import added
from wftools.diffusion.saving.models import save_checkpoint, save_clip, save_vae
from wftools.errors import RunError
from wftools.folders import Folders
from wftools.weights.tensorfile import open_tensors

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from wftools.values import Clip, Model, Vae
    from wftools.weights.source import Weight
    from wftools.weights.tensorfile import TensorFile

DATA = Path(__file__).parents[2] / "data/diffusion"


@pytest.fixture
def out(tmp_path: Path) -> Context:
    """A run whose output folders are its folders of models."""
    return Context(Folders(models=tmp_path, output=tmp_path))


def tensors(weights: Mapping[str, Weight]) -> dict[str, Tensor]:
    return {name: each.source.weight(torch.float32, torch.device("cpu")) for name, each in weights.items()}


def assert_same(first: Mapping[str, Weight], second: Mapping[str, Weight]) -> None:
    mine, yours = tensors(first), tensors(second)
    assert mine.keys() == yours.keys()
    assert all(torch.equal(mine[name], yours[name]) for name in mine)


@pytest.fixture
def checkpoint(request: pytest.FixtureRequest, tmp_path: Path) -> TensorFile:
    """A checkpoint with the tensors that a recorded one of a family has."""
    shapes = json.loads(gzip.decompress((DATA / f"{request.param}.shapes.json.gz").read_bytes()))
    path = tmp_path / f"checkpoints/{request.param}.safetensors"
    path.parent.mkdir()
    save_file(weights_from_seed({name: tuple(shape) for name, shape in shapes.items()}, 1), path)
    return open_tensors(path)


@pytest.mark.slow
@pytest.mark.parametrize("checkpoint", ["sd2", "sdxl"], indirect=True)
def test_a_checkpoint_that_is_saved_has_the_layout_of_its_family_and_is_read_as_the_same(
    checkpoint: TensorFile, out: Context
) -> None:
    model, clip, vae = load_checkpoint(checkpoint.path.name, out)

    save_checkpoint("checkpoints/again", out, {"prompt": "{}"}, model=model, clip=clip, vae=vae)
    again, clip_again, vae_again = load_checkpoint("again_00001_.safetensors", out)

    assert out.saved[0].path is not None
    of_library = re.compile(r".*\.(logit_scale|position_ids)|v_pred")
    assert_same_names(checkpoint, open_tensors(out.saved[0].path), of_library)
    assert_same(model.weights(), again.weights())
    assert_same(clip.weights(), clip_again.weights())
    assert_same(vae.weights(), vae_again.weights())
    assert type(model.parametrisation) is type(again.parametrisation)


def assert_same_names(first: TensorFile, second: TensorFile, ignored: re.Pattern[str]) -> None:
    assert first.without(ignored).shapes == second.without(ignored).shapes


def test_what_changes_weights_is_saved_and_takes_no_second_model(
    mini_sd15: tuple[Model, Clip, Vae], out: Context
) -> None:
    model, _, _ = mini_sd15
    name = "out.2.bias"
    shape = model.weights()[name].shape
    adapted = model.with_weights(changes({name: Difference(torch.ones(shape))}, 2.0))

    save_checkpoint("diffusion_models/x", out, {}, model=added(adapted, model))

    file = open_tensors(out.saved[0].path)  # type: ignore[arg-type]
    expected = 2 * tensors(model.weights())[name] + 2.0
    torch.testing.assert_close(file.read(f"model.diffusion_model.{name}"), expected)
    assert all(tensor.startswith("model.diffusion_model.") for tensor in file.tensors)
    assert file.metadata == {"modelspec.predict_key": "epsilon"}


def test_weights_are_saved_in_the_type_that_networks_compute_in(
    mini_sd15: tuple[Model, Clip, Vae], out: Context
) -> None:
    _, _, vae = mini_sd15

    save_vae("vae/x", replace(out, placement=Placement(dtype="bfloat16")), {}, vae)

    assert {info.dtype for info in open_tensors(out.saved[0].path).tensors.values()} == {"BF16"}  # type: ignore[arg-type]


def test_a_vae_of_its_own_is_read_as_the_same(mini_sd15: tuple[Model, Clip, Vae], out: Context) -> None:
    _, _, vae = mini_sd15

    save_vae("vae/x", out, {}, vae)

    assert_same(vae.weights(), load_vae("x_00001_.safetensors", out).weights())


def test_each_text_encoder_has_a_file_under_its_name(mini_sd15: tuple[Model, Clip, Vae], out: Context) -> None:
    _, clip, _ = mini_sd15

    save_clip("clip/x", out, {"prompt": "{}"}, clip)

    (path,) = (saved.path for saved in out.saved)
    assert path is not None
    assert path.name == "x_clip_l_00001_.safetensors"
    file = open_tensors(path)
    assert {"text_model.final_layer_norm.bias", "text_projection.weight", "logit_scale"} <= file.tensors.keys()
    assert file.metadata == {"format": "pt", "prompt": "{}"}


@pytest.mark.slow
@pytest.mark.parametrize("checkpoint", ["sdxl"], indirect=True)
def test_an_sdxl_checkpoint_says_what_it_is_and_which_number_it_has(checkpoint: TensorFile, out: Context) -> None:
    model, _, _ = load_checkpoint(checkpoint.path.name, out)
    (out.folders.output / "sub").mkdir()
    (out.folders.output / "sub/x_00007_.png").touch()

    save_checkpoint("sub/x", out, {}, model=model)

    assert out.saved[0].path is not None
    assert open_tensors(out.saved[0].path).metadata == {
        "modelspec.architecture": "stable-diffusion-xl-v1-base",
        "modelspec.sai_model_spec": "1.0.0",
        "modelspec.implementation": "sgm",
        "modelspec.title": "x 8",
        "modelspec.predict_key": "epsilon",
    }


def test_what_is_no_model_of_a_family_is_no_checkpoint(out: Context) -> None:
    with pytest.raises(RunError, match="no form as a checkpoint"):
        save_checkpoint("x", out, {}, model=object())  # type: ignore[arg-type]
