"""Nodes of the category model/merging/model specific: two models of a family merged, with a ratio for each block."""

from typing import Final

from wftools.catalog.declare import MODEL, Float, Socket, node

CATEGORY: Final = "model/merging/model specific"


def ratios_for(*starts: str) -> dict[str, Socket]:
    """An input for each beginning of weights' names: how much of the first model they are."""
    return dict.fromkeys(starts, Float(0.0, 1.0, step=0.01, default=1.0))


def numbered(start: str, count: int, end: str = ".") -> tuple[str, ...]:
    """The beginnings of the names of some blocks: `blocks.0.`, `blocks.1.` …"""
    return tuple(f"{start}{index}{end}" for index in range(count))


def mixed(model1: MODEL, model2: MODEL, ratios: dict[str, float]) -> MODEL:
    """The merged model; a weight that no block has is taken for one of the first."""
    from wftools.diffusion.merging import mixed_by_blocks

    return mixed_by_blocks(model1, model2, ratios)


@node(
    "ModelMergeSD1",
    category=CATEGORY,
    more=ratios_for(
        "time_embed.",
        "label_emb.",
        *numbered("input_blocks.", 12),
        *numbered("middle_block.", 3),
        *numbered("output_blocks.", 12),
        "out.",
    ),
)
def model_merge_sd1(*, model1: MODEL, model2: MODEL, **ratios: float) -> MODEL:
    """Merge two models of Stable Diffusion 1."""
    return mixed(model1, model2, ratios)


@node(
    "ModelMergeSD2",
    category=CATEGORY,
    more=ratios_for(
        "time_embed.",
        "label_emb.",
        *numbered("input_blocks.", 12),
        *numbered("middle_block.", 3),
        *numbered("output_blocks.", 12),
        "out.",
    ),
)
def model_merge_sd2(*, model1: MODEL, model2: MODEL, **ratios: float) -> MODEL:
    """Merge two models of Stable Diffusion 2."""
    return mixed(model1, model2, ratios)


@node(
    "ModelMergeSDXL",
    category=CATEGORY,
    more=ratios_for(
        "time_embed.",
        "label_emb.",
        *numbered("input_blocks.", 9, end=""),
        *numbered("middle_block.", 3, end=""),
        *numbered("output_blocks.", 9, end=""),
        "out.",
    ),
)
def model_merge_sdxl(*, model1: MODEL, model2: MODEL, **ratios: float) -> MODEL:
    """Merge two models of Stable Diffusion XL."""
    return mixed(model1, model2, ratios)


@node(
    "ModelMergeSD3_2B",
    category=CATEGORY,
    more=ratios_for(
        "pos_embed.",
        "x_embedder.",
        "context_embedder.",
        "y_embedder.",
        "t_embedder.",
        *numbered("joint_blocks.", 24),
        "final_layer.",
    ),
)
def model_merge_sd3_2b(*, model1: MODEL, model2: MODEL, **ratios: float) -> MODEL:
    """Merge two models of Stable Diffusion 3 (medium)."""
    return mixed(model1, model2, ratios)


@node(
    "ModelMergeSD35_Large",
    category=CATEGORY,
    more=ratios_for(
        "pos_embed.",
        "x_embedder.",
        "context_embedder.",
        "y_embedder.",
        "t_embedder.",
        *numbered("joint_blocks.", 38),
        "final_layer.",
    ),
)
def model_merge_sd35_large(*, model1: MODEL, model2: MODEL, **ratios: float) -> MODEL:
    """Merge two models of Stable Diffusion 3.5 (large)."""
    return mixed(model1, model2, ratios)


@node(
    "ModelMergeAuraflow",
    category=CATEGORY,
    more=ratios_for(
        "init_x_linear.",
        "positional_encoding",
        "cond_seq_linear.",
        "register_tokens",
        "t_embedder.",
        *numbered("double_layers.", 4),
        *numbered("single_layers.", 32),
        "modF.",
        "final_linear.",
    ),
)
def model_merge_auraflow(*, model1: MODEL, model2: MODEL, **ratios: float) -> MODEL:
    """Merge two models of AuraFlow."""
    return mixed(model1, model2, ratios)


@node(
    "ModelMergeFlux1",
    category=CATEGORY,
    more=ratios_for(
        "img_in.",
        "time_in.",
        "guidance_in",
        "vector_in.",
        "txt_in.",
        *numbered("double_blocks.", 19),
        *numbered("single_blocks.", 38),
        "final_layer.",
    ),
)
def model_merge_flux1(*, model1: MODEL, model2: MODEL, **ratios: float) -> MODEL:
    """Merge two models of Flux.1."""
    return mixed(model1, model2, ratios)


