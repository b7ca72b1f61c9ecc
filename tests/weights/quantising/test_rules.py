"""Which tensor becomes which type, by names and shapes alone."""

from __future__ import annotations

import math
from collections import Counter

import pytest

from tests.weights.quantising.files import file_of, published
from wftools.errors import InputError
from wftools.weights.quant.blocks import BLOCKS, fits
from wftools.weights.quantising.architectures import ARCHITECTURES, architecture_of
from wftools.weights.quantising.rules import Rules, as_it_is, plan_quantised
from wftools.weights.quantising.types import FILE_TYPES, MIXES, PLAIN, QUANTISED, TensorRule, tensor_rule

FLUX = {
    "double_blocks.0.img_attn.proj.weight": (3072, 3072),
    "double_blocks.0.img_attn.qkv.weight": (9216, 3072),
    "double_blocks.0.img_attn.qkv.bias": (9216,),
    "double_blocks.0.img_attn.norm.query_norm.scale": (128,),
    "single_blocks.0.linear1.weight": (21504, 3072),
    "img_in.weight": (3072, 64),
    "txt_in.weight": (3072, 4096),
    "time_in.in_layer.weight": (3072, 256),
    "vector_in.in_layer.weight": (3072, 768),
    "guidance_in.in_layer.weight": (3072, 256),
    "final_layer.linear.weight": (64, 3072),
}
WAN = {
    "blocks.0.self_attn.norm_q.weight": (1536,),
    "blocks.0.self_attn.v.weight": (1536, 1536),
    "blocks.0.self_attn.q.weight": (1536, 1536),
    "blocks.0.ffn.2.weight": (1536, 8960),
    "blocks.0.modulation": (1, 6, 1536),
    "head.modulation": (1, 2, 1536),
    "head.head.weight": (64, 1536),
    "text_embedding.2.weight": (1536, 1536),
    "patch_embedding.weight": (1536, 16, 1, 2, 2),
}
SD3 = {
    "joint_blocks.0.x_block.attn.qkv.weight": (7296, 2432),
    "joint_blocks.0.x_block.mlp.fc1.weight": (9728, 2432),
    "x_embedder.proj.weight": (2432, 16, 2, 2),
    "pos_embed": (1, 36864, 2432),
    "y_embedder.mlp.0.weight": (2432, 2048),
}


def planned_of(file, rules):
    return plan_quantised(as_it_is(file), rules)


def types_of(shapes, type_, dtype="F16", prefix="", **options):
    plan = planned_of(file_of(shapes, dtype, prefix), Rules(type_, **options))
    return {each.name: each.dtype for each in plan.tensors}


def why(shapes, type_, name, **options):
    plan = planned_of(file_of(shapes), Rules(type_, **options))
    return next(each.why for each in plan.tensors if each.name == name)


@pytest.mark.parametrize("kind", QUANTISED)
@pytest.mark.parametrize("network", ["clip_l", "unet sd1", "unet sdxl"])
def test_a_plain_type_is_given_to_every_matrix_that_its_blocks_fit(network, kind):
    plan = planned_of(file_of(published()[network]), Rules(kind.lower()))

    matrices = [each for each in plan.tensors if len(plan.file.shapes[each.source]) == 2]
    assert {each.dtype for each in matrices if fits(kind, plan.file.shapes[each.source])} == {kind}
    assert {each.dtype for each in plan.tensors if len(plan.file.shapes[each.source]) == 1} == {"F16"}


@pytest.mark.parametrize(
    ("kind", "share"), [("q8_0", 0.532), ("q6_k", 0.411), ("q5_k", 0.344), ("q4_0", 0.282), ("q4_k_m", 0.295)]
)
def test_a_unet_of_sd1_has_the_size_that_it_has_in_comfyui_gguf(kind, share):
    """Of its 16-bit form; as measured on files of such a model."""
    plan = planned_of(file_of(published()["unet sd1"]), Rules(kind))

    weights = sum(math.prod(each.shape) for each in plan.tensors)
    assert plan.size / (2 * weights) == pytest.approx(share, abs=0.0015)


