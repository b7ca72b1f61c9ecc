"""LoRA and its kin: in which algorithms, of which ranks, what they change and for whose models."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from tests.weights.inspecting.test_recognising import on_paper
from wftools.weights.inspecting import describe
from wftools.weights.inspecting.adapters import Adapter
from wftools.weights.tensorfile import Shape, open_tensors

SD1 = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k"


def lora(
    layers: dict[str, tuple[int, int]], rank: int = 8, ends: tuple[str, str] = (".lora_down.weight", ".lora_up.weight")
) -> dict[str, Shape]:
    """Layers by name, with how many numbers they take and give."""
    down, up = ends
    shapes: dict[str, Shape] = {}
    for name, (inputs, outputs) in layers.items():
        shapes |= {name + down: (rank, inputs), name + up: (outputs, rank)}
    return shapes


def adapter(shapes: dict[str, Shape], **metadata: str) -> Adapter:
    found = describe(on_paper(shapes, {key.replace("__", "."): value for key, value in metadata.items()}))
    assert found.kind == "LoRA"
    assert found.adapter is not None
    return found.adapter


@pytest.mark.parametrize(
    ("shapes", "algorithm", "ranks"),
    [
        (lora({SD1: (768, 320)}), "LoRA", {8: 1}),
        (lora({"unet.a": (768, 320)}, 4, (".lora_A.weight", ".lora_B.weight")), "LoRA", {4: 1}),
        (lora({"transformer.a": (3, 3)}, 2, (".lora_A.default.weight", ".lora_B.default.weight")), "LoRA", {2: 1}),
        (
            lora({"unet.mid_block.attn1.processor.to_q": (3, 3)}, 2, ("_lora.down.weight", "_lora.up.weight")),
            "LoRA",
            {2: 1},
        ),
        ({f"{SD1}.lora_down.weight": (4, 320, 3, 3), f"{SD1}.lora_up.weight": (320, 4, 1, 1)}, "LoCon", {4: 1}),
        ({f"{SD1}.lora_down.weight": (4, 320, 1, 1), f"{SD1}.lora_up.weight": (320, 4, 1, 1)}, "LoRA", {4: 1}),
        (
            {
                f"{SD1}.hada_w1_a": (320, 6),
                f"{SD1}.hada_w1_b": (6, 768),
                f"{SD1}.hada_w2_a": (320, 6),
                f"{SD1}.hada_w2_b": (6, 768),
            },
            "LoHa",
            {6: 1},
        ),
        ({f"{SD1}.lokr_w1": (4, 8), f"{SD1}.lokr_w2_a": (80, 5), f"{SD1}.lokr_w2_b": (5, 96)}, "LoKr", {5: 1}),
        ({f"{SD1}.lokr_w1": (4, 8), f"{SD1}.lokr_w2": (80, 96)}, "LoKr", {}),
        (
            {
                f"{SD1}.a1.weight": (7, 768),
                f"{SD1}.a2.weight": (768, 7),
                f"{SD1}.b1.weight": (7, 768),
                f"{SD1}.b2.weight": (320, 7),
            },
            "GLoRA",
            {7: 1},
        ),
        ({f"{SD1}.oft_blocks": (4, 80, 80)}, "OFT", {}),
        ({f"{SD1}.oft_blocks": (2, 4, 80, 80)}, "BOFT", {}),
        ({f"{SD1}.diff": (320, 768), f"{SD1}.diff_b": (320,)}, "difference", {}),
        ({"a.set_weight": (320, 768)}, "replacement", {}),
    ],
)
def test_the_algorithm_and_its_rank_are_told(shapes: dict[str, Shape], algorithm: str, ranks: dict[int, int]) -> None:
    found = adapter(shapes)

    assert found.algorithms == {algorithm: 1}
    assert found.ranks == ranks
    assert not found.is_dora


@pytest.mark.parametrize("end", [".dora_scale", ".lora_magnitude_vector", ".lora_magnitude_vector.weight"])
def test_magnitudes_make_it_dora(end: str) -> None:
    assert adapter({**lora({SD1: (768, 320)}), SD1 + end: (320, 1)}).is_dora


@pytest.mark.parametrize(
    ("layers", "family"),
    [
        ({SD1: (768, 320)}, "SD1"),
        ({"unet.down_blocks.0.attentions.0.transformer_blocks.0.attn2.to_k": (1024, 320)}, "SD2"),
        ({"lora_unet_input_blocks_4_1_transformer_blocks_0_attn2_to_k": (2048, 640)}, "SDXL"),
        ({"lora_te2_text_model_encoder_layers_31_mlp_fc1": (1280, 5120)}, "SDXL"),
        (
            {
                "lora_unet_double_blocks_0_img_mod_lin": (3072, 18432),
                "lora_unet_double_blocks_0_img_mlp_0": (3072, 12288),
            },
            "Flux.1",
        ),
        ({"lora_unet_double_blocks_0_img_mlp_0": (3072, 12288)}, "Flux.1 or Chroma"),
        ({"lora_unet_double_blocks_0_img_mlp_0": (6144, 36864)}, "Flux.2"),
        ({"transformer.single_transformer_blocks.0.norm.linear": (3072, 9216)}, "Flux.1"),
        ({"lora_unet_double_blocks_0_img_mlp_fc1": (3072, 12288)}, "HunyuanVideo"),
        ({"lora_unet_double_blocks_0_img_attn_qkv": (3072, 9216)}, ""),  # Flux.1, Chroma and HunyuanVideo have it
        ({"diffusion_model.blocks.0.cross_attn.k": (5120, 5120)}, "Wan 14B"),
        ({"lora_unet__blocks_0_ffn_0": (1536, 8960)}, "Wan 2.1 1.3B"),
        ({"transformer_blocks.0.img_mlp.net.0.proj": (3072, 12288)}, "Qwen-Image"),
        ({"diffusion_model.layers.0.attention.to_q": (3840, 3840)}, "Z-Image"),
        ({"diffusion_model.layers.0.feed_forward.w1": (2304, 9216)}, "Lumina 2"),
        ({"lora_unet_joint_blocks_0_x_block_attn_qkv": (2432, 7296)}, "SD3.5 large"),
        ({"transformer.transformer_blocks.0.attn1.to_q": (2048, 2048)}, "LTX-Video 2B"),
        ({"diffusion_model.blocks.0.cross_attn.output_proj": (2048, 2048)}, "Cosmos-Predict2"),
        ({"a.b": (3, 3)}, ""),
    ],
)
def test_the_family_is_told_by_layers_that_no_other_has(layers: dict[str, tuple[int, int]], family: str) -> None:
    assert adapter(lora(layers)).family == family


def test_metadata_tells_the_family_where_layers_do_not() -> None:
    unknown = lora({"lora_unet_double_blocks_0_img_attn_qkv": (3072, 9216)})

    assert adapter(unknown, ss_base_model_version="flux1").family == "Flux.1"
    assert adapter(lora({SD1: (768, 320)}), modelspec__architecture="stable-diffusion-xl-v1-base/lora").family == "SD1"


def test_what_is_changed_is_told_by_network_sort_and_block() -> None:
    shapes = lora(
        {
            **{
                f"lora_unet_down_blocks_{n}_attentions_0_transformer_blocks_0_attn1_to_q": (320, 320) for n in (0, 1, 2)
            },
            "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k": (768, 320),
            "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_ff_net_0_proj": (320, 2560),
            "lora_unet_mid_block_attentions_0_proj_in": (1280, 1280),
            "lora_te1_text_model_encoder_layers_3_mlp_fc1": (768, 3072),
        }
    )

    first, second = adapter(shapes).targets

    assert (first.name, first.layers) == ("diffusion model", 6)
    assert first.sorts == {"self attention": 3, "cross attention": 1, "feed forward": 1, "projection": 1}
    assert first.blocks["down_blocks"] == (0, 1, 2)
    assert (second.name, second.layers, second.sorts) == ("text encoder 1", 1, {"feed forward": 1})


def test_alphas_are_read(tmp_path: Path) -> None:
    tensors = {
        name: torch.zeros(shape) for name, shape in lora({"lora_unet_a": (3, 3), "lora_unet_b": (3, 3)}, 4).items()
    }
    tensors |= {"lora_unet_a.alpha": torch.tensor(2.0), "lora_unet_b.alpha": torch.tensor(0.5).bfloat16()}
    save_file(tensors, tmp_path / "lora.safetensors")

    found = describe(open_tensors(tmp_path / "lora.safetensors")).adapter

    assert found is not None
    assert found.alphas == {0.5: 1, 2.0: 1}


@pytest.mark.parametrize(
    "shapes",
    [
        {"a.alpha": (), "b.alpha": ()},
        {**lora({"ip_adapter.0.to_q": (320, 320)}, 4, ("_lora.down.weight", "_lora.up.weight"))},
        {**lora({"x": (3, 3)}), **{f"layer.{n}.weight": (3, 3) for n in range(9)}},
    ],
)
def test_a_few_tensors_like_that_make_no_lora(shapes: dict[str, Shape]) -> None:
    assert describe(on_paper(shapes)).kind != "LoRA"
