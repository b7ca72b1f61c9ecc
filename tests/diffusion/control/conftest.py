"""A model of reduced width and a control network for it, from a seed."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from tests.seeded_models import UNET, encoded, shapes_of
from tests.weights_from_seed import weights_from_seed
from wftools.context import Context
from wftools.diffusion.control.loading import load_control_net
from wftools.diffusion.networks import controlnet as networks
from wftools.diffusion.patches import Control
from wftools.values import Clip, ControlNet, Hint, Model, NetworkInputs, Vae
from wftools.weights.networks.controlnet import ControlNetConfig

SaveControl = Callable[[str, Mapping[str, Tensor]], None]
LoadControl = Callable[[str, Mapping[str, Tensor]], ControlNet]
Add = Callable[[ControlNet], Control]


@pytest.fixture(scope="session")
def model(mini_sd15: tuple[Model, Clip, Vae]) -> Model:
    return mini_sd15[0]


@pytest.fixture(scope="session")
def save_control(models: Path) -> SaveControl:
    """Writes a file into the folder of control networks."""

    def save(name: str, weights: Mapping[str, Tensor]) -> None:
        (models / "controlnet").mkdir(exist_ok=True)
        save_file(dict(weights), models / "controlnet" / name)

    return save


@pytest.fixture(scope="session")
def load_control(save_control: SaveControl, context: Context) -> LoadControl:
    """Writes such a file, and loads it."""

    def load(name: str, weights: Mapping[str, Tensor]) -> ControlNet:
        save_control(name, weights)
        return load_control_net(name, context)

    return load


@pytest.fixture(scope="session")
def added(mini_sd15: tuple[Model, Clip, Vae], picture: Tensor) -> Add:
    """What a control network that sees the picture adds to the features of a latent of 12 x 16 cells."""
    model, clip, _ = mini_sd15
    inputs = NetworkInputs({"context": encoded(clip, "a fox")[0].tensor})
    x = torch.randn(1, 4, 12, 16, generator=torch.Generator().manual_seed(1))

    def add(net: ControlNet) -> Control:
        seen = net.seen(Hint(picture), 12, 16, model)
        return net.control(seen, x, torch.tensor([3.0]), inputs, model, calls=1)

    return add


def control_weights(config: ControlNetConfig, seed: int = 4, prefix: str = "control_model.") -> dict[str, Tensor]:
    with torch.device("meta"):
        network = networks.ControlNet(config)
    return weights_from_seed(shapes_of(network, prefix), seed)


@pytest.fixture(scope="session")
def sd1_weights() -> dict[str, Tensor]:
    return control_weights(ControlNetConfig(encoder=UNET))