@pytest.mark.parametrize(
    ("shapes", "name"),
    [(FLUX, "flux"), (WAN, "wan"), (SD3, "sd3"), (published()["unet sd1"], "sd1"), (published()["unet sd2"], "sd1")]
    + [(published()[name], "sdxl") for name in ("unet sdxl", "unet sdxl_refiner", "unet koala 700m")],
)
@pytest.mark.parametrize("prefix", ["", "model.diffusion_model."])
def test_networks_are_called_what_comfyui_gguf_calls_them(shapes, name, prefix):
    file = file_of(shapes, prefix=prefix)

    assert architecture_of(file).name == name
    assert planned_of(file, Rules("q4_k_m")).metadata["general.architecture"] == name


@pytest.mark.parametrize("architecture", ARCHITECTURES, ids=lambda each: each.name)
def test_every_architecture_is_known_by_its_own_keys(architecture):
    """Also where keys of others would be there, if these are a part of its own."""
    for keys in architecture.keys:
        assert architecture_of(file_of(dict.fromkeys(keys, (256, 256)))).name == architecture.name


def test_what_is_of_no_kind_that_is_known_has_no_architecture():
    plan = planned_of(file_of({"layer.weight": (64, 256)}), Rules("q4_k"))

    assert "general.architecture" not in plan.metadata
    assert [each.dtype for each in plan.tensors] == ["Q4_K"]


@pytest.mark.parametrize(
    ("shapes", "kept"),
    [
        (FLUX, {"img_in", "txt_in", "time_in", "vector_in", "guidance_in", "final_layer"}),
        (WAN, {"head", "text_embedding", "patch_embedding"}),
        (SD3, {"x_embedder", "pos_embed", "y_embedder"}),
        (published()["unet sdxl"], {"time_embed", "label_emb", "out"}),
    ],
)
def test_a_mix_keeps_first_and_last_layers_and_what_encodes_time_and_labels(shapes, kept):
    types = types_of(shapes, "q4_k_m")

    assert {types[name] in BLOCKS for name in types if name.split(".")[0] in kept} == {False}
    assert sum(dtype in BLOCKS for dtype in types.values()) > 1
    assert "input_blocks.0.0.weight" not in types or types["input_blocks.0.0.weight"] == "F16"


# v: attention's values; first and last of them. qkv: fused. down: the end of a feed-forward network.
MIXED = {
    "q3_k_s": ("Q3_K", "Q3_K", "Q3_K", "Q3_K", "Q3_K"),
    "q3_k_m": ("Q3_K", "Q5_K", "Q4_K", "Q4_K", "Q4_K"),
    "q3_k_l": ("Q3_K", "Q5_K", "Q5_K", "Q4_K", "Q5_K"),
    "q4_k_s": ("Q4_K", "Q5_K", "Q4_K", "Q4_K", "Q5_K"),
    "q4_k_m": ("Q4_K", "Q6_K", "Q6_K", "Q5_K", "Q6_K"),
    "q5_k_s": ("Q5_K", "Q5_K", "Q5_K", "Q5_K", "Q5_K"),
    "q5_k_m": ("Q5_K", "Q6_K", "Q6_K", "Q6_K", "Q6_K"),
}


@pytest.mark.parametrize("mix", sorted(MIXES))
def test_what_a_mix_gives_to_whom(mix):
    shapes = {f"block.{number}.attn.to_v.weight": (256, 256) for number in range(12)} | {
        "block.0.attn.to_q.weight": (256, 256),
        "block.0.attn.qkv.weight": (768, 256),
        "block.0.ff.net.2.weight": (256, 1024),
    }

    types = types_of(shapes, mix)

    told = ("to_q", "to_v", "to_v", "qkv", "net.2")
    numbers = (0, 0, 11, 0, 0)
    found = [
        next(types[name] for name in types if f"block.{number}." in name and part in name)
        for number, part in zip(numbers, told, strict=True)
    ]
    assert tuple(found) == MIXED[mix]


def test_the_first_values_are_the_first_by_their_numbers():
    shapes = {f"blocks.{number}.attn.to_v.weight": (256, 256) for number in reversed(range(12))}

    types = types_of(shapes, "q3_k_m")

    better = [name for name, dtype in types.items() if dtype == "Q5_K"]
    assert better == ["blocks.0.attn.to_v.weight", "blocks.1.attn.to_v.weight"]


