"""wftools.nodes.loaders_gguf: the loaders of the pack ComfyUI-GGUF load what the core's loaders load."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from tests.runtime.plug import document, messages, prompt
from tests.seeded_models import encoded, write_models
from tests.weights.ggufs import Gguf
from wftools.context import Context
from wftools.errors import InputError
from wftools.folders import Folders
from wftools.nodes.loaders import clip_loader, unet_loader
from wftools.nodes.loaders_gguf import (
    clip_loader_gguf,
    dual_clip_loader_gguf,
    unet_loader_gguf,
    unet_loader_gguf_advanced,
)
from wftools.runtime import Options, Session
from wftools.values import NetworkInputs

if TYPE_CHECKING:
    from pathlib import Path

X, SIGMA = torch.randn(1, 4, 8, 8, generator=torch.Generator().manual_seed(0)), torch.ones(1)
INPUTS = NetworkInputs({"context": torch.randn(1, 77, 128, generator=torch.Generator().manual_seed(1))})
UNET = "model.diffusion_model."
BUILT_IN = "wftools-mini.safetensors"


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Context:
    """A text encoder, and a UNet whose matrices are eight-bit floats with a scale."""
    models = tmp_path_factory.mktemp("models")
    write_models(models)
    tensors = load_file(models / "checkpoints/mini_sd15.safetensors")
    unet = {name.removeprefix(UNET): each for name, each in tensors.items() if name.startswith(UNET)}
    for name, weight in list(unet.items()):
        if weight.ndim == 2:
            layer, scale = name.removesuffix(".weight"), weight.abs().max() / 448
            unet[name], unet[f"{layer}.weight_scale"] = (weight / scale).to(torch.float8_e4m3fn), scale
            told = json.dumps({"format": "float8_e4m3fn"}).encode()
            unet[f"{layer}.comfy_quant"] = torch.tensor(list(told), dtype=torch.uint8)
    (models / "unet").mkdir()
    save_file(unet, models / "unet/scaled.safetensors")
    return Context(Folders(models=models))


def test_they_load_what_the_core_s_loaders_load(context: Context) -> None:
    model = unet_loader(unet_name="scaled.safetensors", weight_dtype="default", context=context)
    clip = clip_loader(clip_name="mini_clip_l.safetensors", type="stable_diffusion", device=None, context=context)

    same_model = unet_loader_gguf(unet_name="scaled.safetensors", context=context)
    same_clip = clip_loader_gguf(clip_name="mini_clip_l.safetensors", type="stable_diffusion", context=context)

    assert torch.equal(same_model.denoised(X, SIGMA, INPUTS), model.denoised(X, SIGMA, INPUTS))
    assert torch.equal(encoded(same_clip, "a cat")[0].tensor, encoded(clip, "a cat")[0].tensor)


def weight_of(context: Context, dequant_dtype: str, dtype: torch.dtype) -> torch.Tensor:
    """A weight that is made of eight-bit floats."""
    model = unet_loader_gguf_advanced(unet_name="scaled.safetensors", dequant_dtype=dequant_dtype, context=context)
    return model.weights()["time_embed.0.weight"].source.weight(dtype, torch.device("cpu"))


@pytest.mark.parametrize("name", ["float16", "bfloat16"])
def test_weights_are_decoded_to_the_precision_that_is_asked_for(context: Context, name: str) -> None:
    exact = weight_of(context, "default", torch.float32)

    rounded = weight_of(context, name, torch.float32)

    assert torch.equal(rounded, exact.to(getattr(torch, name)).float())
    assert not torch.equal(rounded, exact)


@pytest.mark.parametrize("name", ["default", "target", "float32"])
def test_weights_are_rounded_once_to_what_is_computed_in(context: Context, name: str) -> None:
    exact = weight_of(context, "float32", torch.float32)

    assert torch.equal(weight_of(context, name, torch.float32), exact)
    assert torch.equal(weight_of(context, name, torch.bfloat16), exact.bfloat16())


def test_the_pack_s_own_kinds_of_files_may_have_folders_of_their_own(context: Context, tmp_path: Path) -> None:
    """In extra_model_paths.yaml; the core's loaders do not look there."""
    (tmp_path / "own.safetensors").write_bytes((context.folders.models / "clip/mini_clip_l.safetensors").read_bytes())
    folders = Folders(models=context.folders.models, more_models={"clip_gguf": (tmp_path,)})

    clip = clip_loader_gguf(clip_name="own.safetensors", type="stable_diffusion", context=Context(folders))

    assert encoded(clip, "a cat")[0].tensor.isfinite().all()


def test_two_text_encoders_are_refused_as_the_core_s_loader_refuses_them(context: Context) -> None:
    name = "mini_clip_l.safetensors"
    with pytest.raises(InputError, match="no text encoder of the type 'sdxl'"):
        dual_clip_loader_gguf(clip_name1=name, clip_name2=name, type="sdxl", context=context)


def test_a_text_encoder_that_does_not_run_yet_is_called_by_its_name(context: Context) -> None:
    """Under llama.cpp's names, as GGUF files have it."""
    file = Gguf(context.folders.models / "clip/t5.gguf", "t5encoder")
    names = [f"blk.0.{name}" for name in ("attn_q", "attn_k", "attn_v", "attn_o", "attn_rel_b", "ffn_gate", "ffn_up")]
    for name in ("token_embd", *(f"enc.{each}" for each in (*names, "blk.0.ffn_down", "output_norm"))):
        file.add(f"{name}.weight", torch.zeros(512 if "norm" in name else (8, 512)))
    file.write()

    problem = r"no text encoder of the type 'ltxv'.*: t5\.gguf: it holds what is known as text encoder, T5 small"
    with pytest.raises(InputError, match=problem):
        clip_loader_gguf(clip_name="t5.gguf", type="ltxv", context=context)


@pytest.mark.parametrize(
    ("node", "problem"),
    [
        (
            ("DualCLIPLoaderGGUF", {"clip_name1": BUILT_IN, "clip_name2": BUILT_IN, "type": "flux"}),
            "1 (DualCLIPLoaderGGUF): text encoders of the type 'flux' are not implemented in wftools yet",
        ),
        (
            ("TripleCLIPLoaderGGUF", {f"clip_name{number}": BUILT_IN for number in (1, 2, 3)}),
            "None: this node type is known, but not implemented in wftools yet: TripleCLIPLoaderGGUF (node 1)",
        ),
    ],
)
def test_what_is_not_implemented_yet_is_told_before_anything_runs(node: tuple[str, Any], problem: str) -> None:
    workflow = document(prompt(n1=node, n2=("PreviewAny", {"source": ["1", 0]})))

    (report,) = Session(Options(dry_run=True)).run([workflow]).workflows

    assert messages(report) == [problem]
