"""Adapters as files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import torch

from wftools.context import Context
from wftools.diffusion.adapters.loading import adapted, adapters_for
from wftools.diffusion.merging import subtracted
from wftools.diffusion.saving.adapters import extract_adapter, factors, save_adapter
from wftools.folders import Folders
from wftools.weights.tensorfile import TensorFile, open_tensors

if TYPE_CHECKING:
    from pathlib import Path

    from wftools.values import Clip, Model, Vae


@pytest.fixture
def out(tmp_path: Path) -> Context:
    return Context(Folders(output=tmp_path))


def the_file(context: Context) -> TensorFile:
    (saved,) = context.saved
    assert saved.path is not None
    return open_tensors(saved.path)


@pytest.mark.parametrize("shape", [(6, 8), (6, 5, 3, 3), (6, 5, 1, 1)])
def test_factors_have_the_shapes_of_an_adapter_and_bounded_numbers(shape: tuple[int, ...]) -> None:
    difference = torch.randn(shape, generator=torch.Generator().manual_seed(0))

    up, down = factors(difference, 3)

    assert up.shape == (6, 3, *[1] * (len(shape) - 2))
    assert down.shape == (3, *shape[1:])
    most = max(up.max(), down.max())
    assert -most <= min(up.min(), down.min())
    assert torch.cat([up.flatten(), down.flatten()]).quantile(0.98) <= most


def test_factors_of_a_low_rank_are_the_singular_vectors() -> None:
    left, right = torch.linalg.qr(torch.randn(9, 2))[0], torch.linalg.qr(torch.randn(7, 2))[0]
    difference = left @ torch.diag(torch.tensor([1e-3, 1e-4])) @ right.T

    up, down = factors(difference, 1)

    torch.testing.assert_close(up.abs().flatten(), 1e-3 * left[:, 0].abs())
    assert up.shape == (9, 1)
    assert down.shape == (1, 7)


def test_an_extracted_adapter_brings_one_model_near_the_other(mini_sd15: tuple[Model, Clip, Vae], out: Context) -> None:
    model, _, _ = mini_sd15
    name = "middle_block.1.proj_in.weight"
    width = model.weights()[name].shape[0]
    of_model, _ = adapters_for(
        {
            "diffusion_model.middle_block.1.proj_in.lora_up.weight": torch.linspace(-1, 1, width)[:, None],
            "diffusion_model.middle_block.1.proj_in.lora_down.weight": torch.linspace(-1, 1, width)[None],
        },
        model,
        None,
    )
    other = adapted(model, of_model, 0.01)

    extract_adapter(
        "x", out, model=subtracted(other, model, 1.0), clip=None, kind="standard", rank=1, with_biases=False
    )

    file = the_file(out)
    up, down = (file.read(f"diffusion_model.{name[:-7]}.lora_{which}.weight").float() for which in ("up", "down"))
    product, difference = up.flatten(1) @ down.flatten(1), 0.01 * torch.outer(*[torch.linspace(-1, 1, width)] * 2)
    assert torch.nn.functional.cosine_similarity(product.flatten(), difference.flatten(), dim=0) > 0.99
    assert {info.dtype for info in file.tensors.values()} == {"F16"}
    assert not any(tensor.endswith((".diff", ".diff_b")) for tensor in file.tensors)


def test_nothing_is_extracted_of_nothing(out: Context) -> None:
    extract_adapter("x", out, model=None, clip=None, kind="full_diff", rank=1, with_biases=True)

    assert not out.saved


def test_differences_of_text_encoders_are_saved_under_comfyui_s_names(
    mini_sd15: tuple[Model, Clip, Vae], out: Context
) -> None:
    _, clip, _ = mini_sd15

    extract_adapter("x", out, model=None, clip=clip, kind="full_diff", rank=1, with_biases=False)

    assert "text_encoders.clip_l.transformer.text_model.final_layer_norm.diff" in the_file(out).tensors
    _, of_clip = adapters_for({name: the_file(out).read(name) for name in the_file(out).tensors}, None, clip)
    assert of_clip.keys() == {name for name in clip.weights() if name.endswith(".weight")}


@pytest.mark.parametrize(("steps", "name"), [(None, "a_00001_.safetensors"), (20, "a_20_steps_00001_.safetensors")])
def test_a_trained_adapter_tells_its_steps_in_its_name(steps: int | None, name: str, out: Context) -> None:
    tensors = {"x.alpha": torch.tensor(1.0), "x.lora_up.weight": torch.ones(3, 2, dtype=torch.bfloat16)}

    save_adapter("a", out, tensors, steps)

    file = the_file(out)
    assert file.path.name == name
    assert {each: file.tensors[each].dtype for each in file.tensors} == {"x.alpha": "F32", "x.lora_up.weight": "BF16"}
    assert not file.metadata