@pytest.mark.parametrize(
    ("kind", "smaller"),
    [
        ("q6_k", "Q8_0"),
        ("q5_k", "Q5_1"),
        ("q4_k", "Q5_0"),
        ("q3_k", "IQ4_NL"),
        ("q2_k", "IQ4_NL"),
        ("iq4_xs", "IQ4_NL"),
    ],
)
def test_rows_that_are_no_blocks_of_256_are_blocks_of_32(kind, smaller):
    types = types_of(SD3, kind)

    assert types["joint_blocks.0.x_block.mlp.fc1.weight"] == smaller
    assert "rows of 2,432" in why(SD3, kind, "joint_blocks.0.x_block.mlp.fc1.weight")


@pytest.mark.parametrize("options", [{"fallback": "keep"}, {"compat": "comfy-gguf"}, {"compat": "sdcpp"}])
def test_or_they_are_kept(options):
    assert types_of(SD3, "q5_k", **options)["joint_blocks.0.x_block.mlp.fc1.weight"] == "F16"


def test_rows_that_fit_nothing_are_kept():
    assert types_of({"a.weight": (64, 30), "b.weight": (64, 33)}, "q8_0") == {"a.weight": "F16", "b.weight": "F16"}


def test_convolutions_of_a_unet_alone_are_quantised_in_other_rows():
    plan = planned_of(file_of(published()["unet sd1"]), Rules("q5_k"))

    convolutions = [each for each in plan.tensors if len(each.shape) == 4]
    kept = {each.name for each in convolutions if each.dtype != "Q5_K"}
    assert kept == {"input_blocks.0.0.weight", "out.2.weight"}
    assert {each.why for each in convolutions if each.shape[-1] == 3 and each.name not in kept} == {
        "rows of 3 are no blocks of 256: stored in rows of 256"
    }


@pytest.mark.parametrize("options", [{"compat": "sdcpp"}, {"fallback": "block32"}, {"fallback": "keep"}])
def test_convolutions_are_kept_where_nobody_would_give_them_their_shape_back(options):
    plan = planned_of(file_of(published()["unet sd1"]), Rules("q5_k", **options))

    assert {each.dtype for each in plan.tensors if len(each.shape) == 4} == {"F16"}
    assert all(fits(each.dtype, each.shape) for each in plan.tensors)


def test_convolutions_of_a_checkpoint_are_kept_unless_that_is_asked_for():
    """stable-diffusion.cpp reads whole checkpoints, and knows no other shapes."""
    shapes = {f"model.diffusion_model.{name}": shape for name, shape in published()["unet sd1"].items()} | {
        f"first_stage_model.{name}": shape for name, shape in published()["vae"].items()
    }

    usual = planned_of(file_of(shapes), Rules("q8_0"))
    reshaped = planned_of(file_of(shapes), Rules("q8_0", fallback="reshape"))

    assert {each.dtype for each in usual.tensors if len(each.shape) == 4} == {"F16"}
    assert [each.name for each in usual.tensors] == [each.name for each in reshaped.tensors]
    made = {each.name.split(".")[0] for each in reshaped.tensors if not fits(each.dtype, each.shape)}
    assert made == {"model"}


def test_a_network_alone_loses_what_stands_before_all_its_names():
    types = types_of(FLUX, "q8_0", prefix="model.diffusion_model.")

    assert types.keys() == FLUX.keys()


@pytest.mark.parametrize(
    ("dtype", "shape", "kept"),
    [
        ("F16", (320,), "F16"),
        ("F32", (320,), "F32"),
        ("BF16", (320,), "F32"),
        ("F64", (320,), "F32"),
        ("F8_E4M3", (320,), "F16"),
        ("F32", (64, 30), "F16"),
        ("BF16", (64, 30), "BF16"),
        ("F8_E5M2", (64, 30), "F16"),
        ("F32", (32, 30), "F32"),  # at most 1,024 elements
        ("F32", (64, 2, 3, 3, 5), "F32"),
        ("F16", (64, 2, 3, 3, 5), "F32"),  # five dimensions: as ComfyUI-GGUF's own step writes them
        ("I64", (1, 77), "I64"),
    ],
)
def test_what_is_not_quantised_stays_in_16_bits_or_in_32(dtype, shape, kept):
    assert types_of({"a": shape}, "q8_0", dtype) == {"a": kept}


