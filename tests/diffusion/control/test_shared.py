"""Control networks whose weights are told from those of the model."""

from functools import partial

import pytest
import torch
from torch import Tensor
from torch.testing import assert_close

from tests.diffusion.control.conftest import Add, LoadControl, SaveControl
from wftools.context import Context
from wftools.diffusion.control.loading import load_control_net
from wftools.errors import InputError
from wftools.nodes.controlnet import diff_control_net_loader
from wftools.values import ControlNet, Model

RANK = 2
close = partial(assert_close, rtol=1e-3, atol=1e-3)


def bare(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name.removeprefix("control_model."): weight for name, weight in weights.items()}


def of_model(model: Model) -> dict[str, Tensor]:
    cpu = torch.device("cpu")
    return {name: weight.source.weight(torch.float32, cpu) for name, weight in model.weights().items()}


def test_a_difference_is_added_to_the_model_s_weights(
    context: Context, load_control: LoadControl, added: Add, sd1_weights: dict[str, Tensor], model: Model
) -> None:
    own = of_model(model)
    difference = {f"control_model.{name}": weight - own.get(name, 0) for name, weight in bare(sd1_weights).items()}
    load_control("difference.safetensors", {**difference, "difference": torch.zeros(1)})

    net = diff_control_net_loader(model=model, control_net_name="difference.safetensors", context=context)

    close(added(net).middle, added(load_control("plain.safetensors", sd1_weights)).middle)


def test_without_a_model_a_difference_is_taken_as_it_is(
    load_control: LoadControl, added: Add, sd1_weights: dict[str, Tensor]
) -> None:
    """As in ComfyUI, which says that it will very likely not work."""
    marked = {**sd1_weights, "difference": torch.zeros(1)}

    nets = load_control("marked.safetensors", marked), load_control("plain.safetensors", sd1_weights)

    close(*(added(net).middle for net in nets))


def test_a_difference_from_another_model_is_refused(
    context: Context, save_control: SaveControl, sd1_weights: dict[str, Tensor], model: Model
) -> None:
    odd = "control_model.input_blocks.1.1.transformer_blocks.0.attn2.to_k.weight"
    weights = {**sd1_weights, odd: torch.zeros(32, 7), "difference": torch.zeros(1)}
    save_control("odd.safetensors", weights)

    with pytest.raises(InputError, match=r"shape \[32, 7\], the model's \[32, 128\]"):
        load_control_net("odd.safetensors", context, model)


@pytest.fixture
def lora_and_whole(
    load_control: LoadControl, sd1_weights: dict[str, Tensor], model: Model
) -> tuple[ControlNet, ControlNet]:
    """A control LoRA, and the control network that it makes of the model."""
    own, whole, lora = of_model(model), bare(sd1_weights), {"lora_controlnet": torch.zeros(1)}
    generator = torch.Generator().manual_seed(7)
    for name in whole:
        if name not in own:
            lora[name] = whole[name]
        elif name.endswith(".weight") and own[name].ndim > 1 and not name.startswith("time_embed."):
            layer, (rows, *columns) = name.removesuffix(".weight"), own[name].shape
            up, down = (torch.randn(shape, generator=generator) / 10 for shape in ((rows, RANK), (RANK, *columns)))
            lora |= {f"{layer}.up": up, f"{layer}.down": down}
            whole[name] = own[name] + (up @ down.flatten(1)).reshape(own[name].shape)
        elif name.endswith("norm.bias"):
            lora[name] = whole[name]
        else:
            whole[name] = own[name]
    return load_control("lora.safetensors", lora), load_control("whole.safetensors", whole)


def test_a_control_lora_shares_the_weights_of_the_model(
    lora_and_whole: tuple[ControlNet, ControlNet], added: Add
) -> None:
    """What it has itself counts, products are added, and the rest is the model's."""
    lora, whole = (added(net) for net in lora_and_whole)

    close(lora.middle, whole.middle)
    close(lora.skips, whole.skips)


def test_a_control_lora_of_another_model_is_refused(load_control: LoadControl, added: Add) -> None:
    matrices = {"input_blocks.0.0.up": torch.zeros(320, 2), "input_blocks.0.0.down": torch.zeros(2, 4, 3, 3)}
    net = load_control("other.safetensors", {"lora_controlnet": torch.zeros(1), **matrices})

    with pytest.raises(InputError, match=r"matrices of input_blocks\.0\.0"):
        added(net)
