"""What adapter files call the weights of a model."""

from __future__ import annotations

import pytest

from wftools.weights.keymaps.adapters import network_names, text_names
from wftools.weights.keymaps.diffusers_unet import diffusers_names

# A module of SD1's UNet, which has three input blocks a level -> diffusers' name of it.
SD1 = {
    "time_embed.2": "time_embedding.linear_2",
    "label_emb.0.0": "add_embedding.linear_1",
    "input_blocks.0.0": "conv_in",
    "input_blocks.1.0.in_layers.2": "down_blocks.0.resnets.0.conv1",
    "input_blocks.2.1.proj_in": "down_blocks.0.attentions.1.proj_in",
    "input_blocks.3.0.op": "down_blocks.0.downsamplers.0.conv",
    "input_blocks.4.0.skip_connection": "down_blocks.1.resnets.0.conv_shortcut",
    "input_blocks.8.1.transformer_blocks.0.attn1.to_q": "down_blocks.2.attentions.1.transformer_blocks.0.attn1.to_q",
    "middle_block.0.emb_layers.1": "mid_block.resnets.0.time_emb_proj",
    "middle_block.1.transformer_blocks.0.ff.net.0.proj": "mid_block.attentions.0.transformer_blocks.0.ff.net.0.proj",
    "middle_block.2.out_layers.3": "mid_block.resnets.1.conv2",
    "output_blocks.2.1.conv": "up_blocks.0.upsamplers.0.conv",
    "output_blocks.4.0.out_layers.0": "up_blocks.1.resnets.1.norm2",
    "output_blocks.5.2.conv": "up_blocks.1.upsamplers.0.conv",
    "output_blocks.11.1.norm": "up_blocks.3.attentions.2.norm",
    "out.0": "conv_norm_out",
}


@pytest.mark.parametrize(("module", "name"), SD1.items())
def test_diffusers_counts_by_levels(module: str, name: str) -> None:
    assert diffusers_names(SD1)[module] == name


def test_a_network_that_is_no_unet_has_no_names_of_diffusers() -> None:
    assert diffusers_names(["blocks.0.attn", "middle_block.weird"]) == {}


@pytest.mark.parametrize(
    "name",
    [
        "lora_unet_input_blocks_1_1_transformer_blocks_0_attn1_to_out_0",
        "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_out_0",
        "lycoris_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_out_0",
        "diffusion_model.input_blocks.1.1.transformer_blocks.0.attn1.to_out.0",
        "down_blocks.0.attentions.0.transformer_blocks.0.attn1.processor.to_out",
        "unet.down_blocks.0.attentions.0.transformer_blocks.0.attn1.processor.to_out",
    ],
)
def test_a_weight_of_a_unet_goes_by_these_names(name: str) -> None:
    weight = "input_blocks.1.1.transformer_blocks.0.attn1.to_out.0.weight"

    assert network_names([weight, "input_blocks.3.0.op.weight"])[name] == weight


def test_what_is_no_weight_of_a_module_goes_by_its_whole_name_alone() -> None:
    assert network_names(["input_blocks.0.0.bias"]) == {
        "diffusion_model.input_blocks.0.0.bias": "input_blocks.0.0.bias"
    }


IN_LAYER = "encoder.layers.3.self_attn.q_proj.weight"


@pytest.mark.parametrize(
    ("encoders", "name", "weight"),
    [
        (["clip_l"], "lora_te_text_model_encoder_layers_3_self_attn_q_proj", "clip_l"),
        (["clip_l", "clip_g"], "lora_te1_text_model_encoder_layers_3_self_attn_q_proj", "clip_l"),
        (["clip_l", "clip_g"], "lora_te2_text_model_encoder_layers_3_self_attn_q_proj", "clip_g"),
        (["clip_l", "clip_g"], "text_encoder_2.text_model.encoder.layers.3.self_attn.q_proj", "clip_g"),
        (["clip_g"], "lora_te_text_model_encoder_layers_3_self_attn_q_proj", "clip_g"),
        (["clip_g"], "lora_te2_text_model_encoder_layers_3_self_attn_q_proj", None),
        (["clip_h"], "text_encoder.text_model.encoder.layers.3.self_attn.q_proj", "clip_h"),
        (["clip_g"], "text_encoders.clip_g.transformer.text_model.encoder.layers.3.self_attn.q_proj", "clip_g"),
    ],
)
def test_text_encoders_are_numbered_where_there_are_two(encoders: list[str], name: str, weight: str | None) -> None:
    names = text_names(f"{encoder}.{IN_LAYER}" for encoder in encoders)

    assert names.get(name) == (None if weight is None else f"{weight}.{IN_LAYER}")


def test_the_projection_of_a_text_encoder_is_beside_its_layers() -> None:
    names = text_names(["clip_g.text_projection.weight"])

    assert names["text_encoders.clip_g.transformer.text_projection"] == "clip_g.text_projection.weight"
    assert names["lora_te2_text_projection"] == "clip_g.text_projection.weight"
