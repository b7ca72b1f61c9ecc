"""wftools.nodes.loaders: parts of models from files of their own, and what is said of wrong files."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from tests.seeded_models import encoded, write_models
from wftools.context import Context
from wftools.errors import InputError, RunError
from wftools.folders import Folders
from wftools.nodes.loaders import (
    checkpoint_loader,
    checkpoint_loader_simple,
    clip_loader,
    diffusers_loader,
    dual_clip_loader,
    unet_loader,
    vae_loader,
)
from wftools.values import NetworkInputs

if TYPE_CHECKING:
    from pathlib import Path

X, SIGMA = torch.randn(1, 4, 8, 8, generator=torch.Generator().manual_seed(0)), torch.ones(1)
INPUTS = NetworkInputs({"context": torch.randn(1, 77, 128, generator=torch.Generator().manual_seed(1))})
UNET, CLIP_L, VAE = "model.diffusion_model.", "cond_stage_model.transformer.", "first_stage_model."


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    write_models(folder)
    return folder


@pytest.fixture(scope="module")
def tensors(models: Path) -> dict[str, Tensor]:
    return load_file(models / "checkpoints/mini_sd15.safetensors")


@pytest.fixture(scope="module")
def context(models: Path, tensors: dict[str, Tensor]) -> Context:
    """The checkpoint, and its parts in files of their own."""
    for kind, prefix in (("diffusion_models", UNET), ("text_encoders", CLIP_L), ("vae", VAE)):
        (models / kind).mkdir(exist_ok=True)
        part = {name.removeprefix(prefix): each for name, each in tensors.items() if name.startswith(prefix)}
        save_file(part, models / kind / "part.safetensors")
        save_file(tensors, models / kind / "whole.safetensors")
        save_file({"a.weight": torch.ones(3, 3), "b": torch.zeros(2)}, models / kind / "bad.safetensors")
    save_file({"a.weight": torch.ones(3, 3)}, models / "checkpoints/bad.safetensors")
    return Context(Folders(models=models))


@pytest.mark.parametrize("name", ["part.safetensors", "whole.safetensors"])
def test_parts_of_a_checkpoint_are_loaded_alone(context: Context, name: str) -> None:
    model, clip, vae = checkpoint_loader_simple(ckpt_name="mini_sd15.safetensors", context=context)

    own_model = unet_loader(unet_name=name, weight_dtype="default", context=context)
    own_clip = clip_loader(clip_name=name, type="stable_diffusion", device=None, context=context)
    own_vae = vae_loader(vae_name="part.safetensors", context=context)

    torch.testing.assert_close(own_model.denoised(X, SIGMA, INPUTS), model.denoised(X, SIGMA, INPUTS))
    torch.testing.assert_close(encoded(own_clip, "a cat")[0].tensor, encoded(clip, "a cat")[0].tensor)
    torch.testing.assert_close(own_vae.decode(X), vae.decode(X))


@pytest.mark.parametrize(("weight_dtype", "dtype"), [("fp8_e4m3fn", "float8_e4m3fn"), ("fp8_e5m2", "float8_e5m2")])
def test_weights_are_rounded_to_eight_bits(
    context: Context, tensors: dict[str, Tensor], weight_dtype: str, dtype: str
) -> None:
    """And computed with in float32, as from a file of such weights."""
    unet = {name: each.to(getattr(torch, dtype)) for name, each in tensors.items() if name.startswith(UNET)}
    save_file(unet, context.folders.models / "diffusion_models/rounded.safetensors")

    model = unet_loader(unet_name="part.safetensors", weight_dtype=weight_dtype, context=context)
    same = unet_loader(unet_name="rounded.safetensors", weight_dtype="default", context=context)

    torch.testing.assert_close(model.denoised(X, SIGMA, INPUTS), same.denoised(X, SIGMA, INPUTS))


def test_an_error_says_what_the_file_holds_instead(context: Context, models: Path) -> None:
    for name in ("vae", "text_encoders"):
        (models / name / "unet.safetensors").write_bytes((models / "diffusion_models/part.safetensors").read_bytes())
    (models / "diffusion_models/vae.safetensors").write_bytes((models / "vae/part.safetensors").read_bytes())

    with pytest.raises(InputError, match=r"vae\.safetensors: there is no diffusion model .*: it holds a VAE"):
        unet_loader(unet_name="vae.safetensors", weight_dtype="default", context=context)
    with pytest.raises(InputError, match=r"unet\.safetensors: there is no VAE .*: it holds a diffusion model"):
        vae_loader(vae_name="unet.safetensors", context=context)
    with pytest.raises(InputError, match=r"there is no text encoder .*unet\.safetensors: it holds a diffusion model"):
        clip_loader(clip_name="unet.safetensors", type="stable_diffusion", device=None, context=context)
    with pytest.raises(InputError, match=r"bad\.safetensors: there is no diffusion model .*it holds 1 tensors such as"):
        checkpoint_loader_simple(ckpt_name="bad.safetensors", context=context)


def test_a_checkpoint_is_no_vae(context: Context) -> None:
    """ComfyUI refuses it, too."""
    with pytest.raises(InputError, match=r"whole\.safetensors: the file is a whole checkpoint") as error:
        vae_loader(vae_name="whole.safetensors", context=context)

    assert "CheckpointLoaderSimple" in str(error.value.hint)


def test_two_text_encoders_of_one_kind_are_not_those_of_sdxl(context: Context) -> None:
    with pytest.raises(InputError, match=r"no text encoder of the type 'sdxl'.*the text encoder clip_l"):
        dual_clip_loader(
            clip_name1="part.safetensors", clip_name2="part.safetensors", type="sdxl", device=None, context=context
        )


@pytest.mark.parametrize(
    ("config", "problem"),
    [
        ("{", "is not YAML"),
        ("[]", "no table 'model'"),
        ("model: {}", "no table 'params'"),
        ("model: {params: {cond_stage_config: {params: {layer_idx: 3}}}}", "layer_idx in the config is 3"),
        ("!!python/object/apply:os.system ['true']", "is not YAML"),
    ],
)
def test_a_config_that_says_nothing_is_refused(context: Context, models: Path, config: str, problem: str) -> None:
    (models / "configs").mkdir(exist_ok=True)
    (models / "configs/a.yaml").write_text(config)

    with pytest.raises(InputError, match=rf"a\.yaml: .*{problem}"):
        checkpoint_loader(config_name="a.yaml", ckpt_name="mini_sd15.safetensors", context=context)


def test_a_folder_of_diffusers_without_all_parts_is_refused(context: Context, models: Path) -> None:
    (models / "diffusers/half/unet").mkdir(parents=True)
    (models / "diffusers/half/model_index.json").write_text("{}")

    with pytest.raises(RunError, match="'half' of diffusers lacks"):
        diffusers_loader(model_path="half", context=context)
    with pytest.raises(RunError, match="'none' is not there"):
        diffusers_loader(model_path="none", context=context)


def test_text_encoders_may_compute_on_the_cpu(context: Context) -> None:
    """Wherever the rest does."""
    elsewhere = replace(context, placement=replace(context.placement, device="meta"))

    clip = clip_loader(clip_name="part.safetensors", type="stable_diffusion", device="cpu", context=elsewhere)

    assert encoded(clip, "a cat")[0].tensor.isfinite().all()
