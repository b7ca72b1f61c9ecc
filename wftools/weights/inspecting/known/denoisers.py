"""Networks that denoise, by the names of their own publications; under diffusers' names where those are others.

The UNets of Stable Diffusion are one sign here: which family one is of say `weights.families`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wftools.weights.inspecting.signs import ALL, DIFFUSERS, Names, Sign, one_of

if TYPE_CHECKING:
    from collections.abc import Mapping

KIND: Final = "diffusion model"
# A module of `weights.families` -> what people call the family.
FAMILIES: Final[Mapping[str, str]] = {
    "zero123": "Zero123",
    "sd1": "SD1",
    "sd2": "SD2",
    "sd2_unclip": "SD2 unCLIP",
    "playground": "Playground 2.5",
    "cosxl": "CosXL",
    "sdxl": "SDXL",
    "sdxl_refiner": "SDXL refiner",
    "sd_x4": "SD x4 upscaler",
    "svd": "SVD",
    "sv3d_u": "SV3D u",
    "sv3d_p": "SV3D p",
}
UNET: Final = "UNet of Stable Diffusion"  # the name of the sign that `weights.families` says more of


def _wan(names: Names) -> str:
    size = one_of({1536: "1.3B", 3072: "5B", 5120: "14B"}, names.size("head.modulation", -1))
    return f"{_wan_task(names)} {size}".rstrip()


def _wan_task(names: Names) -> str:
    """What it is told besides the text. The shapes of a 14B that is told nothing are the same in 2.1 and 2.2."""
    sees_pictures = "img_emb.proj.0.bias" in names  # only 2.1 has an encoder of pictures
    inputs = names.size("patch_embedding.weight", 1)
    own = {
        "vace_patch_embedding.weight": "VACE",
        "control_adapter.conv.weight": "2.1 camera control" if sees_pictures else "2.2 camera control",
        "casual_audio_encoder.encoder.final_linear.weight": "2.2 speech to video",
        "audio_proj.audio_proj_glob_1.layer.bias": "2.1 HuMo",
        "face_adapter.fuser_blocks.0.k_norm.weight": "2.2 Animate",
        "patch_embedding_mask.weight": "2.1 SCAIL-2",
        "patch_embedding_pose.weight": "2.1 SCAIL",
        "img_emb.emb_pos": "2.1 first and last frame to video",
    }
    found = next((task for name, task in own.items() if name in names), None)
    if found is not None:
        return found
    if names.size("head.head.weight", 0) == 4 * 48:
        return one_of({48: "2.2 text and image to video", 100: "2.2 Fun inpainting", 148: "2.2 Fun control"}, inputs)
    if "ref_conv.weight" in names:
        return "2.2 Fun control"
    if sees_pictures:
        return one_of({36: "2.1 image to video", 48: "2.1 Fun control"}, inputs)
    if names.size("head.modulation", -1) == 1536:
        return "2.1 text to video" if inputs == 16 else ""
    return one_of({16: "2.1 or 2.2 text to video", 36: "2.2 image to video"}, inputs)


def _flux(names: Names) -> str:
    if "guidance_in.in_layer.bias" not in names:
        return "schnell"
    return one_of({64: "dev", 128: "dev, with a control picture", 384: "dev, Fill"}, names.size("img_in.weight", 1))


def _flux2(names: Names) -> str:
    if "guidance_in.in_layer.weight" in names:
        return "dev"
    return one_of({3072: "klein 4B", 4096: "klein 9B"}, names.size("img_in.weight", 0))


def _sd35(names: Names) -> str:
    has_second = "joint_blocks.0.x_block.attn2.qkv.weight" in names
    return one_of(
        {38: "large", 24: "medium" if has_second else ""}, names.count("joint_blocks.{}.x_block.attn.proj.weight")
    )


def _hunyuan_video(names: Names) -> str:
    inputs = names.size("img_in.proj.weight", 1)
    if "vision_in.proj.0.weight" in names:
        return one_of({65: "1.5", 98: "1.5 super-resolution"}, inputs)
    return one_of({16: "text to video", 32: "SkyReels image to video", 33: "image to video"}, inputs)


def _qwen_image(names: Names) -> str:
    if "time_text_embed.addition_t_embedding.weight" in names:
        return "Layered"
    return "Edit 2511" if "__index_timestep_zero__" in names else ""


def _ltx(names: Names) -> str:
    return one_of({2048: "2B", 4096: "13B"}, names.size("patchify_proj.bias", 0))


def _ltx2(names: Names) -> str:
    return "2.3" if "transformer_blocks.0.attn1.to_gate_logits.weight" in names else "2.0"


def _cosmos_predict2(names: Names) -> str:
    task = one_of({68: "text to image", 72: "video to world"}, names.size("x_embedder.proj.1.weight", 1))
    size = one_of({2048: "2B", 5120: "14B"}, names.size("t_embedding_norm.weight", 0))
    return f"{size} {task}".strip()


def _kandinsky5(names: Names) -> str:
    task = one_of({64: "image", 132: "video"}, names.size("visual_embeddings.in_layer.weight", 1))
    size = one_of({1792: "lite ", 2560: "lite ", 4096: "pro "}, names.size("visual_embeddings.in_layer.bias", 0))
    return f"{size}{task}"


_ON_FLUX: Final = ("double_blocks.0.img_attn.qkv.weight", "txt_in.weight")

DENOISERS: Final = (
    Sign(
        KIND,
        "Wan",
        ("head.modulation", "patch_embedding.weight", "blocks.0.self_attn.norm_q.weight", "text_embedding.0.weight"),
        variant=_wan,
        facts=(
            ("width", "head.modulation", -1),
            ("blocks", "blocks.{}.self_attn.norm_q.weight", ALL),
            ("input channels", "patch_embedding.weight", 1),
        ),
    ),
    Sign(
        KIND,
        "Wan",
        ("condition_embedder.time_embedder.linear_1.weight", "patch_embedding.weight", "blocks.0.attn1.to_q.weight"),
        layout=DIFFUSERS,
        facts=(("width", "patch_embedding.weight", 0), ("input channels", "patch_embedding.weight", 1)),
    ),
    Sign(
        KIND,
        "Chroma Radiance",
        ("nerf_blocks.0.norm.scale", "img_in_patch.weight", "distilled_guidance_layer.in_proj.weight"),
        facts=(("width", "img_in_patch.weight", 0),),
    ),
    Sign(
        KIND,
        "Chroma",
        (*_ON_FLUX, "img_in.weight", "distilled_guidance_layer.in_proj.weight"),
        facts=(
            ("width", "img_in.bias", 0),
            ("double blocks", "double_blocks.{}.img_attn.proj.weight", ALL),
            ("single blocks", "single_blocks.{}.linear2.weight", ALL),
        ),
    ),
    Sign(
        KIND,
        "Flux.2",
        (*_ON_FLUX, "img_in.weight", "double_stream_modulation_img.lin.weight"),
        variant=_flux2,
        facts=(
            ("width", "img_in.weight", 0),
            ("double blocks", "double_blocks.{}.img_attn.proj.weight", ALL),
            ("single blocks", "single_blocks.{}.linear2.weight", ALL),
        ),
    ),
    Sign(
        KIND,
        "Flux.1",
        (*_ON_FLUX, "img_in.weight", "vector_in.in_layer.weight", "double_blocks.0.img_mod.lin.weight"),
        lacks=("cond_in.weight", "controlnet_blocks.0.weight"),
        variant=_flux,
        facts=(
            ("width", "img_in.bias", 0),
            ("double blocks", "double_blocks.{}.img_attn.proj.weight", ALL),
            ("single blocks", "single_blocks.{}.linear2.weight", ALL),
        ),
    ),
    Sign(
        KIND,
        "Flux.1",
        (
            "transformer_blocks.0.attn.add_q_proj.weight",
            "transformer_blocks.0.norm1_context.linear.weight",
            "single_transformer_blocks.0.proj_mlp.weight",
            "context_embedder.weight",
            "x_embedder.weight",
            "time_text_embed.text_embedder.linear_1.weight",
        ),
        lacks=("controlnet_x_embedder.weight", "distilled_guidance_layer.in_proj.weight"),
        layout=DIFFUSERS,
        facts=(("width", "x_embedder.bias", 0),),
    ),
    Sign(
        KIND,
        "Hunyuan3D 2",
        ("latent_in.weight", "cond_in.weight", "double_blocks.0.img_attn.qkv.weight"),
        variant=lambda names: "turbo" if "guidance_in.in_layer.weight" in names else "",
        facts=(("width", "latent_in.bias", 0), ("double blocks", "double_blocks.{}.img_attn.proj.weight", ALL)),
    ),
    Sign(
        KIND,
        "Hunyuan3D 2.1",
        ("blocks.0.attn2.q_norm.weight", "x_embedder.weight", "final_layer.norm_final.weight"),
        facts=(("width", "x_embedder.bias", 0), ("blocks", "blocks.{}.attn1.to_q.weight", ALL)),
    ),
    Sign(
        KIND,
        "HunyuanImage 2.1",
        ("txt_in.individual_token_refiner.blocks.0.norm1.weight", "byt5_in.fc1.weight"),
        sizes={"img_in.proj.weight": (None, None, None, None)},
        facts=(("width", "img_in.proj.bias", 0),),
    ),
    Sign(
        KIND,
        "HunyuanVideo",
        ("txt_in.individual_token_refiner.blocks.0.norm1.weight",),
        sizes={"img_in.proj.weight": (None, None, None, None, None)},
        variant=_hunyuan_video,
        facts=(
            ("width", "img_in.proj.bias", 0),
            ("double blocks", "double_blocks.{}.img_attn.proj.weight", ALL),
            ("single blocks", "single_blocks.{}.linear2.weight", ALL),
            ("input channels", "img_in.proj.weight", 1),
        ),
    ),
    Sign(
        KIND,
        "FramePack",
        ("clean_x_embedder.proj.weight", "x_embedder.proj.weight", "transformer_blocks.0.attn.add_q_proj.weight"),
    ),
    Sign(
        KIND,
        "SD3.5",
        ("joint_blocks.0.context_block.attn.qkv.weight", "joint_blocks.0.x_block.attn.ln_q.weight", "pos_embed"),
        variant=_sd35,
        facts=(
            ("width", "x_embedder.proj.bias", 0),
            ("blocks", "joint_blocks.{}.x_block.attn.proj.weight", ALL),
        ),
    ),
    Sign(
        KIND,
        "SD3",
        ("joint_blocks.0.context_block.attn.qkv.weight", "pos_embed", "x_embedder.proj.weight"),
        lacks=("joint_blocks.0.x_block.attn.ln_q.weight",),
        variant=lambda names: one_of({24: "medium"}, names.count("joint_blocks.{}.x_block.attn.proj.weight")),
        facts=(
            ("width", "x_embedder.proj.bias", 0),
            ("blocks", "joint_blocks.{}.x_block.attn.proj.weight", ALL),
        ),
    ),
    Sign(
        KIND,
        "SD3",
        (
            "transformer_blocks.0.attn.add_q_proj.weight",
            "transformer_blocks.0.norm1_context.linear.weight",
            "pos_embed.pos_embed",
            "context_embedder.weight",
        ),
        lacks=("controlnet_blocks.0.weight",),
        layout=DIFFUSERS,
        facts=(("width", "pos_embed.proj.bias", 0),),
    ),
    Sign(
        KIND,
        "AuraFlow",
        ("cond_seq_linear.weight", "init_x_linear.weight", "double_layers.0.attn.w1q.weight"),
        facts=(
            ("width", "init_x_linear.bias", 0),
            ("double layers", "double_layers.{}.attn.w1q.weight", ALL),
            ("single layers", "single_layers.{}.attn.w1q.weight", ALL),
        ),
    ),
    Sign(
        KIND,
        "Sana",
        ("y_embedder.y_proj.fc1.weight", "blocks.0.cross_attn.kv_linear.weight", "blocks.0.mlp.depth_conv.conv.weight"),
        facts=(("width", "y_embedder.y_proj.fc2.bias", 0),),
    ),
    Sign(
        KIND,
        "PixArt",
        (
            "y_embedder.y_proj.fc1.weight",
            "blocks.0.cross_attn.kv_linear.weight",
            "t_block.1.weight",
            "blocks.0.mlp.fc1.weight",
        ),
        variant=lambda names: one_of({120: "alpha", 300: "Sigma"}, names.size("y_embedder.y_embedding", 0)),
        facts=(("width", "x_embedder.proj.bias", 0), ("blocks", "blocks.{}.attn.qkv.weight", ALL)),
    ),
    Sign(
        KIND,
        "PixArt",
        (
            "adaln_single.emb.timestep_embedder.linear_1.bias",
            "caption_projection.linear_1.weight",
            "pos_embed.proj.weight",
            "transformer_blocks.0.attn2.to_k.weight",
        ),
        layout=DIFFUSERS,
        facts=(("width", "pos_embed.proj.bias", 0),),
    ),
    Sign(
        KIND,
        "HunyuanDiT",
        ("mlp_t5.0.weight", "text_embedding_padding", "pooler.positional_embedding"),
        variant=lambda names: "1.0 or 1.1" if "style_embedder.weight" in names else "1.2",
        facts=(("width", "x_embedder.proj.bias", 0),),
    ),
    Sign(
        KIND,
        "LTX-2",
        (
            "adaln_single.emb.timestep_embedder.linear_1.bias",
            "patchify_proj.weight",
            "audio_adaln_single.linear.weight",
            "audio_patchify_proj.weight",
        ),
        variant=_ltx2,
        facts=(("width", "patchify_proj.bias", 0), ("blocks", "transformer_blocks.{}.attn1.q_norm.weight", ALL)),
    ),
    Sign(
        KIND,
        "LTX-Video",
        (
            "adaln_single.emb.timestep_embedder.linear_1.bias",
            "patchify_proj.weight",
            "transformer_blocks.0.attn1.q_norm.weight",
        ),
        variant=_ltx,
        facts=(("width", "patchify_proj.bias", 0), ("blocks", "transformer_blocks.{}.attn1.q_norm.weight", ALL)),
    ),
    Sign(KIND, "Mochi", ("t5_yproj.weight", "t5_y_embedder.to_q.weight", "blocks.0.attn.qkv_x.weight")),
    Sign(
        KIND,
        "CogVideoX",
        ("patch_embed.text_proj.weight", "transformer_blocks.0.norm1.linear.weight", "time_embedding.linear_1.weight"),
        variant=lambda names: one_of({1920: "2B", 3072: "5B"}, names.size("patch_embed.text_proj.bias", 0)),
        facts=(("width", "patch_embed.text_proj.bias", 0),),
    ),
    Sign(
        KIND,
        "Cosmos",
        ("blocks.block0.blocks.0.block.attn.to_q.0.weight", "x_embedder.proj.1.weight"),
        variant=lambda names: one_of({4096: "1, 7B", 5120: "1, 14B"}, names.size("x_embedder.proj.1.weight", 0)),
    ),
    Sign(
        KIND,
        "Anima",
        ("llm_adapter.blocks.0.cross_attn.q_proj.weight", "blocks.0.adaln_modulation_self_attn.1.weight"),
    ),
    Sign(
        KIND,
        "Cosmos-Predict2",
        ("blocks.0.adaln_modulation_self_attn.1.weight", "x_embedder.proj.1.weight", "t_embedding_norm.weight"),
        variant=_cosmos_predict2,
        facts=(("width", "t_embedding_norm.weight", 0), ("blocks", "blocks.{}.self_attn.q_norm.weight", ALL)),
    ),
    Sign(
        KIND,
        "Lumina 2",
        ("noise_refiner.0.attention.k_norm.weight", "cap_embedder.1.weight", "layers.0.attention.qkv.weight"),
        sizes={"cap_embedder.1.bias": (2304,)},
        facts=(("width", "x_embedder.bias", 0), ("layers", "layers.{}.attention.q_norm.weight", ALL)),
    ),
    Sign(
        KIND,
        "Z-Image",
        ("noise_refiner.0.attention.k_norm.weight", "cap_embedder.1.weight", "cap_pad_token", "x_pad_token"),
        facts=(("width", "cap_embedder.1.bias", 0), ("layers", "layers.{}.attention_norm1.weight", ALL)),
    ),
    Sign(
        KIND,
        "HiDream-O1",
        ("t_embedder1.mlp.0.weight", "x_embedder.proj1.weight", "language_model.embed_tokens.weight"),
        facts=(
            ("width", "t_embedder1.mlp.0.bias", 0),
            ("layers", "language_model.layers.{}.input_layernorm.weight", ALL),
        ),
    ),
    Sign(
        KIND,
        "HiDream-I1",
        (
            "caption_projection.0.linear.weight",
            "x_embedder.proj.weight",
            "double_stream_blocks.0.block.attn1.to_q.weight",
        ),
    ),
    Sign(
        KIND,
        "Qwen-Image",
        ("txt_norm.weight", "img_in.weight", "transformer_blocks.0.img_mod.1.weight", "proj_out.weight"),
        lacks=("controlnet_blocks.0.weight", "controlnet_x_embedder.weight"),
        variant=_qwen_image,
        facts=(("width", "img_in.bias", 0), ("blocks", "transformer_blocks.{}.img_mod.1.weight", ALL)),
    ),
    Sign(
        KIND,
        "OmniGen2",
        ("time_caption_embed.timestep_embedder.linear_1.bias", "ref_image_patch_embedder.weight"),
        facts=(("width", "x_embedder.bias", 0), ("layers", "layers.{}.norm2.weight", ALL)),
    ),
    Sign(
        KIND,
        "ACE-Step 1",
        ("genre_embedder.weight", "lyric_embs.weight", "speaker_embedder.weight"),
        facts=(("width", "genre_embedder.bias", 0), ("blocks", "transformer_blocks.{}.scale_shift_table", ALL)),
    ),
    Sign(
        KIND,
        "ACE-Step 1.5",
        ("encoder.lyric_encoder.layers.0.input_layernorm.weight", "decoder.condition_embedder.weight"),
        facts=(("width", "decoder.condition_embedder.bias", 0), ("layers", "decoder.layers.{}.scale_shift_table", ALL)),
    ),
    Sign(
        KIND,
        "Stable Audio 3",
        (
            "transformer.global_cond_embedder.0.weight",
            "transformer.rotary_pos_emb.inv_freq",
            "to_timestep_embed.0.weight",
        ),
        facts=(("latent channels", "transformer.project_in.weight", 1),),
    ),
    Sign(
        KIND,
        "Stable Audio",
        ("transformer.rotary_pos_emb.inv_freq", "to_timestep_embed.0.weight", "timestep_features.weight"),
        variant=lambda _names: "1",
        facts=(("latent channels", "transformer.project_in.weight", 1),),
    ),
    Sign(
        KIND,
        "Kandinsky 5",
        ("visual_transformer_blocks.0.cross_attention.key_norm.weight", "visual_embeddings.in_layer.weight"),
        variant=_kandinsky5,
        facts=(
            ("width", "visual_embeddings.in_layer.bias", 0),
            ("blocks", "visual_transformer_blocks.{}.cross_attention.key_norm.weight", ALL),
        ),
    ),
    Sign(
        KIND,
        "Stable Cascade",
        ("clip_txt_mapper.weight", "clip_txt_pooled_mapper.weight", "clf.1.weight"),
        variant=lambda names: f"stage C {one_of({1536: 'lite'}, names.size('clip_txt_mapper.bias', 0))}".rstrip(),
        facts=(("width", "clip_txt_mapper.bias", 0),),
    ),
    Sign(
        KIND,
        "Stable Cascade",
        ("effnet_mapper.0.weight", "pixels_mapper.0.weight", "clf.1.weight"),
        variant=lambda _names: "stage B",
        facts=(("width", "embedding.1.bias", 0),),
    ),
    Sign(
        KIND,
        UNET,
        ("input_blocks.0.0.weight", "time_embed.0.weight", "out.2.weight"),
        facts=(("width", "input_blocks.0.0.bias", 0), ("input channels", "input_blocks.0.0.weight", 1)),
    ),
    Sign(
        KIND,
        UNET,
        ("conv_in.weight", "time_embedding.linear_1.weight", "down_blocks.0.resnets.0.conv1.weight", "conv_out.weight"),
        lacks=("controlnet_down_blocks.0.weight",),
        layout=DIFFUSERS,
        facts=(("width", "conv_in.bias", 0), ("input channels", "conv_in.weight", 1)),
    ),
)