def test_what_has_to_be_precise_stays_in_32_bits():
    types = types_of(WAN, "q4_k_m", "BF16")

    assert {types["blocks.0.modulation"], types["head.modulation"], types["patch_embedding.weight"]} == {"F32"}
    assert types["head.head.weight"] == "BF16"


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        (["*=q8_0"], "Q8_0"),
        (["*=q8_0", "*.qkv.*=q4_0"], "Q4_0"),
        (["*.qkv.*=q4_0", "*=f32"], "F32"),  # the last counts
        (["double_blocks.?.img_attn.qkv.weight=f16"], "F16"),
        (["qkv*=f16", "*=q5_k"], "Q5_K"),  # whole names
    ],
)
def test_rules_of_tensors_come_before_all_others_and_the_last_counts(rules, expected):
    shapes = FLUX | {"qkv": (256, 256)}

    types = types_of(shapes, "q4_k_m", tensors=tuple(map(tensor_rule, rules)))

    assert types["double_blocks.0.img_attn.qkv.weight"] == expected
    assert types["double_blocks.0.img_attn.qkv.bias"] in ("F16", "F32")


def test_a_rule_quantises_what_a_mix_keeps():
    assert types_of(FLUX, "q4_k_m", tensors=(TensorRule("txt_in.*", "Q8_0"),))["txt_in.weight"] == "Q8_0"


def test_a_rule_that_is_about_nothing_is_an_error():
    with pytest.raises(InputError, match="no tensor has a name like 'txt_inn"):
        types_of(FLUX, "q4_k_m", tensors=(TensorRule("txt_inn.*", "Q8_0"),))


@pytest.mark.parametrize(
    ("text", "message"), [("q8_0", "form"), ("=q8_0", "form"), ("a=q9", "no type"), ("a=", "no type")]
)
def test_rules_that_are_none(text, message):
    with pytest.raises(InputError, match=message):
        tensor_rule(text)


def test_a_type_that_is_none():
    with pytest.raises(InputError, match="'q9_k' is no type"):
        Rules("q9_k")


def test_comfyui_gguf_mixes_what_it_calls_q4_0():
    shapes = WAN
    assert types_of(shapes, "q4_0", compat="comfy-gguf")["blocks.0.ffn.2.weight"] == "Q4_1"
    assert types_of(shapes, "q4_0")["blocks.0.ffn.2.weight"] == "Q4_0"
    assert types_of(shapes, "q2_k", compat="comfy-gguf")["blocks.0.self_attn.v.weight"] == "Q3_K"


def test_what_a_training_leaves_behind_is_left_out_and_told_of():
    shapes = FLUX | {"model_ema.decay": (), "blocks.0._extra_state": (1,)}

    plan = planned_of(file_of(shapes), Rules("q8_0"))

    assert plan.left_out.keys() == {"model_ema.decay", "blocks.0._extra_state"}
    assert {each.name for each in plan.tensors} == FLUX.keys()


def test_what_a_file_says_of_itself_is_handed_on_but_for_what_is_true_of_that_file_alone():
    told = {"modelspec.title": "mine", "general.file_type": "1", "general.name": "mine", "format": "pt"}

    metadata = planned_of(file_of(FLUX, metadata=told), Rules("q5_k_m")).metadata

    assert metadata["modelspec.title"] == metadata["general.name"] == "mine"
    assert metadata["general.file_type"] == 17
    assert metadata["general.quantization_version"] == 2
    assert str(metadata["general.quantized_by"]).startswith("wftools ")
    assert "format" not in metadata


def test_every_type_has_a_number_for_the_file():
    assert FILE_TYPES.keys() == PLAIN.keys() | MIXES.keys()


def test_a_type_of_floats_compresses_matrices_and_keeps_the_rest():
    types = types_of(FLUX, "bf16", "F32")

    assert Counter(types.values()) == {"BF16": 9, "F32": 2}
