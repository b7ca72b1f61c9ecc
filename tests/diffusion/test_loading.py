from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from tests.seeded_models import shapes_of
from tests.weights_from_seed import weights_from_seed
from wftools.context import Placement
from wftools.diffusion.loading import load_network
from wftools.diffusion.networks.vae import AutoencoderKL
from wftools.errors import InputError
from wftools.weights.networks import Part
from wftools.weights.networks.vae import VaeConfig
from wftools.weights.tensorfile import open_tensors

CONFIG = VaeConfig(channels=32, channel_mult=(1,), res_blocks=1)


@pytest.fixture(scope="module")
def weights() -> dict[str, Tensor]:
    return weights_from_seed(shapes_of(AutoencoderKL(CONFIG)), 1)


def loaded(path: Path, weights: dict[str, Tensor]) -> AutoencoderKL:
    save_file(weights, path / "vae.safetensors")
    return load_network(AutoencoderKL, Part(CONFIG, open_tensors(path / "vae.safetensors")), Placement())


def test_a_network_has_the_file_s_tensors_as_they_are_stored(tmp_path: Path, weights: dict[str, Tensor]) -> None:
    halves = {name: tensor.half() for name, tensor in weights.items()}

    network = loaded(tmp_path, halves)

    for name, tensor in network.state_dict().items():
        assert torch.equal(tensor, halves[name])
    assert not any(parameter.requires_grad for parameter in network.parameters())


def test_weights_stay_mapped(tmp_path: Path, weights: dict[str, Tensor]) -> None:
    """Two networks from one open file share its memory."""
    save_file(weights, tmp_path / "vae.safetensors")
    part = Part(CONFIG, open_tensors(tmp_path / "vae.safetensors"))

    first, second = (load_network(AutoencoderKL, part, Placement()) for _ in range(2))

    for one, other in zip(first.parameters(), second.parameters(), strict=True):
        assert one.data_ptr() == other.data_ptr()


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda w: w.pop("quant_conv.bias"), r"AutoencoderKL lacks 1 tensor: 'quant_conv.bias'"),
        (
            lambda w: [w.pop(name) for name in list(w) if name.startswith("encoder.mid")],
            r"lacks \d\d tensors: 'encoder.mid\S+', \S+, \S+ and \d\d more",
        ),
        (lambda w: w.update(extra=torch.zeros(1)), r"no place for 1 tensor: 'extra'"),
        (lambda w: w.update({"quant_conv.bias": torch.zeros(9)}), r"'quant_conv.bias' .* shape \[9\], expected \[8\]"),
        (lambda w: w.update({"quant_conv.bias": torch.zeros(8).long()}), r"'quant_conv.bias' .* type I64"),
    ],
)
def test_a_tensor_that_does_not_fit_is_named(
    tmp_path: Path, weights: dict[str, Tensor], change: object, problem: str
) -> None:
    changed = dict(weights)
    change(changed)  # type: ignore[operator]

    with pytest.raises(InputError, match=rf"vae\.safetensors: .*{problem}"):
        loaded(tmp_path, changed)
