from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.testing import assert_close

from tests.diffusion.control.conftest import Add, LoadControl, control_weights
from tests.seeded_models import UNET, encoded
from wftools.errors import InputError, RunError
from wftools.nodes.controlnet import control_net_apply_sd3, control_net_inpainting_alimama_apply
from wftools.values import Clip, Hint, Model, NetworkInputs, Vae
from wftools.weights.networks.controlnet import ControlNetConfig, UnionConfig

UNION = ControlNetConfig(encoder=replace(UNET, model_channels=64), union=UnionConfig(types=3))


def diffusers(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors of a control network under diffusers' names, by the table that its documentation implies."""
    blocks = {1: "0.{}.0", 2: "0.{}.1", 4: "1.{}.0", 5: "1.{}.1", 7: "2.{}.0", 8: "2.{}.1", 10: "3.{}.0", 11: "3.{}.1"}
    places = {
        "input_blocks.0.0.": "conv_in.",
        "time_embed.0.": "time_embedding.linear_1.",
        "time_embed.2.": "time_embedding.linear_2.",
        "middle_block.0.": "mid_block.resnets.0.",
        "middle_block.1.": "mid_block.attentions.0.",
        "middle_block.2.": "mid_block.resnets.1.",
        "middle_block_out.0.": "controlnet_mid_block.",
        "input_hint_block.0.": "controlnet_cond_embedding.conv_in.",
        "input_hint_block.14.": "controlnet_cond_embedding.conv_out.",
        **{f"input_hint_block.{2 * index + 2}.": f"controlnet_cond_embedding.blocks.{index}." for index in range(6)},
        **{f"zero_convs.{index}.0.": f"controlnet_down_blocks.{index}." for index in range(12)},
        **{f"input_blocks.{3 * level + 3}.0.op.": f"down_blocks.{level}.downsamplers.0.conv." for level in range(3)},
        **{f"input_blocks.{block}.0.": f"down_blocks.{at.format('resnets')}." for block, at in blocks.items()},
        **{f"input_blocks.{block}.1.": f"down_blocks.{at.format('attentions')}." for block, at in blocks.items()},
    }
    inside = {
        ".in_layers.0.": ".norm1.",
        ".in_layers.2.": ".conv1.",
        ".emb_layers.1.": ".time_emb_proj.",
        ".out_layers.0.": ".norm2.",
        ".out_layers.3.": ".conv2.",
        ".skip_connection.": ".conv_shortcut.",
    }
    renamed = {}
    for name, tensor in weights.items():
        new = name.removeprefix("control_model.")
        place = next(place for place in sorted(places, key=len, reverse=True) if new.startswith(place))
        new = places[place] + new.removeprefix(place)
        for original, other in inside.items():
            new = new.replace(original, other)
        renamed[new] = tensor
    return renamed


def test_a_file_says_the_same_in_every_layout(
    load_control: LoadControl, added: Add, sd1_weights: dict[str, Tensor]
) -> None:
    """Below a prefix, without one, and as diffusers saves it."""
    bare = {name.removeprefix("control_model."): weight for name, weight in sd1_weights.items()}

    one = added(load_control("prefixed.safetensors", sd1_weights))
    others = [
        added(load_control(f"{name}.safetensors", weights))
        for name, weights in {"bare": bare, "diffusers": diffusers(sd1_weights)}.items()
    ]

    assert len(one.skips) == 12
    for other in others:
        assert_close(other.middle, one.middle, rtol=1e-3, atol=1e-3)
        assert_close(other.skips, one.skips, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("name", ["x_shuffle.safetensors", "x_shuffle_fp16.safetensors"])
def test_a_network_that_copies_a_style_adds_the_same_everywhere(
    name: str, load_control: LoadControl, added: Add, sd1_weights: dict[str, Tensor]
) -> None:
    plain = added(load_control("plain.safetensors", sd1_weights))
    averaged = added(load_control(name, sd1_weights))

    for one, mean in zip((*plain.skips, plain.middle), (*averaged.skips, averaged.middle), strict=True):
        assert_close(mean, one.mean(dim=(2, 3), keepdim=True), rtol=1e-3, atol=1e-3)


def test_a_model_of_another_family_is_refused(
    load_control: LoadControl, sd1_weights: dict[str, Tensor], model: Model, picture: Tensor
) -> None:
    net = load_control("plain.safetensors", sd1_weights)
    seen = net.seen(Hint(picture), 2, 2, model)
    inputs = NetworkInputs({"context": torch.zeros(1, 1, 7)})

    with pytest.raises(RunError, match=r"needs .* text of width 128, and is given .* text of width 7"):
        net.control(seen, torch.zeros(1, 4, 2, 2), torch.ones(1), inputs, model, calls=1)


@pytest.mark.parametrize(
    ("kind", "channels", "problem"), [(3, 3, "knows 3 kinds .* number 3"), (None, 4, "pictures of 3 channels, not 4")]
)
def test_what_a_network_cannot_look_at_is_refused(
    kind: int | None, channels: int, problem: str, load_control: LoadControl, model: Model
) -> None:
    net = load_control("union.safetensors", control_weights(UNION)).with_type(kind)

    with pytest.raises(RunError, match=problem):
        net.seen(Hint(torch.zeros(1, 8, 8, channels)), 1, 1, model)


def test_a_network_for_one_kind_of_pictures_does_not_mind_which(
    load_control: LoadControl, added: Add, sd1_weights: dict[str, Tensor]
) -> None:
    net = load_control("plain.safetensors", sd1_weights)

    assert_close(added(net.with_type(7)).middle, added(net).middle)


def test_a_file_without_a_control_network_is_refused(load_control: LoadControl) -> None:
    with pytest.raises(InputError, match="no control network"):
        load_control("none.safetensors", {"weight": torch.zeros(3)})


def test_networks_that_see_no_mask_and_need_no_vae_are_applied_as_others_are(
    load_control: LoadControl, sd1_weights: dict[str, Tensor], mini_sd15: tuple[Model, Clip, Vae], picture: Tensor
) -> None:
    _, clip, vae = mini_sd15
    given: dict[str, Any] = {
        "positive": encoded(clip, "a fox"),
        "negative": encoded(clip, ""),
        "control_net": load_control("plain.safetensors", sd1_weights),
        "vae": vae,
        "image": picture,
        "strength": 0.5,
    }

    with_mask = control_net_inpainting_alimama_apply(mask=torch.ones(1, 8, 8), **given)
    without = control_net_apply_sd3(**given)

    for (positive,), (negative,) in (with_mask, without):
        assert positive.control is negative.control
        assert positive.control.hint.vae is vae
