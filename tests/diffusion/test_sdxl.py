"""Stable Diffusion XL, from a checkpoint of reduced width, against what ComfyUI computes with it."""

import gzip
import json
from pathlib import Path
from types import ModuleType

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from tests.seeded_models import encoded
from tests.weights_from_seed import weights_from_seed
from wftools.context import Context
from wftools.diffusion.checkpoint import load_checkpoint
from wftools.diffusion.families import cosxl, playground, sdxl, sdxl_refiner
from wftools.diffusion.families.sdxl import NUMBER_WIDTH
from wftools.diffusion.networks.unet import UNet
from wftools.diffusion.sampling.levels import DiscreteLevels, EdmLevels
from wftools.diffusion.sampling.parametrise import Edm, Eps, Velocity
from wftools.diffusion.sampling.run import sample
from wftools.errors import RunError
from wftools.folders import Folders
from wftools.values import Clip, Cond, Latent, Model, Parametrisation, Sampling, Vae
from wftools.weights.families import facts_of, recognise
from wftools.weights.keymaps.openclip import as_transformers
from wftools.weights.networks.unet import UNetConfig
from wftools.weights.source import Scaled
from wftools.weights.tensorfile import TensorFile, TensorInfo, open_tensors

DATA = Path(__file__).parent.parent / "data/diffusion"
SHAPES: dict[str, list[int]] = json.loads(gzip.decompress((DATA / "sdxl.shapes.json.gz").read_bytes()))
CASES = json.loads((DATA / "sdxl.json").read_text("utf-8"))

TOLERANCE = 1e-4  # relative L2, as in test_parity

Loaded = tuple[Model, Clip, Vae]


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Context:
    folder = tmp_path_factory.mktemp("models")
    (folder / "checkpoints").mkdir()
    weights = weights_from_seed({name: tuple(shape) for name, shape in SHAPES.items()}, 1)
    save_file(weights, folder / "checkpoints/sdxl.safetensors")
    return Context(Folders(models=folder))


@pytest.fixture(scope="module")
def loaded(context: Context) -> Loaded:
    return load_checkpoint("sdxl.safetensors", context)


@pytest.fixture(scope="module")
def recorded() -> dict[str, Tensor]:
    return load_file(DATA / "sdxl.safetensors")


def error(got: Tensor, expected: Tensor) -> float:
    assert got.shape == expected.shape
    return float((got - expected).norm() / expected.norm())


@pytest.mark.slow
@pytest.mark.parametrize("name", ["positive", "negative"])
def test_texts_are_encoded_as_comfyui_encodes_them(loaded: Loaded, recorded: dict[str, Tensor], name: str) -> None:
    """By both encoders, from the layer before the last; the pooled state is projected."""
    clip = loaded[1]

    (cond,) = clip.encode(clip.tokenised(CASES["encoded"][name]))

    assert cond.tensor.shape[1] == 77
    assert cond.pooled_output is not None
    assert error(cond.tensor[:, :24], recorded[f"cond.{name}"]) < TOLERANCE
    assert error(cond.pooled_output, recorded[f"pooled.{name}"]) < TOLERANCE


@pytest.mark.slow
def test_a_run_ends_at_the_latent_that_comfyui_ends_at(
    loaded: Loaded, recorded: dict[str, Tensor], context: Context
) -> None:
    model, clip, _ = loaded

    result = sample(
        model,
        encoded(clip, CASES["run"]["positive"]),
        encoded(clip, CASES["run"]["negative"]),
        Latent(torch.zeros(1, 4, 12, 8)),
        seed=7,
        steps=4,
        cfg=6.5,
        sampler_name="dpmpp_2m",
        schedule_name="karras",
        context=context,
    )

    assert error(result.samples, recorded["latent"]) < TOLERANCE


# What needs no weights


