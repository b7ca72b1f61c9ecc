"""Networks that look at pictures and videos: depth, what is where, motion."""

from __future__ import annotations

from typing import Final

from wftools.weights.inspecting.signs import Sign

VISION: Final = (
    Sign("depth estimator", "MoGe 1", ("image_mean", "backbone.embeddings.cls_token", "head.output_block.0.0.weight")),
    Sign(
        "depth estimator",
        "MoGe 2",
        ("encoder.image_mean", "neck.input_blocks.0.weight", "points_head.input_blocks.0.weight"),
    ),
    Sign(
        "depth estimator",
        "Depth Anything 3",
        ("backbone.embeddings.cls_token", "head.scratch.refinenet1.out_conv.weight", "head.resize_layers.0.weight"),
    ),
    Sign(
        "segmentation",
        "SAM 3",
        (
            "detector.backbone.vision_backbone.trunk.pos_embed",
            "detector.transformer.encoder.layers.0.self_attn.in_proj_weight",
        ),
    ),
    Sign("background remover", "BiRefNet", ("bb.patch_embed.proj.weight", "squeeze_module.0.dec_att.aspp1.bn.weight")),
    Sign("object detector", "RT-DETR 4", ("backbone.stem.stem1.conv.weight", "decoder.decoder.reg_scale")),
    Sign("frame interpolation", "RIFE", ("encode.cnn0.weight", "block0.convblock.0.beta", "block0.lastconv.0.weight")),
    Sign(
        "frame interpolation", "RIFE", ("encode.cnn0.weight", "blocks.0.convblock.0.beta", "blocks.0.lastconv.0.weight")
    ),
    Sign("frame interpolation", "FILM", ("extract.extract_sublevels.convs.0.0.conv.weight", "fuse.output_conv.weight")),
    Sign(
        "optical flow",
        "RAFT",
        (
            "feature_encoder.convnormrelu.0.weight",
            "context_encoder.convnormrelu.0.weight",
            "update_block.motion_encoder.convcorr1.0.weight",
        ),
    ),
)
