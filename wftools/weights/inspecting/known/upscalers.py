"""Networks that make pictures larger, or faces better. ESRGAN and its compact network are found by our own loaders."""

from __future__ import annotations

import math
from typing import Any, Final

from wftools.weights.inspecting.signs import Names, Sign

KIND: Final = "upscaler"
FACES: Final = "face restorer"
RESTORER: Final = "restorer of pictures"


def _by_shuffles(names: Names) -> str:
    """The scale of a network that ends in steps of convolution and pixel shuffle: each makes 4 or 9 pixels of one."""
    scale = 1
    for step in ("upsample.0", "upsample.2", "upsample.4"):
        out, into = names.size(f"{step}.weight", 0), names.size(f"{step}.weight", 1)
        if into and out % into == 0:
            scale *= math.isqrt(out // into)
    return f"x{scale}" if scale > 1 else _of_colours(names, "upsample.0.weight")


def _of_colours(names: Names, last: str) -> str:
    """The scale of a network whose last convolution gives all pixels of a cell, in three colours."""
    pixels, rest = divmod(names.size(last, 0), 3)
    scale = math.isqrt(pixels)
    return f"x{scale}" if not rest and scale > 1 and scale**2 == pixels else ""


def _plksr(names: Names) -> str:
    """The scale by the convolution behind the last block, between which a dropout may stand."""
    blocks = 1
    while f"feats.{blocks}.lk.conv.weight" in names:
        blocks += 1
    return next((scale for n in (0, 1) if (scale := _of_colours(names, f"feats.{blocks + n}.weight"))), "")


def _swinir(names: Names) -> str:
    return _by_shuffles(names) or ("x4" if "conv_up2.weight" in names else "")


def _upscaler(name: str, *needs: str, **options: Any) -> Sign:
    return Sign(KIND, name, needs, **{"variant": _by_shuffles, **options})


UPSCALERS: Final = (
    _upscaler("HAT", "conv_first.weight", "layers.0.residual_group.overlap_attn.relative_position_bias_table"),
    _upscaler("RGT", "conv_first.weight", "before_RG.1.weight", "layers.0.blocks.0.gamma"),
    _upscaler("DAT", "conv_first.weight", "before_RG.1.weight", "layers.0.blocks.0.attn.channel_interaction.1.weight"),
    _upscaler("ATD", "conv_first.weight", "layers.0.residual_group.layers.0.attn_atd.scale"),
    _upscaler(
        "DRCT", "conv_first.weight", "layers.0.swin1.attn.relative_position_bias_table", "layers.0.adjust1.weight"
    ),
    _upscaler("GRL", "conv_first.weight", "norm_start.weight", "layers.0.blocks.0.attn.anchor.body.0.reduction.weight"),
    _upscaler("CRAFT", "conv_first.weight", "layers.0.residual_group.srwa_blocks.0.norm1.weight"),
    _upscaler("Swin2SR", "conv_first.weight", "layers.0.residual_group.blocks.0.attn.logit_scale"),
    _upscaler(
        "SwinIR",
        "conv_first.weight",
        "layers.0.residual_group.blocks.0.attn.relative_position_bias_table",
        "norm.weight",
        variant=_swinir,
    ),
    _upscaler(
        "SPAN",
        "conv_1.eval_conv.weight",
        "block_1.c1_r.eval_conv.weight",
        "upsampler.0.weight",
        variant=lambda names: _of_colours(names, "upsampler.0.weight"),
    ),
    _upscaler(
        "RealPLKSR", "feats.0.weight", "feats.1.channel_mixer.0.weight", "feats.1.lk.conv.weight", variant=_plksr
    ),
    _upscaler("PLKSR", "feats.0.weight", "feats.1.channe_mixer.0.weight", "feats.1.lk.conv.weight", variant=_plksr),
    _upscaler(
        "MoSR",
        "gblocks.0.weight",
        "gblocks.1.fc1.weight",
        "shortcut.conv11.weight",
        variant=lambda names: _of_colours(names, "upsampler.0.weight"),
    ),
    _upscaler(
        "OmniSR",
        "input.weight",
        "residual_layer.0.residual_layer.0.layer.0.fn.0.weight",
        "up.0.weight",
        variant=lambda names: _of_colours(names, "up.0.weight"),
    ),
    _upscaler("RCAN", "head.0.weight", "body.0.body.0.body.3.conv_du.0.weight", variant=lambda _names: ""),
    _upscaler("Real-CUGAN", "unet1.conv1.conv.0.weight", "unet2.conv2.seblock.conv1.weight", variant=lambda _names: ""),
    Sign(FACES, "GFPGAN", ("stylegan_decoder.style_mlp.1.weight", "stylegan_decoder.constant_input.weight")),
    Sign(FACES, "CodeFormer", ("position_emb", "quantize.embedding.weight", "idx_pred_layer.1.weight")),
    Sign(FACES, "RestoreFormer", ("encoder.down.5.attn.0.norm2.weight", "quantize.embedding.weight")),
    Sign(RESTORER, "SCUNet", ("m_head.0.weight", "m_tail.0.weight", "m_body.0.trans_block.mlp.0.weight")),
    Sign(RESTORER, "FBCNN", ("m_head.weight", "m_down1.0.res.0.weight", "m_body_encoder.0.res.0.weight")),
    Sign(RESTORER, "DRUNet", ("m_head.weight", "m_down1.0.res.0.weight", "m_body.0.res.0.weight")),
    Sign(
        RESTORER,
        "NAFNet",
        ("intro.weight", "ending.weight", "middle_blks.0.sca.1.weight", "middle_blks.0.conv5.weight"),
        lacks=("middle_blks.0.w",),
    ),
    Sign(RESTORER, "LaMa", ("generator.model.1.bn_l.running_mean", "generator.model.1.ffc.convl2l.weight")),
    Sign(RESTORER, "LaMa", ("model.model.1.bn_l.running_mean", "model.model.1.ffc.convl2l.weight")),
)