def file_with(*names: str) -> TensorFile:
    """The checkpoint's names and shapes, and some more tensors."""
    infos = {name: TensorInfo("F32", tuple(shape), 0, 0) for name, shape in SHAPES.items()}
    return TensorFile(
        Path("a"), "safetensors", {**infos, **dict.fromkeys(names, TensorInfo("F32", (0,), 0, 0))}, {}, no_data
    )


def no_data(name: str) -> Tensor:
    raise AssertionError(f"the data of {name} was read")


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ((), Eps(DiscreteLevels())),
        (("v_pred",), Velocity(DiscreteLevels())),
        (("v_pred", "ztsnr"), Velocity(DiscreteLevels(zero_terminal_snr=True))),
        (("ztsnr",), Eps(DiscreteLevels())),
    ],
)
def test_a_tensor_s_name_says_what_the_network_predicts(names: tuple[str, ...], expected: Parametrisation) -> None:
    file = file_with(*names)
    found = recognise(file)
    assert found is not None
    assert found.parts.network is not None

    assert sdxl.parametrisation(file, found.parts.network) == expected


def test_levels_of_edm_are_playground_s() -> None:
    found = recognise(file_with("edm_mean", "edm_std"))
    alone = recognise(file_with("edm_mean"))

    assert found is not None
    assert alone is not None
    assert (found.family, alone.family) == ("playground", "sdxl")
    assert found.parts.network is not None
    assert playground.parametrisation(file_with(), found.parts.network) == Edm(EdmLevels(0.002, 80.0))
    assert facts_of("playground").LATENT_FORM.deviations != facts_of("sdxl").LATENT_FORM.deviations


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"edm_vpred.sigma_max": 80.0}, EdmLevels(0.002, 80.0)),
        ({"edm_vpred.sigma_max": 80.0, "edm_vpred.sigma_min": 0.01}, EdmLevels(0.01, 80.0)),
    ],
)
def test_cosxl_s_file_tells_its_levels(tmp_path: Path, told: dict[str, float], expected: EdmLevels) -> None:
    found = recognise(file_with(*told))
    save_file(
        {name: torch.tensor(value, dtype=torch.float64) for name, value in told.items()}, tmp_path / "a.safetensors"
    )

    assert found is not None
    assert found.family == "cosxl"
    assert found.parts.network is not None
    levels = cosxl.parametrisation(open_tensors(tmp_path / "a.safetensors"), found.parts.network)
    assert levels == Velocity(expected)


def test_both_text_encoders_are_found_under_one_set_of_names() -> None:
    found = recognise(file_with())

    assert found is not None
    assert found.family == "sdxl"
    clip_l, clip_g = found.parts.texts["clip_l"], found.parts.texts["clip_g"]
    assert (clip_l.config.projection_width, clip_g.config.projection_width) == (None, 64)
    assert clip_g.tensors.tensors.keys() - clip_l.tensors.tensors.keys() >= {"text_projection.weight"}


def test_one_of_the_two_text_encoders_alone_is_of_no_use() -> None:
    file = file_with()
    names = {name: name for name in file.tensors if not name.startswith("conditioner.embedders.1.")}

    found = recognise(file.renamed(names))

    assert found is not None
    assert found.parts.network is not None
    assert found.parts.texts == {}


def test_joint_projections_are_taken_apart_and_the_last_one_is_turned(tmp_path: Path) -> None:
    joint, bias, last = torch.randn(12, 4), torch.randn(12), torch.randn(4, 5)
    layer = "transformer.resblocks.3"
    names = {f"{layer}.attn.in_proj_weight": joint, f"{layer}.attn.in_proj_bias": bias, "text_projection": last}
    save_file({**names, "other": bias.clone()}, tmp_path / "a.safetensors")

    file = as_transformers(open_tensors(tmp_path / "a.safetensors"))

    for index, name in enumerate("qkv"):
        key = f"encoder.layers.3.self_attn.{name}_proj"
        assert file.shapes[f"{key}.weight"] == (4, 4)
        assert torch.equal(file.read(f"{key}.weight"), joint[4 * index : 4 * index + 4])
        assert torch.equal(file.read(f"{key}.bias"), bias[4 * index : 4 * index + 4])
    assert file.shapes["text_projection.weight"] == (5, 4)
    assert torch.equal(file.read("text_projection.weight"), last.T)
    assert torch.equal(file.read("other"), bias)


