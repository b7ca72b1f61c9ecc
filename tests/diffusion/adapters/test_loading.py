"""Adapters of a file on a model and its text encoders."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import torch
from torch import Tensor

from wftools.diffusion.adapters.loading import adapted, adapters_for, bypassed

if TYPE_CHECKING:
    from wftools.values import Clip, Model, Vae
    from wftools.weights.source import Source

UNET = "lora_unet_mid_block_attentions_0_proj_in"
UNET_WEIGHT = "middle_block.1.proj_in.weight"
TEXT = "lora_te1_text_model_encoder_layers_0_mlp_fc1"
TEXT_WEIGHT = "clip_l.encoder.layers.0.mlp.fc1.weight"


def made(source: Source) -> Tensor:
    return source.weight(torch.float32, torch.device("cpu"))


@pytest.fixture
def tensors(mini_sd15: tuple[Model, Clip, Vae]) -> dict[str, Tensor]:
    model, clip, _ = mini_sd15
    network, text = model.weights()[UNET_WEIGHT].shape, clip.weights()[TEXT_WEIGHT].shape
    return {f"{UNET}.diff": torch.ones(network), f"{TEXT}.diff": torch.ones(text)}


def test_a_file_is_for_both_a_model_and_its_text_encoders(
    mini_sd15: tuple[Model, Clip, Vae], tensors: dict[str, Tensor], caplog: pytest.LogCaptureFixture
) -> None:
    model, clip, _ = mini_sd15

    of_model, of_clip = adapters_for(tensors, model, clip)
    changed, changed_clip = adapted(model, of_model, 0.5), adapted(clip, of_clip, 2.0)

    assert not caplog.records
    difference = made(changed.weights()[UNET_WEIGHT].source) - made(model.weights()[UNET_WEIGHT].source)
    torch.testing.assert_close(difference, torch.full_like(difference, 0.5))
    difference = made(changed_clip.weights()[TEXT_WEIGHT].source) - made(clip.weights()[TEXT_WEIGHT].source)
    torch.testing.assert_close(difference, torch.full_like(difference, 2.0))


def test_a_second_adapter_changes_what_the_first_one_made(
    mini_sd15: tuple[Model, Clip, Vae], tensors: dict[str, Tensor]
) -> None:
    model, clip, _ = mini_sd15
    of_model, _ = adapters_for(tensors, model, clip)

    twice = adapted(adapted(model, of_model, 1.0), of_model, 0.25)

    difference = made(twice.weights()[UNET_WEIGHT].source) - made(model.weights()[UNET_WEIGHT].source)
    torch.testing.assert_close(difference, torch.full_like(difference, 1.25))


@pytest.mark.parametrize(
    ("more", "warning"),
    [
        ({"lora_unet_nothing.diff": torch.ones(1)}, "1 of 3 tensors of the adapter are for no weight"),
        ({f"{UNET}.diff": torch.ones(2, 2)}, "made for weights of another shape: middle_block.1.proj_in.weight;"),
    ],
)
def test_what_is_for_no_weight_is_left_out_with_a_warning(
    mini_sd15: tuple[Model, Clip, Vae],
    tensors: dict[str, Tensor],
    more: dict[str, Tensor],
    warning: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    model, clip, _ = mini_sd15

    of_model, of_clip = adapters_for(tensors | more, model, clip)

    assert warning in caplog.text
    assert of_clip.keys() == {TEXT_WEIGHT}
    assert of_model.keys() <= {UNET_WEIGHT}


def test_an_empty_file_changes_nothing_and_is_warned_of(
    mini_sd15: tuple[Model, Clip, Vae], caplog: pytest.LogCaptureFixture
) -> None:
    model, clip, _ = mini_sd15

    assert adapters_for({}, model, clip) == ({}, {})
    assert "0 of 0" in caplog.text


def test_a_bypass_leaves_the_weight_as_it_is_and_changes_the_bias(mini_sd15: tuple[Model, Clip, Vae]) -> None:
    model, _, _ = mini_sd15
    width = model.weights()[UNET_WEIGHT].shape[0]
    tensors = {
        f"{UNET}.lora_up.weight": torch.ones(width, 1),
        f"{UNET}.lora_down.weight": torch.ones(1, width),
        f"{UNET}.diff_b": torch.ones(width),
    }
    of_model, _ = adapters_for(tensors, model, None)
    bias = UNET_WEIGHT.replace("weight", "bias")

    around = bypassed(model, of_model, 0.5)

    for name, difference in ((UNET_WEIGHT, 0.0), (bias, 0.5)):
        before, after = made(model.weights()[name].source), made(around.weights()[name].source)
        torch.testing.assert_close(after, before + difference)


def test_what_changes_a_table_of_vectors_is_no_bypass(mini_sd15: tuple[Model, Clip, Vae]) -> None:
    _, clip, _ = mini_sd15
    name = "clip_l.embeddings.position_embedding.weight"
    shape = clip.weights()[name].shape
    key = "text_encoders.clip_l.transformer.text_model.embeddings.position_embedding"
    tensors = {
        f"{key}.lora_B.weight": torch.ones(shape[0], 1),
        f"{key}.lora_A.weight": torch.ones(1, shape[1]),
    }
    _, of_clip = adapters_for(tensors, None, clip)

    around = bypassed(clip, of_clip, 1.0)

    torch.testing.assert_close(made(around.weights()[name].source), made(clip.weights()[name].source) + 1.0)
