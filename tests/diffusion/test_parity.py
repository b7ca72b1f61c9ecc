"""What ComfyUI computes, recorded. See tests/data/diffusion/README.md."""

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor

from tests.seeded_models import encoded
from wftools.context import Context
from wftools.diffusion.sampling.run import sample
from wftools.values import Clip, Latent, Model, Vae

DATA = Path(__file__).parent.parent / "data/diffusion"
PROMPTS = json.loads((DATA / "prompts.json").read_text("utf-8"))
RUNS = json.loads((DATA / "runs.json").read_text("utf-8"))

# Relative L2. The reference differs from itself by up to 1.6e-5 when it computes attention another way; the smallest
# effect of any feature is 1e-2.
TOLERANCE = 1e-4


@pytest.fixture(scope="module")
def recorded() -> dict[str, Tensor]:
    return load_file(DATA / "recorded.safetensors")


def error(got: Tensor, expected: Tensor) -> float:
    assert got.shape == expected.shape
    return float((got - expected).norm() / expected.norm())


@pytest.mark.parametrize("name", PROMPTS)
def test_a_prompt_is_encoded_as_comfyui_encodes_it(
    name: str, mini_sd15: tuple[Model, Clip, Vae], recorded: dict[str, Tensor]
) -> None:
    tokens = slice(70, 94) if name == "long" else slice(0, 12)

    (cond,) = encoded(mini_sd15[1], PROMPTS[name])

    assert error(cond.tensor[:, tokens], recorded[f"prompt.{name}"]) < TOLERANCE
    if f"pooled.{name}" in recorded:
        assert error(cond.named()["pooled_output"], recorded[f"pooled.{name}"]) < TOLERANCE


@pytest.mark.parametrize("name", RUNS["runs"])
def test_a_run_ends_at_the_latent_that_comfyui_ends_at(
    name: str, mini_sd15: tuple[Model, Clip, Vae], recorded: dict[str, Tensor], context: Context, circle: Tensor
) -> None:
    model, clip, _ = mini_sd15
    run = RUNS["runs"][name]
    latent = Latent(
        torch.zeros(run["empty"]) if "empty" in run else recorded[run["start"]],
        noise_mask=circle if "mask" in run else None,
        batch_index=tuple(run["batch_index"]) if "batch_index" in run else None,
    )

    result = sample(
        model,
        encoded(clip, run.get("positive", RUNS["positive"])),
        encoded(clip, run.get("negative", RUNS["negative"])),
        latent,
        seed=run["seed"],
        steps=run["steps"],
        cfg=run["cfg"],
        sampler_name=run["sampler"],
        schedule_name=run["schedule"],
        denoise=run["denoise"],
        context=context,
    )

    assert error(result.samples, recorded[f"latent.{name}"]) < TOLERANCE


def test_a_picture_is_encoded_as_comfyui_encodes_it(
    mini_sd15: tuple[Model, Clip, Vae], recorded: dict[str, Tensor], picture: Tensor
) -> None:
    latent = mini_sd15[2].encode(picture)

    assert error(latent, recorded["vae.latent"]) < TOLERANCE


def test_a_latent_is_decoded_as_comfyui_decodes_it(
    mini_sd15: tuple[Model, Clip, Vae], recorded: dict[str, Tensor]
) -> None:
    decoded = mini_sd15[2].decode(recorded["vae.latent"])

    assert error(decoded[:, ::6, ::6], recorded["vae.picture"]) < TOLERANCE
