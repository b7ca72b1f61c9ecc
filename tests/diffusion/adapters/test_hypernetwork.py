from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn
from torch.testing import assert_close

from wftools.context import Context
from wftools.diffusion.adapters.hypernetwork import ACTIVATIONS, Changing, Hypernetwork, Net
from wftools.diffusion.patches import At, Given
from wftools.errors import InputError
from wftools.folders import Folders
from wftools.nodes.hypernetwork import hypernetwork_loader
from wftools.values import Clip, Model, NetworkInputs, Vae
from wftools.weights.networks.hypernetwork import HypernetworkConfig, find_hypernetwork
from wftools.weights.tensorfile import TensorFile, TensorInfo


def file(metadata: dict[str, str], **shapes: tuple[int, ...]) -> TensorFile:
    """A file as its format tells of it: names with dots for tables in tables."""
    tensors = {name.replace("_", "."): TensorInfo("F32", shape, 0, 0) for name, shape in shapes.items()}
    return TensorFile(Path("x.pt"), "pickle", tensors, metadata, lambda _: torch.zeros(0))


def initialised(config: HypernetworkConfig) -> Hypernetwork:
    torch.manual_seed(1)
    return Hypernetwork(config)


def test_a_file_says_how_its_nets_are_built() -> None:
    layers = {
        "128_{}_linear_0": (256, 128),
        "128_{}_linear_1": (256,),
        "128_{}_linear_3": (128, 256),
        "128_{}_linear_4": (128,),
    }
    shapes = {f"{name.format(which)}_weight": shape for which in (0, 1) for name, shape in layers.items()}
    shapes |= {name.replace("_weight", "_bias"): shape[:1] for name, shape in shapes.items()}

    part = find_hypernetwork(file({"activation_func": "mish", "is_layer_norm": "true"}, **shapes))

    assert part.config == HypernetworkConfig(
        nets={128: ((128, 256, 128), (128, 256, 128))}, activation="mish", is_normalised=True
    )
    with torch.device("meta"):
        network = Hypernetwork(part.config)
    assert {name: tuple(each.shape) for name, each in network.state_dict().items()} == part.tensors.shapes


def test_another_file_has_no_nets() -> None:
    assert find_hypernetwork(file({}, weight=(3, 3))).config.nets == {}


def test_a_weight_of_another_form_is_refused() -> None:
    with pytest.raises(InputError, match="2 dimensions"):
        find_hypernetwork(file({}, **{"8_0_linear_0_weight": (8, 8, 8)}))


@pytest.mark.parametrize(
    ("is_normalised", "activates_output", "activations"), [(False, False, 1), (False, True, 2), (True, False, 2)]
)
def test_the_last_layer_is_activated_where_it_is_said_or_a_norm_follows(
    is_normalised: bool, activates_output: bool, activations: int
) -> None:
    """With norms the last that multiplies is not the last, which is ComfyUI's reading."""
    config = HypernetworkConfig(
        nets={}, activation="relu", is_normalised=is_normalised, activates_output=activates_output
    )
    net = Net((4, 8, 4), config)
    x = torch.randn(3, 4, generator=torch.Generator().manual_seed(2))

    expected, done = x, 0
    for layer in net.layers:
        expected = layer(expected)
        if isinstance(layer, nn.Linear) and done < activations:
            expected, done = F.relu(expected), done + 1

    assert_close(net(x), expected)


def test_keys_and_values_of_a_known_width_are_changed_as_strongly_as_asked() -> None:
    network = initialised(HypernetworkConfig(nets={4: ((4, 8, 4), (4, 4))}))
    k, v, other = torch.ones(1, 2, 4), torch.full((1, 2, 4), 2.0), torch.ones(1, 2, 5)

    def given(strength: float, k: Tensor, v: Tensor) -> Given:
        return Changing(network, strength)(Given(other, k, v), At("input", 1))

    half, whole = given(0.5, k, v), given(1.0, k, v)

    assert whole.q is other
    assert_close(whole.k - k, 2 * (half.k - k))
    assert_close(whole.v - v, 2 * (half.v - v))
    assert not torch.allclose(whole.k - k, whole.v - v)
    assert given(1.0, other, other).k is other


def test_swish_is_the_hard_one() -> None:
    x = torch.linspace(-4, 4, 9)

    assert torch.equal(ACTIVATIONS["swish"](x), F.hardswish(x))
    assert {name: tuple(activation(x).shape) for name, activation in ACTIVATIONS.items()} == dict.fromkeys(
        ACTIVATIONS, (9,)
    )


@pytest.fixture
def hypernetworks(tmp_path: Path) -> Path:
    (tmp_path / "hypernetworks").mkdir()
    return tmp_path


def saved(folder: Path) -> Context:
    """A file as the web UI writes it, for the width of the model's texts."""
    torch.manual_seed(5)
    net = {"linear.0.weight": torch.randn(8, 128), "linear.0.bias": torch.randn(8)}
    net |= {"linear.2.weight": torch.randn(128, 8), "linear.2.bias": torch.randn(128)}
    content: dict[Any, object] = {128: [net, net], "step": 7, "activation_func": "relu"}
    torch.save(content, folder / "hypernetworks/x.pt")
    return Context(Folders(models=folder))


def denoised(model: Model) -> Tensor:
    inputs = NetworkInputs({"context": torch.ones(1, 2, 128)})
    return model.denoised(torch.ones(1, 4, 8, 8), torch.ones(1), inputs)


def test_a_model_attends_to_what_the_file_s_nets_make(hypernetworks: Path, mini_sd15: tuple[Model, Clip, Vae]) -> None:
    model, context = mini_sd15[0], saved(hypernetworks)

    at_zero, whole = (
        hypernetwork_loader(model=model, hypernetwork_name="x.pt", strength=strength, context=context)
        for strength in (0.0, 1.0)
    )

    assert_close(denoised(at_zero), denoised(model))
    assert not torch.allclose(denoised(whole), denoised(model), atol=1e-2)


@pytest.mark.parametrize("told", [{"activation_func": "sine"}, {128: "nothing"}])
def test_a_file_that_cannot_be_used_changes_nothing_and_is_told(
    told: dict[Any, object],
    hypernetworks: Path,
    mini_sd15: tuple[Model, Clip, Vae],
    caplog: pytest.LogCaptureFixture,
) -> None:
    context = saved(hypernetworks)
    torch.save({"other": torch.zeros(3), **told}, hypernetworks / "hypernetworks/x.pt")

    assert hypernetwork_loader(model=mini_sd15[0], hypernetwork_name="x.pt", context=context) is mini_sd15[0]
    assert "changes nothing" in caplog.text
