"""Encoders of texts, pictures and sound: what their files are told by, and which of its sizes one is."""

from __future__ import annotations

from typing import Final

from wftools.weights.inspecting.signs import ALL, TRANSFORMERS, Names, Sign, one_of
from wftools.weights.networks.clip_text import OPENAI_MAX_LAYERS

TEXT: Final = "text encoder"
IMAGE: Final = "image encoder"
SOUND: Final = "sound encoder"

LLAMA_CPP: Final = "llama.cpp"

_LLM: Final = ("layers.0.self_attn.q_proj.weight", "layers.0.mlp.gate_proj.weight", "layers.0.input_layernorm.weight")
_LLM_FACTS: Final = (
    ("width", "layers.0.input_layernorm.weight", 0),
    ("layers", "layers.{}.input_layernorm.weight", ALL),
    ("vocabulary", "embed_tokens.weight", 0),
)
_T5_SIZES: Final = {512: "small", 768: "base", 1024: "large", 2048: "xl", 4096: "xxl"}  # by width
_VIT: Final = {768: "ViT-B", 1024: "ViT-L", 1280: "ViT-H", 1664: "ViT-bigG"}  # by the width of a picture's encoder
_WIDTH: Final = "layers.0.input_layernorm.weight"


def _clip(names: Names) -> str:
    """Which CLIP it is; only its depth tells, as in `weights.families`."""
    pattern = "text_model.encoder.layers.{}.layer_norm1.weight"
    return _clip_of(names.count(pattern))


def _open_clip(names: Names) -> str:
    return _clip_of(names.count("transformer.resblocks.{}.ln_1.weight"))


def _clip_of(layers: int) -> str:
    return "ViT-bigG" if layers > 30 else "ViT-H" if layers > OPENAI_MAX_LAYERS else "ViT-L"


def _t5(names: Names) -> str:
    """The size by the width of a layer."""
    return one_of(_T5_SIZES, names.size("encoder.final_layer_norm.weight", 0))


def _t5_of_llama_cpp(names: Names) -> str:
    return one_of(_T5_SIZES, names.size("enc.output_norm.weight", 0))


def _qwen25(names: Names) -> str:
    return one_of({896: "0.5B", 1536: "1.5B", 2048: "3B", 3584: "7B"}, names.size(_WIDTH, 0))


def _qwen3(names: Names) -> str:
    return one_of({1024: "0.6B", 2048: "1.7B", 2560: "4B", 4096: "8B"}, names.size(_WIDTH, 0))


def _llama3(names: Names) -> str:
    return one_of({2048: "1B", 3072: "3B", 4096: "8B", 8192: "70B"}, names.size(_WIDTH, 0))


def _gemma3(names: Names) -> str:
    return one_of({640: "270M", 1152: "1B", 2560: "4B", 3840: "12B"}, names.size(_WIDTH, 0))


def _vision(names: Names) -> str:
    return one_of(_VIT, names.size("vision_model.embeddings.class_embedding", 0))


def _llm(name: str, *needs: str, **options: object) -> Sign:
    return Sign(TEXT, name, (*_LLM, *needs), facts=_LLM_FACTS, **options)  # type: ignore[arg-type]


