"""Stable Diffusion 2, from a checkpoint of reduced width, against what ComfyUI computes with it."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from tests.seeded_models import encoded
from tests.weights_from_seed import weights_from_seed
from wftools.context import Context
from wftools.diffusion.checkpoint import load_checkpoint
from wftools.diffusion.families import sd2
from wftools.diffusion.sampling.levels import DiscreteLevels
from wftools.diffusion.sampling.parametrise import Eps, Velocity
from wftools.diffusion.sampling.run import sample
from wftools.folders import Folders
from wftools.values import Latent
from wftools.weights.networks import Part
from wftools.weights.networks.unet import UNetConfig
from wftools.weights.tensorfile import open_tensors

DATA = Path(__file__).parent.parent / "data/diffusion"
PROMPTS = json.loads((DATA / "sdxl.json").read_text("utf-8"))["run"]

TOLERANCE = 1e-4  # relative L2, as in test_parity


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Context:
    """Two checkpoints, which differ by one bias: `noise` and `velocity`."""
    folder = tmp_path_factory.mktemp("models")
    (folder / "checkpoints").mkdir()
    shapes = json.loads(gzip.decompress((DATA / "sd2.shapes.json.gz").read_bytes()))
    weights = weights_from_seed({name: tuple(shape) for name, shape in shapes.items()}, 1)
    save_file(weights, folder / "checkpoints/noise.safetensors")
    weights[f"model.diffusion_model.{sd2.TELLING}"] *= 4
    save_file(weights, folder / "checkpoints/velocity.safetensors")
    return Context(Folders(models=folder))


@pytest.fixture(scope="module")
def recorded() -> dict[str, Tensor]:
    return load_file(DATA / "sd2.safetensors")


def error(got: Tensor, expected: Tensor) -> float:
    assert got.shape == expected.shape
    return float((got - expected).norm() / expected.norm())


@pytest.mark.slow
def test_a_prompt_is_encoded_as_comfyui_encodes_it(context: Context, recorded: dict[str, Tensor]) -> None:
    (cond,) = encoded(load_checkpoint("noise.safetensors", context)[1], PROMPTS["positive"])

    assert cond.pooled_output is not None
    assert error(cond.tensor[:, :24], recorded["cond"]) < TOLERANCE
    assert error(cond.pooled_output, recorded["pooled"]) < TOLERANCE


@pytest.mark.slow
@pytest.mark.parametrize(("predicted", "sampler"), [("noise", "euler"), ("velocity", "dpmpp_2m")])
def test_a_run_ends_at_the_latent_that_comfyui_ends_at(
    context: Context, recorded: dict[str, Tensor], predicted: str, sampler: str
) -> None:
    model, clip, _ = load_checkpoint(f"{predicted}.safetensors", context)

    result = sample(
        model,
        encoded(clip, PROMPTS["positive"]),
        encoded(clip, PROMPTS["negative"]),
        Latent(torch.zeros(1, 4, 8, 8)),
        seed=7,
        steps=4,
        cfg=6.5,
        sampler_name=sampler,
        schedule_name="normal",
        context=context,
    )

    assert error(result.samples, recorded[predicted]) < TOLERANCE


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0.08, -0.08], Eps(DiscreteLevels())),
        ([0.1, -0.1], Velocity(DiscreteLevels())),
        ([0.3, 0.3], Eps(DiscreteLevels())),  # the spread, not the size
        (None, Eps(DiscreteLevels())),
    ],
)
def test_the_spread_of_one_bias_tells_what_is_predicted(tmp_path: Path, values: Any, expected: object) -> None:
    tensors = {"w": torch.zeros(1)} if values is None else {sd2.TELLING: torch.tensor(values)}
    save_file(tensors, tmp_path / "a.safetensors")
    file = open_tensors(tmp_path / "a.safetensors")

    assert sd2.parametrisation(file, Part(UNetConfig(), file)) == expected


def test_an_inpainting_model_predicts_the_noise_whatever_its_bias(tmp_path: Path) -> None:
    save_file({sd2.TELLING: torch.tensor([0.1, -0.1])}, tmp_path / "a.safetensors")
    file = open_tensors(tmp_path / "a.safetensors")

    assert sd2.parametrisation(file, Part(UNetConfig(in_channels=9), file)) == Eps(DiscreteLevels())
