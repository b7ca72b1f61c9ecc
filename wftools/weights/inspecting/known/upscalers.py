"""Networks that make pictures larger, or faces better. ESRGAN and its compact network are found by our own loaders."""

from __future__ import annotations

import math
from typing import Final

from wftools.weights.inspecting.signs import ALL, Names, Sign

KIND: Final = "upscaler"
FACES: Final = "face restorer"


def _by_shuffles(names: Names) -> str:
    """The scale of a network that ends in steps of convolution and pixel shuffle: each makes 4 or 9 pixels of one."""
    scale = 1
    for step in ("upsample.0", "upsample.2", "upsample.4"):
        out, into = names.size(f"{step}.weight", 0), names.size(f"{step}.weight", 1)
        if into and out % into == 0:
            scale *= math.isqrt(out // into)
    return f"x{scale}" if scale > 1 else ""


def _of_colours(names: Names, last: str) -> str:
    """The scale of a network whose last convolution gives all pixels of a cell, in three colours."""
    pixels, rest = divmod(names.size(last, 0), 3)
    scale = math.isqrt(pixels)
    return f"x{scale}" if not rest and scale > 1 and scale**2 == pixels else ""


def _plksr(names: Names) -> str:
    blocks = names.count("feats.{}.channel_mixer.0.weight") or 28
    return _of_colours(names, f"feats.{blocks + 1}.weight")


UPSCALERS: Final = (
    Sign(
        KIND,
        "HAT",
        ("conv_first.weight", "layers.0.residual_group.overlap_attn.relative_position_bias_table"),
        variant=_by_shuffles,
        facts=(("width", "conv_first.weight", 0), ("groups", "layers.{}.conv.weight", ALL)),
    ),
    Sign(
        KIND,
        "DAT",
        ("conv_first.weight", "before_RG.1.weight", "layers.0.blocks.0.norm1.weight"),
        variant=_by_shuffles,
        facts=(("width", "conv_first.weight", 0),),
    ),
    Sign(
        KIND,
        "Swin2SR",
        ("conv_first.weight", "layers.0.residual_group.blocks.0.attn.logit_scale"),
        variant=_by_shuffles,
        facts=(("width", "conv_first.weight", 0),),
    ),
    Sign(
        KIND,
        "SwinIR",
        ("conv_first.weight", "layers.0.residual_group.blocks.0.attn.relative_position_bias_table", "norm.weight"),
        variant=lambda names: _by_shuffles(names) or ("x4" if "conv_up2.weight" in names else ""),
        facts=(("width", "conv_first.weight", 0),),
    ),
    Sign(
        KIND,
        "SPAN",
        ("conv_1.eval_conv.weight", "block_1.c1_r.eval_conv.weight", "upsampler.0.weight"),
        variant=lambda names: _of_colours(names, "upsampler.0.weight"),
    ),
    Sign(
        KIND,
        "RealPLKSR",
        ("feats.0.weight", "feats.1.channel_mixer.0.weight", "feats.1.lk.conv.weight"),
        variant=_plksr,
    ),
    Sign(
        KIND,
        "OmniSR",
        ("input.weight", "residual_layer.0.residual_layer.0.layer.0.fn.0.weight", "up.0.weight"),
        variant=lambda names: _of_colours(names, "up.0.weight"),
    ),
    Sign(FACES, "GFPGAN", ("stylegan_decoder.style_mlp.1.weight", "stylegan_decoder.constant_input.weight")),
    Sign(FACES, "CodeFormer", ("position_emb", "quantize.embedding.weight", "idx_pred_layer.1.weight")),
    Sign("restorer of pictures", "SCUNet", ("m_head.0.weight", "m_tail.0.weight", "m_body.0.trans_block.mlp.0.weight")),
    Sign(
        "restorer of pictures", "LaMa", ("generator.model.1.bn_l.running_mean", "generator.model.1.ffc.convl2l.weight")
    ),
)
