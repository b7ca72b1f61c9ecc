from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn
from torch.testing import assert_close

from tests.diffusion.control.conftest import LoadControl
from tests.seeded_models import shapes_of
from tests.weights_from_seed import weights_from_seed
from wftools.diffusion.networks.t2i_adapter import Halve, LightAdapter, T2iAdapter
from wftools.diffusion.patches import Control, controlled
from wftools.errors import RunError
from wftools.values import ControlNet, Hint, Model, NetworkInputs
from wftools.weights.networks.t2i_adapter import LightAdapterConfig, T2iAdapterConfig

SMALL = T2iAdapterConfig(channels=(4, 8, 16, 16))
LIGHT = LightAdapterConfig(channels=(4, 8, 16, 16), inner=(2, 2, 4, 4), blocks=2)
XL = replace(SMALL, in_channels=768)


def weights(network: nn.Module) -> dict[str, Tensor]:
    return weights_from_seed(shapes_of(network), 5)


def added(net: ControlNet, picture: Tensor, size: tuple[int, int], model: Model, batch: int = 1) -> Control:
    seen = net.seen(Hint(picture), *size, model)
    x = torch.zeros(batch, 4, *size)
    return net.control(seen, x, torch.ones(batch), NetworkInputs({}), model, calls=1)


def where(control: Control) -> dict[int | str, tuple[int, ...]]:
    """The shapes of what is added, by input block."""
    blocks: dict[int | str, tuple[int, ...]] = {
        index: tuple(h.shape) for index, h in enumerate(control.input) if h is not None
    }
    return blocks if control.middle is None else blocks | {"middle": tuple(control.middle.shape)}


@pytest.mark.parametrize("height_and_width", [(8, 16), (9, 7)])
def test_each_level_of_a_unet_is_told_at_its_end(
    height_and_width: tuple[int, int], load_control: LoadControl, model: Model, picture: Tensor
) -> None:
    """The UNet rounds up where a side is odd, and so does the adapter."""
    sizes = [height_and_width]
    while len(sizes) < 4:
        sizes.append(((sizes[-1][0] + 1) // 2, (sizes[-1][1] + 1) // 2))
    expected = {
        block: (1, width, *size) for block, width, size in zip((2, 5, 8, 11), SMALL.channels, sizes, strict=True)
    }

    for name, network in {"full": T2iAdapter(SMALL), "light": LightAdapter(LIGHT)}.items():
        net = load_control(f"{name}.safetensors", weights(network))

        assert where(added(net, picture, height_and_width, model)) == expected


def test_an_adapter_for_xl_adds_to_three_levels_and_the_middle(
    load_control: LoadControl, model: Model, picture: Tensor
) -> None:
    net = load_control("xl.safetensors", weights(T2iAdapter(XL)))

    shapes = where(added(net, picture, (9, 12), model))

    assert shapes == {3: (1, 4, 5, 6), 5: (1, 8, 5, 6), 8: (1, 16, 3, 3), "middle": (1, 16, 3, 3)}


def test_diffusers_counts_the_blocks_of_each_level(load_control: LoadControl, model: Model, picture: Tensor) -> None:
    original = weights(T2iAdapter(SMALL))
    renamed = {}
    for name, weight in original.items():
        if name.startswith("body."):
            _, index, rest = name.split(".", 2)
            level, block = divmod(int(index), 2)
            inner = "" if rest.startswith("in_conv") else f"resnets.{block}."
            renamed[f"adapter.body.{level}.{inner}{rest}"] = weight
        else:
            renamed[f"adapter.{name}"] = weight

    one, other = (
        added(load_control(f"{name}.safetensors", each), picture, (8, 8), model)
        for name, each in {"original": original, "renamed": renamed}.items()
    )

    assert_close(one.input, other.input, rtol=1e-3, atol=1e-3)


def test_a_grey_adapter_sees_the_mean_of_the_colours(load_control: LoadControl, model: Model, picture: Tensor) -> None:
    net = load_control("grey.safetensors", weights(T2iAdapter(replace(SMALL, in_channels=64))))

    colours, grey = (added(net, each, (8, 8), model) for each in (picture, picture.mean(dim=3, keepdim=True)))

    assert_close(colours.input[2], grey.input[2], rtol=1e-3, atol=1e-3)


def test_other_channels_are_refused(load_control: LoadControl, model: Model) -> None:
    net = load_control("full.safetensors", weights(T2iAdapter(SMALL))).with_type(2)

    with pytest.raises(RunError, match="3 channels, not 4"):
        net.seen(Hint(torch.zeros(1, 8, 8, 4)), 1, 1, model)


def test_pictures_are_repeated_to_the_batch(load_control: LoadControl, model: Model, picture: Tensor) -> None:
    net = load_control("full.safetensors", weights(T2iAdapter(SMALL)))
    pictures = torch.cat([picture, 1 - picture])

    features = added(net, pictures, (8, 8), model, batch=3).input[2]

    assert features is not None
    assert torch.equal(features[2], features[0])
    assert not torch.equal(features[1], features[0])


def test_odd_sides_are_halved_with_zeros_around() -> None:
    halved = Halve(1, is_strided=False)(torch.ones(1, 1, 3, 2))

    assert halved.tolist() == [[[[0.5], [1.0]]]]


def test_what_does_not_fit_is_left_out_and_told_once(caplog: pytest.LogCaptureFixture) -> None:
    """As in ComfyUI, which says so at every step."""
    h, other = torch.zeros(1, 4, 2, 2), torch.ones(1, 5, 2, 2)

    for _ in range(2):
        assert controlled(h, (None, other), 1) is h

    assert len(caplog.records) == 1
    assert torch.equal(controlled(h, (torch.ones(1, 4, 1, 1),), 0), torch.ones_like(h))