ENCODERS: Final = (
    # CLIP
    Sign(
        TEXT,
        "CLIP",
        ("text_model.embeddings.token_embedding.weight", "text_model.encoder.layers.0.mlp.fc1.weight"),
        lacks=("vision_model.embeddings.patch_embedding.weight",),
        variant=_clip,
        facts=(
            ("width", "text_model.embeddings.token_embedding.weight", 1),
            ("layers", "text_model.encoder.layers.{}.layer_norm1.weight", ALL),
        ),
        layout=TRANSFORMERS,
    ),
    Sign(
        TEXT,
        "CLIP",
        ("token_embedding.weight", "positional_embedding", "transformer.resblocks.0.attn.in_proj_weight"),
        lacks=("visual.conv1.weight",),
        variant=_open_clip,
        facts=(
            ("width", "token_embedding.weight", 1),
            ("layers", "transformer.resblocks.{}.ln_1.weight", ALL),
        ),
        layout="OpenCLIP",
    ),
    Sign(
        "text and image encoder",
        "CLIP",
        ("text_model.embeddings.token_embedding.weight", "vision_model.embeddings.patch_embedding.weight"),
        variant=_vision,
        layout=TRANSFORMERS,
    ),
    Sign(
        IMAGE,
        "SigLIP",
        ("vision_model.embeddings.patch_embedding.bias", "vision_model.encoder.layers.0.mlp.fc1.weight"),
        lacks=("vision_model.embeddings.class_embedding",),
        variant=lambda names: one_of({1152: "so400m"}, names.size("vision_model.embeddings.patch_embedding.bias", 0)),
        facts=(
            ("width", "vision_model.embeddings.patch_embedding.bias", 0),
            ("positions", "vision_model.embeddings.position_embedding.weight", 0),
        ),
        layout=TRANSFORMERS,
    ),
    Sign(
        IMAGE,
        "CLIP",
        ("vision_model.embeddings.class_embedding", "vision_model.encoder.layers.0.mlp.fc1.weight"),
        variant=_vision,
        facts=(
            ("width", "vision_model.embeddings.class_embedding", 0),
            ("layers", "vision_model.encoder.layers.{}.mlp.fc1.weight", ALL),
        ),
        layout=TRANSFORMERS,
    ),
    Sign(
        IMAGE,
        "CLIP",
        ("class_embedding", "conv1.weight", "transformer.resblocks.0.attn.in_proj_weight", "ln_pre.weight"),
        variant=lambda names: one_of(_VIT, names.size("class_embedding", 0)),
        facts=(("width", "class_embedding", 0), ("layers", "transformer.resblocks.{}.ln_1.weight", ALL)),
        layout="OpenCLIP",
    ),
    # T5
    Sign(
        TEXT,
        "ByT5",
        ("encoder.block.0.layer.0.SelfAttention.q.weight", "encoder.final_layer_norm.weight"),
        sizes={"shared.weight": (1510, 1472)},
        variant=lambda _names: "small, of glyphs",
        facts=(("width", "encoder.final_layer_norm.weight", 0), ("vocabulary", "shared.weight", 0)),
    ),
    Sign(
        TEXT,
        "UMT5",
        (
            "encoder.block.0.layer.0.SelfAttention.q.weight",
            "encoder.block.1.layer.0.SelfAttention.relative_attention_bias.weight",
            "encoder.final_layer_norm.weight",
        ),
        variant=_t5,
        facts=(
            ("width", "encoder.final_layer_norm.weight", 0),
            ("layers", "encoder.block.{}.layer.0.layer_norm.weight", ALL),
            ("vocabulary", "shared.weight", 0),
        ),
    ),
    Sign(
        TEXT,
        "mT5",
        ("encoder.block.0.layer.0.SelfAttention.q.weight", "encoder.final_layer_norm.weight"),
        sizes={"shared.weight": (250112, None)},
        variant=_t5,
        facts=(("width", "encoder.final_layer_norm.weight", 0), ("vocabulary", "shared.weight", 0)),
    ),
    Sign(
        TEXT,
        "T5",
        (
            "encoder.block.0.layer.0.SelfAttention.q.weight",
            "encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight",
            "encoder.final_layer_norm.weight",
        ),
        variant=_t5,
        facts=(
            ("width", "encoder.final_layer_norm.weight", 0),
            ("layers", "encoder.block.{}.layer.0.layer_norm.weight", ALL),
            ("vocabulary", "shared.weight", 0),
        ),
    ),
    Sign(
        TEXT,
        "UMT5",
        ("enc.blk.0.attn_q.weight", "enc.blk.1.attn_rel_b.weight", "enc.output_norm.weight"),
        variant=_t5_of_llama_cpp,
        facts=(("width", "enc.output_norm.weight", 0), ("layers", "enc.blk.{}.attn_norm.weight", ALL)),
        layout=LLAMA_CPP,
    ),
    Sign(
        TEXT,
        "T5",
        ("enc.blk.0.attn_q.weight", "enc.blk.0.attn_rel_b.weight", "enc.output_norm.weight"),
        variant=_t5_of_llama_cpp,
        facts=(("width", "enc.output_norm.weight", 0), ("layers", "enc.blk.{}.attn_norm.weight", ALL)),
        layout=LLAMA_CPP,
    ),
    Sign(
        TEXT,
        "T5Gemma",
        ("encoder.layers.0.pre_self_attn_layernorm.weight", "encoder.embed_tokens.weight"),
        variant=lambda names: one_of({768: "b"}, names.size("encoder.norm.weight", 0)),
        facts=(("width", "encoder.norm.weight", 0), ("vocabulary", "encoder.embed_tokens.weight", 0)),
    ),
    # Language models: the norms and biases that each of them alone has.
    _llm(
        "Gemma 3",
        "layers.0.pre_feedforward_layernorm.weight",
        "layers.0.self_attn.q_norm.weight",
        variant=_gemma3,
    ),
    _llm(
        "Gemma 2",
        "layers.0.pre_feedforward_layernorm.weight",
        "layers.0.post_feedforward_layernorm.weight",
        variant=lambda names: one_of({2304: "2B", 3584: "9B", 4608: "27B"}, names.size(_WIDTH, 0)),
    ),
    _llm(
        "Qwen3",
        "layers.0.self_attn.q_norm.weight",
        variant=_qwen3,
        lacks=("layers.0.pre_feedforward_layernorm.weight",),
    ),
    _llm(
        "Qwen2.5-VL",
        "layers.0.self_attn.k_proj.bias",
        beside=("visual.blocks.0.mlp.gate_proj.weight",),
        variant=lambda names: one_of({2048: "3B", 3584: "7B"}, names.size(_WIDTH, 0)),
    ),
    _llm(
        "Qwen2-VL",
        "layers.0.self_attn.k_proj.bias",
        beside=("visual.blocks.0.mlp.fc1.weight",),
        variant=lambda names: one_of({1536: "2B", 3584: "7B"}, names.size(_WIDTH, 0)),
    ),
    _llm("Qwen2.5", "layers.0.self_attn.k_proj.bias", variant=_qwen25),
    _llm(
        "Mistral Small 3",
        sizes={_WIDTH: (5120,), "embed_tokens.weight": (131072, 5120), "layers.0.mlp.gate_proj.weight": (32768, None)},
        variant=lambda _names: "24B",
    ),
    _llm("Llama 3", sizes={"embed_tokens.weight": (128256, None)}, variant=_llama3),
    _llm("Llama 3", sizes={"embed_tokens.weight": (128320, None)}, variant=lambda _names: "8B of LLaVA"),
    _llm("language model of a kind that is not known"),
    # Sound
    Sign(
        SOUND,
        "wav2vec 2.0",
        ("wav2vec2.masked_spec_embed", "wav2vec2.feature_extractor.conv_layers.0.conv.weight"),
        variant=lambda names: one_of({768: "base", 1024: "large"}, names.size("wav2vec2.masked_spec_embed", 0)),
    ),
    Sign(
        SOUND,
        "Whisper",
        ("encoder.conv1.weight", "encoder.embed_positions.weight", "encoder.layers.0.fc1.weight"),
        variant=lambda names: one_of(
            {384: "tiny", 512: "base", 768: "small", 1024: "medium", 1280: "large"},
            names.size("encoder.layer_norm.weight", 0),
        ),
    ),
    Sign(
        IMAGE,
        "DINOv2",
        (
            "embeddings.cls_token",
            "embeddings.patch_embeddings.projection.weight",
            "encoder.layer.0.layer_scale1.lambda1",
        ),
        variant=lambda names: one_of(
            {384: "small", 768: "base", 1024: "large", 1536: "giant"}, names.size("embeddings.cls_token", 2)
        ),
        layout=TRANSFORMERS,
    ),
)
