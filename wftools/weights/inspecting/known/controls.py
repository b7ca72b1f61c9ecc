"""What steers another network: control networks, adapters that are no LoRA, patches and what trainers add to UNets."""

from __future__ import annotations

from typing import Final

from wftools.weights.inspecting.signs import ALL, DIFFUSERS, Names, Sign, one_of

CONTROLNET: Final = "ControlNet"
PATCH: Final = "model patch"

OF_CONTEXT: Final = {
    768: "for SD1",
    1024: "for SD2",
    2048: "for SDXL",
}


def _controlnet(names: Names) -> str:
    """What a control network of a UNet is for, by the width of the text that it sees."""
    found = next(
        (
            names.size(f"{block}.transformer_blocks.0.attn2.to_k.weight", 1)
            for block in (
                "input_blocks.1.1",
                "input_blocks.4.1",
                "down_blocks.0.attentions.0",
                "down_blocks.1.attentions.0",
            )
            if f"{block}.transformer_blocks.0.attn2.to_k.weight" in names
        ),
        0,
    )
    has_tasks = "task_embedding" in names or "task_embedding.weight" in names
    return ", ".join(part for part in (one_of(OF_CONTEXT, found), "union" if has_tasks else "") if part)


def _ip_adapter(names: Names) -> str:
    context = names.size("ip_adapter.1.to_k_ip.weight", 1)
    kinds = {
        "image_proj.perceiver_resampler.proj_in.weight": "FaceID Plus",
        "image_proj.latents": "Plus",
        "image_proj.proj.0.weight": "with a projection of layers",
        "image_proj.proj.weight": "",
    }
    kind = next((text for name, text in kinds.items() if name in names), "")
    return f"{kind} {one_of(OF_CONTEXT, context)}".strip()


def _motion(names: Names) -> str:
    widths = tuple(
        names.size(f"down_blocks.{level}.motion_modules.0.temporal_transformer.norm.weight", 0) for level in range(4)
    )
    if widths == (320, 640, 1280, 0):
        return "for SDXL"
    if widths != (320, 640, 1280, 1280):
        return ""
    has_middle = "mid_block.motion_modules.0.temporal_transformer.norm.weight" in names
    return f"for SD1, version {'2' if has_middle else '1 or 3'}"


