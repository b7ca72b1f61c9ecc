"""Autoencoders of pictures, videos, sound and things; Stable Diffusion's kind is told by its latents' channels."""

from __future__ import annotations

from typing import Final

from wftools.weights.inspecting.signs import DIFFUSERS, Names, Sign, one_of

KIND: Final = "VAE"
SHARED: Final = "of SD1, SD2 or SDXL"  # whose autoencoders have one form


def _of_pictures(names: Names) -> str:
    return _by_channels(names, names.size("decoder.conv_in.weight", 1))


def _by_channels(names: Names, channels: int) -> str:
    """Whose it is as far as shapes tell: SD1, SD2 and SDXL have one form."""
    if "decoder.mid.block_1.time_stack.in_layers.2.weight" in names:
        return "of SVD"
    levels = names.count("encoder.down.{}.block.0.norm1.weight") or names.count(
        "encoder.down_blocks.{}.resnets.0.norm1.weight"
    )
    if channels == 4 and levels not in {0, 4}:
        return one_of({3: "of the upscaler x4"}, levels)
    if channels == 16 and ("quant_conv.weight" in names or "post_quant_conv.weight" in names):
        return ""
    return one_of({4: SHARED, 16: "of SD3, Flux.1 and others"}, channels)


AUTOENCODERS: Final = (
    Sign(
        KIND,
        "autoencoder",
        ("decoder.conv_in.weight", "decoder.mid.block_1.conv1.weight", "bn.running_mean"),
        sizes={"decoder.conv_in.weight": (None, 32, None, None)},
        variant=lambda _names: "of Flux.2",
        facts=(("latent channels", "decoder.conv_in.weight", 1),),
    ),
    Sign(
        KIND,
        "autoencoder with a codebook (VQ)",
        ("decoder.mid.block_1.conv1.weight", "decoder.norm_out.weight", "quantize.embedding.weight"),
        facts=(("codes", "quantize.embedding.weight", 0), ("latent channels", "quantize.embedding.weight", 1)),
    ),
    Sign(
        KIND,
        "autoencoder",
        ("decoder.mid.block_1.conv1.weight", "decoder.norm_out.weight"),
        sizes={"decoder.conv_in.weight": (None, None, None, None)},
        variant=_of_pictures,
        facts=(("latent channels", "decoder.conv_in.weight", 1), ("width", "decoder.norm_out.weight", 0)),
    ),
    Sign(
        KIND,
        "autoencoder",
        ("decoder.mid_block.resnets.0.conv1.weight", "decoder.conv_norm_out.weight"),
        sizes={"decoder.conv_in.weight": (None, None, None, None)},
        variant=_of_pictures,
        facts=(("latent channels", "decoder.conv_in.weight", 1), ("width", "decoder.conv_norm_out.weight", 0)),
        layout=DIFFUSERS,
    ),
    Sign(
        KIND,
        "autoencoder of videos",
        ("decoder.middle.0.residual.0.gamma", "decoder.upsamples.0.upsamples.0.residual.2.weight", "conv2.weight"),
        variant=lambda _names: "of Wan 2.2 5B",
        facts=(("latent channels", "conv2.weight", 0),),
    ),
    Sign(
        KIND,
        "autoencoder of videos",
        ("decoder.middle.0.residual.0.gamma", "decoder.head.0.gamma", "conv2.weight"),
        variant=lambda names: one_of(
            {3: "of Wan 2.1 and Qwen-Image", 4: "of Qwen-Image Layered"}, names.size("encoder.conv1.weight", 1)
        ),
        facts=(("latent channels", "conv2.weight", 0), ("width", "decoder.head.0.gamma", 0)),
    ),
    Sign(
        KIND,
        "autoencoder of videos",
        ("decoder.mid.block_1.conv1.conv.weight", "decoder.norm_out.gamma", "decoder.mid.block_1.norm1.gamma"),
        sizes={"decoder.conv_in.conv.weight": (None, 32, None, None, None)},
        variant=lambda _names: "of HunyuanVideo 1.5",
        facts=(("latent channels", "decoder.conv_in.conv.weight", 1),),
    ),
    Sign(
        KIND,
        "autoencoder of videos",
        ("decoder.mid.block_1.conv1.conv.weight", "decoder.norm_out.weight"),
        sizes={"decoder.conv_in.conv.weight": (None, 16, None, None, None)},
        variant=lambda _names: "of HunyuanVideo",
        facts=(("latent channels", "decoder.conv_in.conv.weight", 1),),
    ),
    Sign(
        KIND,
        "autoencoder of videos",
        ("per_channel_statistics.mean-of-means", "decoder.conv_in.conv.weight"),
        sizes={"decoder.conv_in.conv.weight": (None, 128, None, None, None)},
        variant=lambda _names: "of LTX",
        facts=(("latent channels", "decoder.conv_in.conv.weight", 1),),
    ),
    Sign(
        KIND,
        "autoencoder of sound",
        ("per_channel_statistics.mean-of-means", "decoder.conv_in.conv.weight"),
        sizes={"decoder.conv_in.conv.weight": (None, None, None, None)},
        variant=lambda _names: "of LTX-2",
        facts=(("latent channels", "decoder.conv_in.conv.weight", 1),),
    ),
    Sign(
        KIND,
        "autoencoder of sound",
        ("vocoder.backbone.channel_layers.0.0.bias",),
        variant=lambda _names: "of ACE-Step 1",
    ),
    Sign(
        KIND,
        "autoencoder of sound",
        ("decoder.layers.1.layers.0.beta", "encoder.layers.0.parametrizations.weight.original1"),
        variant=lambda _names: "Oobleck",
        facts=(("channels", "encoder.layers.0.parametrizations.weight.original1", 1),),
    ),
    Sign(
        KIND,
        "autoencoder of sound",
        ("encoder.layers.0.new_tokens", "encoder.layers.0.transformers.0.pre_norm.gamma"),
        variant=lambda _names: "of Stable Audio 3",
    ),
    Sign(
        KIND,
        "autoencoder of things",
        ("geo_decoder.cross_attn_decoder.ln_1.bias",),
        variant=lambda _names: "of Hunyuan3D 2",
    ),
    Sign(
        KIND, "autoencoder of videos", ("decoder.blocks.2.blocks.3.stack.5.weight",), variant=lambda _names: "of Mochi"
    ),
    Sign(KIND, "autoencoder of videos", ("decoder.unpatcher3d.wavelets",), variant=lambda _names: "of Cosmos"),
    Sign(
        KIND,
        "autoencoder",
        ("vquantizer.codebook.weight", "in_block.1.weight"),
        variant=lambda _names: "of Stable Cascade, stage A",
    ),
    Sign(
        KIND,
        "small autoencoder (TAESD)",
        ("1.conv.0.weight", "14.weight"),
        lacks=("15.weight", "model.0.weight"),
        sizes={"0.weight": (None, 3, 3, 3), "1.conv.0.weight": (None, None, 3, 3)},
        variant=lambda _names: "encoder",
        facts=(("latent channels", "14.weight", 0),),
    ),
    Sign(
        KIND,
        "small autoencoder (TAESD)",
        ("3.conv.0.weight", "19.weight"),
        sizes={"1.weight": (None, None, 3, 3), "19.weight": (3, None, 3, 3)},
        variant=lambda _names: "decoder",
        facts=(("latent channels", "1.weight", 1),),
    ),
    Sign(
        KIND,
        "small autoencoder (TAESD)",
        ("taesd_decoder.1.weight", "taesd_encoder.0.weight"),
        facts=(("latent channels", "taesd_decoder.1.weight", 1),),
    ),
    Sign(
        "vocoder",
        "vocoder",
        ("conv_pre.weight", "conv_post.weight", "ups.0.weight"),
        variant=lambda _names: "of LTX-2",
    ),
)