@node(
    "ModelMergeMochiPreview",
    category=CATEGORY,
    more=ratios_for(
        "pos_frequencies.", "t_embedder.", "t5_y_embedder.", "t5_yproj.", *numbered("blocks.", 48), "final_layer."
    ),
)
def model_merge_mochipreview(*, model1: MODEL, model2: MODEL, **ratios: float) -> MODEL:
    """Merge two models of Mochi."""
    return mixed(model1, model2, ratios)


@node(
    "ModelMergeLTXV",
    category=CATEGORY,
    more=ratios_for(
        "patchify_proj.",
        "adaln_single.",
        "caption_projection.",
        *numbered("transformer_blocks.", 28),
        "scale_shift_table",
        "proj_out.",
    ),
)
def model_merge_ltxv(*, model1: MODEL, model2: MODEL, **ratios: float) -> MODEL:
    """Merge two models of LTX-Video."""
    return mixed(model1, model2, ratios)


@node(
    "ModelMergeCosmos7B",
    category=CATEGORY,
    more=ratios_for(
        "pos_embedder.",
        "extra_pos_embedder.",
        "x_embedder.",
        "t_embedder.",
        "affline_norm.",
        *numbered("blocks.block", 28),
        "final_layer.",
    ),
)
def model_merge_cosmos7b(*, model1: MODEL, model2: MODEL, **ratios: float) -> MODEL:
    """Merge two models of Cosmos 7B."""
    return mixed(model1, model2, ratios)


@node(
    "ModelMergeCosmos14B",
    category=CATEGORY,
    more=ratios_for(
        "pos_embedder.",
        "extra_pos_embedder.",
        "x_embedder.",
        "t_embedder.",
        "affline_norm.",
        *numbered("blocks.block", 36),
        "final_layer.",
    ),
)
def model_merge_cosmos14b(*, model1: MODEL, model2: MODEL, **ratios: float) -> MODEL:
    """Merge two models of Cosmos 14B."""
    return mixed(model1, model2, ratios)


@node(
    "ModelMergeCosmosPredict2_2B",
    category=CATEGORY,
    more=ratios_for(
        "pos_embedder.", "x_embedder.", "t_embedder.", "t_embedding_norm.", *numbered("blocks.", 28), "final_layer."
    ),
)
def model_merge_cosmospredict2_2b(*, model1: MODEL, model2: MODEL, **ratios: float) -> MODEL:
    """Merge two models of Cosmos Predict2 2B."""
    return mixed(model1, model2, ratios)


@node(
    "ModelMergeCosmosPredict2_14B",
    category=CATEGORY,
    more=ratios_for(
        "pos_embedder.", "x_embedder.", "t_embedder.", "t_embedding_norm.", *numbered("blocks.", 36), "final_layer."
    ),
)
def model_merge_cosmospredict2_14b(*, model1: MODEL, model2: MODEL, **ratios: float) -> MODEL:
    """Merge two models of Cosmos Predict2 14B."""
    return mixed(model1, model2, ratios)


@node(
    "ModelMergeWAN2_1",
    category=CATEGORY,
    more=ratios_for(
        "patch_embedding.",
        "time_embedding.",
        "time_projection.",
        "text_embedding.",
        "img_emb.",
        *numbered("blocks.", 40),
        "head.",
    ),
)
def model_merge_wan2_1(*, model1: MODEL, model2: MODEL, **ratios: float) -> MODEL:
    """Merge two models of Wan 2.1."""
    return mixed(model1, model2, ratios)


@node(
    "ModelMergeQwenImage",
    category=CATEGORY,
    more=ratios_for(
        "pos_embeds.",
        "img_in.",
        "txt_norm.",
        "txt_in.",
        "time_text_embed.",
        *numbered("transformer_blocks.", 60),
        "proj_out.",
    ),
)
def model_merge_qwenimage(*, model1: MODEL, model2: MODEL, **ratios: float) -> MODEL:
    """Merge two models of Qwen-Image."""
    return mixed(model1, model2, ratios)


@node(
    "ModelMergeKrea2",
    category=CATEGORY,
    more=ratios_for(
        "first.",
        "tmlp.",
        "txtmlp.",
        "tproj.",
        *numbered("txtfusion.layerwise_blocks.", 2),
        "txtfusion.projector.",
        *numbered("txtfusion.refiner_blocks.", 2),
        *numbered("blocks.", 28),
        "last.",
    ),
)
def model_merge_krea2(*, model1: MODEL, model2: MODEL, **ratios: float) -> MODEL:
    """Merge two models of Krea 2."""
    return mixed(model1, model2, ratios)