CONTROLS: Final = (
    Sign(
        CONTROLNET,
        "of XLabs",
        ("controlnet_blocks.0.weight", "double_blocks.0.img_attn.qkv.weight", "input_hint_block.0.weight"),
        variant=lambda _names: "for Flux.1",
        facts=(("blocks", "controlnet_blocks.{}.weight", ALL),),
    ),
    Sign(
        CONTROLNET,
        "of InstantX",
        (
            "controlnet_x_embedder.weight",
            "controlnet_blocks.0.weight",
            "transformer_blocks.0.norm1_context.linear.weight",
            "time_text_embed.text_embedder.linear_1.bias",
        ),
        variant=lambda names: f"for Flux.1{', union' if 'controlnet_mode_embedder.weight' in names else ''}",
        facts=(("blocks", "controlnet_blocks.{}.weight", ALL), ("input channels", "controlnet_x_embedder.weight", 1)),
    ),
    Sign(
        CONTROLNET,
        "of InstantX",
        (
            "controlnet_x_embedder.weight",
            "controlnet_blocks.0.weight",
            "transformer_blocks.0.img_mlp.net.0.proj.weight",
        ),
        variant=lambda names: (
            f"for Qwen-Image{', inpainting' if names.size('controlnet_x_embedder.weight', 1) == 68 else ''}"
        ),
        facts=(("blocks", "controlnet_blocks.{}.weight", ALL), ("input channels", "controlnet_x_embedder.weight", 1)),
    ),
    Sign(
        CONTROLNET,
        "Fun",
        ("control_blocks.0.after_proj.weight", "control_img_in.weight"),
        variant=lambda _names: "for Qwen-Image",
        facts=(("blocks", "control_blocks.{}.after_proj.weight", ALL),),
    ),
    Sign(
        CONTROLNET,
        "of Stability AI",
        ("controlnet_blocks.0.weight", "pos_embed_input.proj.weight", "transformer_blocks.0.adaLN_modulation.1.bias"),
        variant=lambda _names: "for SD3.5",
        facts=(("width", "pos_embed_input.proj.bias", 0), ("blocks", "controlnet_blocks.{}.weight", ALL)),
    ),
    Sign(
        CONTROLNET,
        "of InstantX",
        ("controlnet_blocks.0.weight", "pos_embed_input.proj.weight", "transformer_blocks.0.attn.add_q_proj.weight"),
        variant=lambda _names: "for SD3",
        facts=(("width", "pos_embed_input.proj.bias", 0), ("blocks", "controlnet_blocks.{}.weight", ALL)),
    ),
    Sign(
        CONTROLNET,
        "ControlNet",
        ("zero_convs.0.0.weight", "input_hint_block.0.weight", "input_blocks.0.0.weight"),
        variant=_controlnet,
        facts=(("width", "input_blocks.0.0.bias", 0), ("hint channels", "input_hint_block.0.weight", 1)),
    ),
    Sign(
        CONTROLNET,
        "ControlNet",
        ("controlnet_cond_embedding.conv_in.weight", "controlnet_down_blocks.0.weight", "conv_in.weight"),
        variant=_controlnet,
        facts=(("width", "conv_in.bias", 0), ("hint channels", "controlnet_cond_embedding.conv_in.weight", 1)),
        layout=DIFFUSERS,
    ),
    Sign(
        CONTROLNET,
        "Control-LoRA",
        ("lora_controlnet", "input_hint_block.0.weight"),
    ),
    Sign(
        PATCH,
        "control layers",
        ("control_all_x_embedder.2-1.weight", "control_layers.0.after_proj.weight"),
        variant=lambda _names: "for Z-Image",
        facts=(("layers", "control_layers.{}.after_proj.weight", ALL),),
    ),
    Sign(
        PATCH,
        "control blocks of DiffSynth",
        ("controlnet_blocks.0.y_rms.weight", "img_in.weight"),
        variant=lambda names: f"for Qwen-Image{', inpainting' if names.size('img_in.weight', 1) == 68 else ''}",
        facts=(("blocks", "controlnet_blocks.{}.y_rms.weight", ALL),),
    ),
    Sign(
        PATCH,
        "USO, style of a picture",
        ("feature_embedder.mid_layer_norm.bias", "feature_embedder.high_projection.weight"),
        variant=lambda _names: "for Flux.1",
    ),
    Sign(
        PATCH,
        "InfiniteTalk, speech",
        ("audio_proj.proj1.weight", "blocks.0.audio_cross_attn.q_linear.weight"),
        lacks=("head.modulation",),
        variant=lambda _names: "for Wan 2.1",
        facts=(("blocks", "blocks.{}.audio_cross_attn.q_linear.weight", ALL),),
    ),
    Sign(
        "T2I-Adapter",
        "T2I-Adapter",
        ("conv_in.weight", "body.0.block1.weight", "body.0.block2.weight"),
        sizes={"body.0.block1.weight": (None, None, 3, 3)},
        variant=lambda names: one_of(
            {64: "for SD1", 192: "for SD1", 256: "for SDXL", 768: "for SDXL"},
            names.size("conv_in.weight", 1),
        ),
        facts=(("input channels", "conv_in.weight", 1),),
    ),
    Sign(
        "T2I-Adapter",
        "T2I-Adapter",
        ("adapter.body.0.resnets.0.block1.weight", "adapter.conv_in.weight"),
        variant=lambda names: one_of(
            {64: "for SD1", 192: "for SD1", 256: "for SDXL", 768: "for SDXL"},
            names.size("adapter.conv_in.weight", 1),
        ),
        facts=(("input channels", "adapter.conv_in.weight", 1),),
        layout=DIFFUSERS,
    ),
    Sign(
        "T2I-Adapter",
        "light T2I-Adapter",
        ("body.0.out_conv.weight", "body.0.in_conv.weight", "body.0.body.0.block1.weight"),
        variant=lambda _names: "for SD1",
        facts=(("input channels", "body.0.in_conv.weight", 1),),
    ),
    Sign(
        "style model",
        "Redux",
        ("redux_down.weight", "redux_up.weight"),
        variant=lambda _names: "for Flux.1",
        facts=(("text width", "redux_down.bias", 0),),
    ),
    Sign(
        "style model",
        "style adapter of T2I-Adapter",
        ("style_embedding", "proj", "transformer_layes.0.attn.in_proj_weight"),
        variant=lambda names: one_of({768: "for SD1"}, names.size("proj", 1)),
    ),
    Sign(
        "GLIGEN",
        "GLIGEN",
        ("position_net.null_positive_feature", "position_net.linears.0.weight"),
        variant=lambda names: one_of({768: "for SD1"}, names.size("position_net.null_positive_feature", 0)),
        facts=(("text width", "position_net.null_positive_feature", 0),),
    ),
    Sign(
        "PhotoMaker",
        "PhotoMaker",
        ("fuse_module.layer_norm.weight", "visual_projection_2.weight"),
        variant=lambda names: "2" if "qformer_perceiver.token_proj.0.weight" in names else "1",
    ),
    Sign(
        "IP-Adapter",
        "IP-Adapter",
        ("ip_adapter.1.to_k_ip.weight", "ip_adapter.1.to_v_ip.weight"),
        variant=_ip_adapter,
    ),
    Sign(
        "IP-Adapter",
        "IP-Adapter of XLabs",
        ("ip_adapter_proj_model.proj.weight", "double_blocks.0.processor.ip_adapter_double_stream_k_proj.weight"),
        variant=lambda _names: "for Flux.1",
    ),
    Sign(
        "motion module",
        "AnimateDiff",
        ("down_blocks.0.motion_modules.0.temporal_transformer.norm.weight",),
        lacks=("conv_in.weight", "input_blocks.0.0.weight"),
        variant=_motion,
    ),
    Sign(
        "latent upscaler",
        "latent upscaler",
        (
            "initial_conv.weight",
            "res_blocks.0.conv1.weight",
            "post_upsample_res_blocks.0.conv1.weight",
            "final_conv.weight",
        ),
        variant=lambda _names: "of LTX",
        facts=(("latent channels", "final_conv.bias", 0),),
    ),
    Sign(
        "latent upscaler",
        "latent upscaler",
        ("in_conv.conv.weight", "blocks.0.block.0.conv.weight", "out_conv.conv.weight"),
        variant=lambda _names: "of HunyuanVideo 1.5, 720p",
        facts=(("latent channels", "out_conv.conv.bias", 0),),
    ),
    Sign(
        "latent upscaler",
        "latent upscaler",
        ("conv_in.conv.weight", "up.0.block.0.norm1.gamma", "norm_out.gamma", "conv_out.conv.weight"),
        variant=lambda _names: "of HunyuanVideo 1.5, 1080p",
        facts=(("latent channels", "conv_out.conv.bias", 0),),
    ),
    Sign("latent", "latent", ("latent_tensor",)),
)