def test_a_scale_of_joint_projections_is_that_of_each(tmp_path: Path) -> None:
    name = "transformer.resblocks.0.attn.in_proj_weight"
    rows = torch.arange(12.0)[:, None]
    save_file({name: torch.ones(12, 4), "scale": rows}, tmp_path / "a.safetensors")
    file = open_tensors(tmp_path / "a.safetensors")

    made = as_transformers(file.said({name: Scaled(file, name, "scale")}, {"scale"}))

    weight = made.weight("encoder.layers.0.self_attn.k_proj.weight")
    assert not isinstance(weight, Tensor)
    assert torch.equal(weight.weight(torch.float32, torch.device("cpu")), rows[4:8].expand(4, 4))


def test_a_conditioning_of_other_encoders_is_refused() -> None:
    with torch.device("meta"):
        network = UNet(
            UNetConfig(
                context_dim=8,
                linear_projection=True,
                pooled_dim=1600,
                head_dim=64,
                channel_mult=(1,),
                transformer_depth=(1,),
            )
        )
    latent = torch.zeros(1, 4, 8, 8)

    for pooled, problem in ((None, "no pooled text"), (torch.zeros(1, 3), "of width 3")):
        with pytest.raises(RunError, match=f"{problem}, the model needs one of width 64"):
            sdxl.inputs(network, Cond(torch.zeros(1, 77, 8), pooled), latent, Sampling(latent, latent))


def numbers(y: Tensor, count: int) -> list[float]:
    """What the last embeddings stand for, from the slowest angle of each."""
    angles = y[0, -NUMBER_WIDTH * count :].reshape(count, 2, -1)[..., -1]  # cosines and sines at the lowest frequency
    slowest = 10000 ** (-127 / 128)
    return [round(float(torch.atan2(sine, cosine)) / slowest, 1) for cosine, sine in angles]


@pytest.mark.parametrize(
    ("family", "extras", "expected"),
    [
        (sdxl, {}, [96, 64, 0, 0, 96, 64]),  # the latent's own size
        (sdxl, {"width": 512, "crop_w": 8}, [96, 512, 0, 8, 96, 512]),
        (
            sdxl,
            dict(height=1, width=2, crop_h=3, crop_w=4, target_height=5, target_width=6),  # noqa: C408
            [1, 2, 3, 4, 5, 6],
        ),
        (sdxl_refiner, {}, [96, 64, 0, 0, 6.0]),
        (sdxl_refiner, {"prompt_type": "negative"}, [96, 64, 0, 0, 2.5]),
        (sdxl_refiner, {"prompt_type": "negative", "aesthetic_score": 7.5, "height": 9}, [9, 64, 0, 0, 7.5]),
    ],
)
def test_the_network_is_told_sizes_beside_the_text(
    family: ModuleType, extras: dict[str, float], expected: list[float]
) -> None:
    with torch.device("meta"):
        config = UNetConfig(
            context_dim=8,
            linear_projection=True,
            pooled_dim=4 + NUMBER_WIDTH * len(expected),
            head_dim=64,
            channel_mult=(1,),
            transformer_depth=(1,),
        )
        network = UNet(config)
    latent, pooled = torch.zeros(2, 4, 12, 8), torch.rand(1, 4)

    cond = Cond(torch.zeros(1, 77, 8), pooled, extras=extras)
    y = family.inputs(network, cond, latent, Sampling(latent, latent)).tensors["y"]

    assert torch.equal(y[:, :4], pooled)
    assert numbers(y, len(expected)) == pytest.approx(expected, abs=0.1)
