"""What a network is called in GGUF, and which of its tensors no mix touches. No torch.

Names, telling keys and what is kept are ComfyUI-GGUF's and stable-diffusion.cpp's, as their files have them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wftools.weights.families import recognise

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from wftools.weights.tensorfile import TensorFile

PREFIXES: Final = ("model.diffusion_model.", "model.", "net.")  # that a network alone may have before all its names


@dataclass(frozen=True, slots=True)
class Architecture:
    """A kind of network, as GGUF files name it."""

    name: str  # general.architecture
    keys: tuple[tuple[str, ...], ...] = ()  # a file that has all names of one of these holds it
    kept: tuple[str, ...] = ()  # parts of names: first and last layers, what encodes time and labels
    is_reshaped: bool = False  # whether readers give tensors in rows of 256 their shape back

    def keeps(self, name: str) -> bool:
        """Whether a tensor is kept as it is, since a network suffers most where it is coarse."""
        return any(each in name for each in (*self.kept, *KEPT_ANYWHERE))


# What encodes words and places, and one row for all (`scale_shift_table`), in networks and text encoders alike.
KEPT_ANYWHERE: Final = (
    "embedding",
    "pos_embed",
    "positional_",
    "register_tokens",
    "scale_shift_table",
    ".modulation",
    ".ff_i.gate.weight",
    "img_emb.emb_pos",
    "first_stage_model.",  # a VAE in a checkpoint: small, and every error of it is seen
)

# What is computed with at full precision, if the file has it at more than 16 bits or as bfloat16.
PRECISE: Final = (".modulation", "scale_shift_table", "pos_embedder", ".ff_i.gate.weight", "img_emb.emb_pos")

_UNET_KEPT: Final = (
    "class_embedding.",
    "time_embedding.",
    "add_embedding.",
    "time_embed.",
    "label_emb.",
    "conv_in.",
    "conv_out.",
    "input_blocks.0.0.weight",
    "out.2.weight",
)

# The order is the precedence.
ARCHITECTURES: Final = (
    Architecture(
        "flux",
        (("double_blocks.0.img_attn.proj.weight",),),
        ("txt_in.", "img_in.", "time_in.", "vector_in.", "guidance_in.", "final_layer."),
    ),
    Architecture(
        "qwen_image",
        (("txt_norm.weight", "transformer_blocks.0.img_mlp.net.0.proj.weight"),),
        ("time_text_embed.", "img_in.", "txt_in.", "norm_out.", "proj_out."),
    ),
    Architecture(
        "sd3",
        (("joint_blocks.0.x_block.attn.qkv.weight",),),
        (
            "final_layer.",
            "time_text_embed.",
            "context_embedder.",
            "t_embedder.",
            "y_embedder.",
            "x_embedder.",
            "proj_out.weight",
        ),
    ),
    Architecture(
        "aura",
        (("double_layers.3.modX.1.weight",),),
        ("t_embedder.", "init_x_linear.", "modF.1.", "cond_seq_linear.", "final_linear."),
    ),
    Architecture(
        "hidream",
        (("caption_projection.0.linear.weight", "double_stream_blocks.0.block.ff_i.shared_experts.w3.weight"),),
        ("p_embedder.", "t_embedder.", "x_embedder.", "final_layer.", "gate.", "caption_projection."),
    ),
    Architecture(
        "cosmos",
        (("blocks.0.mlp.layer1.weight", "blocks.0.adaln_modulation_cross_attn.1.weight"),),
        ("p_embedder.", "t_embedder.", "t_embedding_norm.", "x_embedder.", "pos_embedder.", "final_layer."),
    ),
    Architecture(
        "ltxv",
        (
            (
                "adaln_single.emb.timestep_embedder.linear_2.weight",
                "transformer_blocks.27.scale_shift_table",
                "caption_projection.linear_2.weight",
            ),
        ),
        ("adaln_single.", "caption_projection.", "patchify_proj.", "proj_out."),
    ),
    Architecture(
        "hyvid",
        (
            (
                "double_blocks.0.img_attn_proj.weight",
                "txt_in.individual_token_refiner.blocks.1.self_attn_qkv.weight",
            ),
        ),
        ("txt_in.", "img_in.", "time_in.", "vector_in.", "guidance_in.", "final_layer."),
    ),
    Architecture(
        "wan",
        (("blocks.0.self_attn.norm_q.weight", "text_embedding.2.weight", "head.modulation"),),
        ("patch_embedding.", "text_embedding.", "time_projection.", "time_embedding.", "img_emb.", "head."),
    ),
    Architecture(
        "sdxl",
        (
            ("down_blocks.0.downsamplers.0.conv.weight", "add_embedding.linear_1.weight"),
            (
                "input_blocks.3.0.op.weight",
                "input_blocks.6.0.op.weight",
                "output_blocks.2.2.conv.weight",
                "output_blocks.5.2.conv.weight",
            ),
            ("label_emb.0.0.weight",),
        ),
        _UNET_KEPT,
        is_reshaped=True,
    ),
    Architecture(
        "sd1",
        (
            ("down_blocks.0.downsamplers.0.conv.weight",),
            (
                "input_blocks.3.0.op.weight",
                "input_blocks.6.0.op.weight",
                "input_blocks.9.0.op.weight",
                "output_blocks.2.1.conv.weight",
                "output_blocks.5.2.conv.weight",
                "output_blocks.8.2.conv.weight",
            ),
        ),
        _UNET_KEPT,
        is_reshaped=True,
    ),
    Architecture(
        "lumina2",
        (("cap_embedder.1.weight", "context_refiner.0.attention.qkv.weight"),),
        ("t_embedder.", "x_embedder.", "final_layer.", "cap_embedder.", "context_refiner.", "noise_refiner."),
    ),
    Architecture(
        "t5encoder", (("shared.weight", "encoder.block.0.layer.0.SelfAttention.q.weight"),), ("shared.", "relative_")
    ),
)

_BY_NAME: Final = {each.name: each for each in ARCHITECTURES}

# Families that we run, whose networks may be smaller than the published ones and lack the telling keys.
_OF_FAMILY: Final[Mapping[str, str]] = {
    "sd1": "sd1",
    "sd2": "sd1",
    "sd2_unclip": "sd1",
    "sd_x4": "sd1",
    "zero123": "sd1",
    "sdxl": "sdxl",
    "sdxl_refiner": "sdxl",
    "playground": "sdxl",
    "cosxl": "sdxl",
}


def network_prefix(file: TensorFile) -> str | None:
    """What stands before the names of the network that denoises; None if there seems to be none."""
    return next((prefix for prefix in (*PREFIXES, "") if _told(file.below(prefix).tensors) is not None), None)


def architecture_of(file: TensorFile) -> Architecture | None:
    """The network of a file, whole checkpoint or alone; None if it is of no kind that has a name in GGUF."""
    found = recognise(file)
    if found is not None and found.parts.network is not None and found.family in _OF_FAMILY:
        return _BY_NAME[_OF_FAMILY[found.family]]
    prefix = network_prefix(file)
    return _told(file.below(prefix).tensors) if prefix is not None else None


def _told(names: Collection[str]) -> Architecture | None:
    """The first of which all names of one set are there."""
    return next(
        (each for each in ARCHITECTURES if any(all(name in names for name in keys) for keys in each.keys)), None
    )
