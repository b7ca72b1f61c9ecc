from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from tests.seeded_models import shapes_of
from tests.weights_from_seed import weights_from_seed
from wftools import memory
from wftools.context import Placement
from wftools.diffusion import placing
from wftools.diffusion.loading import load_network
from wftools.diffusion.networks.vae import AutoencoderKL
from wftools.diffusion.ops import Layer, Multiplying
from wftools.diffusion.placing import RESERVE, device_of, free_memory, on_chosen_device
from wftools.diffusion.vae import ImageVae
from wftools.errors import RunError
from wftools.weights.networks import Part
from wftools.weights.networks.vae import VaeConfig
from wftools.weights.tensorfile import open_tensors

if TYPE_CHECKING:
    from wftools.values import Vae

CONFIG = VaeConfig(channels=32, channel_mult=(1,), res_blocks=1)
CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def half(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A VAE in float16."""
    path = tmp_path_factory.mktemp("half") / "vae.safetensors"
    weights = weights_from_seed(shapes_of(AutoencoderKL(CONFIG)), 1)
    save_file({name: weight.half() for name, weight in weights.items()}, path)
    return path


def decoded(path: Path, weights: Literal["auto", "resident", "mapped"]) -> tuple[Tensor, int, int]:
    """A picture, and how many weights of the decoder were kept of how many."""
    network = load_network(AutoencoderKL, Part(CONFIG, open_tensors(path)), Placement(weights=weights))
    latent = torch.randn(1, CONFIG.latent_channels, 4, 4, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        picture = network.decode(latent)
        assert torch.equal(network.decode(latent), picture)
    parts: list[nn.Module] = [network.decoder, network.post_quant_conv]
    layers = [layer for part in parts for layer in part.modules() if isinstance(layer, Layer)]
    return picture, sum(len(layer.kept) for layer in layers), sum(len(list(layer.parameters())) for layer in layers)


def test_the_ways_to_keep_weights_give_the_same_picture_to_the_last_bit(
    half: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mapped, kept, count = decoded(half, "mapped")
    assert kept == 0

    resident, kept, _ = decoded(half, "resident")
    assert kept == count
    assert torch.equal(resident, mapped)

    monkeypatch.setattr(placing, "free_memory", lambda _device: RESERVE + 50_000)
    monkeypatch.setattr(placing, "MEASURED_EVERY", 10**9)
    auto, kept, _ = decoded(half, "auto")
    assert 0 < kept < count
    assert torch.equal(auto, mapped)


@pytest.mark.parametrize(("weights", "keeps"), [("auto", False), ("mapped", False), ("resident", True)])
def test_weights_of_eight_bits_stay_so_unless_they_are_to_be_resident(
    half: Path, tmp_path: Path, weights: Literal["auto", "resident", "mapped"], *, keeps: bool
) -> None:
    """However much memory there is: nobody expects that a model grows to four times its size."""
    halves = load_file(half)
    eights = {name: tensor.to(torch.float8_e4m3fn) if tensor.ndim > 1 else tensor for name, tensor in halves.items()}
    save_file(eights, tmp_path / "vae.safetensors")
    network = load_network(
        AutoencoderKL, Part(CONFIG, open_tensors(tmp_path / "vae.safetensors")), Placement(weights=weights)
    )

    network.decode(torch.zeros(1, CONFIG.latent_channels, 4, 4))

    assert any("weight" in each.kept for each in network.decoder.modules() if isinstance(each, Multiplying)) is keeps


def test_a_part_that_does_not_compute_is_not_converted(half: Path) -> None:
    network = load_network(AutoencoderKL, Part(CONFIG, open_tensors(half)), Placement(weights="resident"))

    network.decode(torch.zeros(1, CONFIG.latent_channels, 4, 4))

    assert not any(layer.kept for layer in network.encoder.modules() if isinstance(layer, Layer))


def test_free_memory_is_a_part_of_all_memory() -> None:
    assert 0 < free_memory(CPU) < 2**50


@pytest.mark.parametrize(
    ("version", "files", "free"),
    [
        ("second", {"memory.max": "3000\n", "memory.stat": "anon 500\nfile 900\nkernel 100\n"}, 2400),
        ("second, no limit", {"memory.max": "max\n", "memory.stat": "anon 500\nfile 900\nkernel 100\n"}, None),
        ("first", {"memory/memory.stat": "hierarchical_memory_limit 3000\ntotal_rss 700\n"}, 2300),
        ("none", {}, None),
    ],
)
def test_a_container_s_limit_counts(
    version: str, files: dict[str, str], free: int | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is mapped from files can be dropped again, and does not count as used."""
    (tmp_path / "memory").mkdir()
    for name, text in files.items():
        (tmp_path / name).write_text(text, "ascii")
    monkeypatch.setattr(memory, "CONTROL_GROUP", tmp_path)

    if free is None:
        assert free_memory(CPU) > 3000
    else:
        assert free_memory(CPU) == free


def test_a_device_that_does_not_exist_is_named() -> None:
    with pytest.raises(RunError, match="no device 'gpu'"):
        device_of("gpu")


# Chosen by nodes


@pytest.mark.parametrize(
    ("choices", "device"),
    [
        (("cpu",), "cpu"),
        (("gpu:1",), "cuda:1"),
        (("gpu:0", "cpu"), "cpu"),
        (("gpu:0", "default"), "meta"),
        (("default",), "meta"),
        (("gpu:2",), "meta"),
        (("cpu", "gpu:2"), "cpu"),
        (("gpu:-1",), "meta"),
        (("npu:0",), "meta"),
    ],
)
def test_a_device_that_is_there_is_chosen_and_one_that_is_not_changes_nothing(
    choices: tuple[str, ...], device: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    vae: Vae = ImageVae(None, Placement("meta"))  # type: ignore[arg-type]

    for choice in choices:
        vae = on_chosen_device(vae, choice)

    assert isinstance(vae, ImageVae)
    assert vae.placement.device == device


def test_a_precision_and_a_device_are_chosen_apart() -> None:
    placement = Placement("meta", "bfloat16").with_device("cpu").with_dtype("float16").with_device(None)

    assert (placement.device, placement.dtype) == ("meta", "float16")
    assert placement.with_dtype(None).dtype == "bfloat16"
