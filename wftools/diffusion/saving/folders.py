"""What stands beside the weights in a folder of diffusers, so that diffusers and transformers load it: how each network
is built, the tokenizers, the schedule of noise, and what names them all.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from wftools.diffusion.families import family
from wftools.diffusion.sampling.levels import DiscreteLevels
from wftools.diffusion.sampling.parametrise import Velocity
from wftools.diffusion.text import tokenizer
from wftools.errors import InputError
from wftools.weights.converting.carrying import carry_out
from wftools.weights.converting.folder import carry_out_folder
from wftools.weights.converting.layouts import FOLDERS
from wftools.weights.families import facts_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from wftools.weights.converting.asking import Conversion
    from wftools.weights.converting.carrying import Outcome, Progress
    from wftools.weights.families import Parts
    from wftools.weights.networks.clip_text import ClipTextConfig
    from wftools.weights.networks.unet import UNetConfig
    from wftools.weights.networks.vae import VaeConfig
    from wftools.weights.tensorfile import TensorFile

MODEL_INDEX: Final = "model_index.json"
WEIGHTS: Final[Mapping[str, str]] = {
    "unet": "diffusion_pytorch_model.safetensors",
    "vae": "diffusion_pytorch_model.safetensors",
    "text_encoder": "model.safetensors",
    "text_encoder_2": "model.safetensors",
}
VERSION: Final = "0.21.0"  # of diffusers: the first whose names are these

GROUPS: Final = 32  # of every GroupNorm
LAYERS_WITHOUT_LAST: Final = 23  # SD2's encoder in folders as they are published
NORM_EPSILON: Final = 1e-5

# Schedules that the published folders name; a person chooses another one in diffusers.
_NOISE: Final = {
    "num_train_timesteps": 1000,
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "beta_schedule": "scaled_linear",
    "trained_betas": None,
    "clip_sample": False,
    "set_alpha_to_one": False,
    "steps_offset": 1,
}


def write(
    conversion: Conversion, out: Path, *, progress: Progress | None = None, jobs: int = 1, replaces: bool = False
) -> tuple[Outcome, ...]:
    """Write a conversion: a file, or a folder with what stands beside the weights. Raises InputError."""
    if not conversion.is_folder:
        return carry_out(conversion.plans[""], out, progress=progress, jobs=jobs, replaces=replaces)
    found = conversion.found
    assert found is not None
    beside = files_beside(found.family, found.parts, conversion.file, FOLDERS[found.family])
    plans = {f"{folder}/{WEIGHTS[folder]}": plan for folder, plan in conversion.plans.items()}
    return carry_out_folder(plans, beside, out, progress=progress, jobs=jobs, replaces=replaces)


def files_beside(name: str, parts: Parts, file: TensorFile, folders: Mapping[str, str]) -> dict[str, bytes]:
    """Every other file of a model of a family, by its path; `folders`: those of its networks, by their names.

    `file` is the whole model. Raises InputError for a network that diffusers cannot build.
    """
    written: dict[str, Any] = {}
    index: dict[str, Any] = {"_class_name": _pipeline(name, parts), "_diffusers_version": VERSION}
    if parts.network is not None:
        written["unet/config.json"] = _unet(parts.network.config, name)
        index["unet"] = ["diffusers", "UNet2DConditionModel"]
        scheduler = _scheduler(name, parts, file)
        written["scheduler/scheduler_config.json"] = scheduler
        index["scheduler"] = ["diffusers", scheduler["_class_name"]]
    if parts.vae is not None:
        written["vae/config.json"] = _vae(parts.vae.config, name)
        index["vae"] = ["diffusers", "AutoencoderKL"]
    texts: dict[str, bytes] = {}
    for text, part in parts.texts.items():
        folder = folders[text]
        tokens = folder.replace("text_encoder", "tokenizer")
        has_projection = folder == "text_encoder_2"
        written[f"{folder}/config.json"] = _text(part.config, text, name, has_projection=has_projection)
        index[folder] = ["transformers", "CLIPTextModelWithProjection" if has_projection else "CLIPTextModel"]
        index[tokens] = ["transformers", "CLIPTokenizer"]
        texts |= _tokenizer(tokens, "!" if text != "clip_l" else "<|endoftext|>")
    if name in ("sd1", "sd2"):
        index |= {"safety_checker": [None, None], "requires_safety_checker": False}
        index |= {"feature_extractor": [None, None], "image_encoder": [None, None]}
    elif name == "sdxl":
        index |= {"force_zeros_for_empty_prompt": True, "feature_extractor": [None, None]}
    elif name == "sdxl_refiner":
        index |= {"force_zeros_for_empty_prompt": False, "requires_aesthetics_score": True}
        index |= {"text_encoder": [None, None], "tokenizer": [None, None]}
    hidden = {key: value for key, value in file.metadata.items() if key.startswith("wftools.") and value.isdigit()}
    written[MODEL_INDEX] = {**dict(sorted(index.items())), **hidden}
    return {**{path: _json(content) for path, content in written.items()}, **texts}


def _pipeline(name: str, parts: Parts) -> str:
    """The class that runs the model."""
    unet: UNetConfig | None = parts.network.config if parts.network is not None else None
    start = "StableDiffusionXL" if name.startswith("sdxl") else "StableDiffusion"
    if name == "sdxl_refiner":
        return f"{start}Img2ImgPipeline"
    return f"{start}{'Inpaint' if unet is not None and unet.in_channels > unet.out_channels else ''}Pipeline"


def _unet(config: UNetConfig, name: str) -> dict[str, Any]:
    """How the UNet is built."""
    is_plain = config.output_depth is None and config.middle_depth is not None and config.context_only is None
    if not is_plain or config.is_temporal or config.classes is not None:
        raise InputError("diffusers cannot build this UNet from a config", hint="convert it alone: --only unet")
    widths = [config.model_channels * factor for factor in config.channel_mult]
    has_text = [depth > 0 for depth in config.transformer_depth]
    depths = [depth or config.middle_depth for depth in config.transformer_depth]
    heads = [config.heads(width) if width % (config.head_dim or 8) == 0 else 8 for width in widths]
    made: dict[str, Any] = {
        "_class_name": "UNet2DConditionModel",
        "_diffusers_version": VERSION,
        "act_fn": "silu",
        "attention_head_dim": heads[0] if len(set(heads)) == 1 else heads,  # it means how many heads there are
        "block_out_channels": widths,
        "center_input_sample": False,
        "cross_attention_dim": config.context_dim,
        "down_block_types": ["CrossAttnDownBlock2D" if each else "DownBlock2D" for each in has_text],
        "downsample_padding": 1,
        "flip_sin_to_cos": True,
        "freq_shift": 0,
        "in_channels": config.in_channels,
        "layers_per_block": config.res_blocks,
        "mid_block_scale_factor": 1,
        "norm_eps": NORM_EPSILON,
        "norm_num_groups": GROUPS,
        "out_channels": config.out_channels,
        "sample_size": {"sd1": 64, "sd2": 96}.get(name, 128),
        "transformer_layers_per_block": depths[0] if len(set(depths)) == 1 else depths,
        "up_block_types": ["CrossAttnUpBlock2D" if each else "UpBlock2D" for each in reversed(has_text)],
        "use_linear_projection": config.linear_projection,
    }
    if config.pooled_dim is not None:
        made |= {
            "addition_embed_type": "text_time",
            "addition_time_embed_dim": 256,
            "projection_class_embeddings_input_dim": config.pooled_dim,
        }
    return made


def _vae(config: VaeConfig, name: str) -> dict[str, Any]:
    """How the VAE is built."""
    widths = [config.channels * factor for factor in config.channel_mult]
    return {
        "_class_name": "AutoencoderKL",
        "_diffusers_version": VERSION,
        "act_fn": "silu",
        "block_out_channels": widths,
        "down_block_types": ["DownEncoderBlock2D"] * len(widths),
        "force_upcast": name.startswith("sdxl"),
        "in_channels": config.image_channels,
        "latent_channels": config.latent_channels,
        "layers_per_block": config.res_blocks,
        "norm_num_groups": GROUPS,
        "out_channels": config.image_channels,
        "sample_size": {"sd1": 512, "sd2": 768}.get(name, 1024),
        "scaling_factor": facts_of(name).LATENT_FORM.scale,
        "up_block_types": ["UpDecoderBlock2D"] * len(widths),
    }


def _text(config: ClipTextConfig, text: str, name: str, *, has_projection: bool) -> dict[str, Any]:
    """How a text encoder is built. SD2 takes the states before the last layer: there, one layer less is named."""
    skips_last = name == "sd2" and config.layers != LAYERS_WITHOUT_LAST
    return {
        "architectures": ["CLIPTextModelWithProjection" if has_projection else "CLIPTextModel"],
        "attention_dropout": 0.0,
        "bos_token_id": 0,
        "dropout": 0.0,
        "eos_token_id": 2,
        "hidden_act": config.activation,
        "hidden_size": config.width,
        "initializer_factor": 1.0,
        "initializer_range": 0.02,
        "intermediate_size": config.mlp_width,
        "layer_norm_eps": NORM_EPSILON,
        "max_position_embeddings": config.positions,
        "model_type": "clip_text_model",
        "num_attention_heads": config.heads,
        "num_hidden_layers": config.layers - skips_last,
        "pad_token_id": 1,
        "projection_dim": config.projection_width or {"clip_l": 768}.get(text, config.width),
        "vocab_size": config.vocabulary,
    }


def _scheduler(name: str, parts: Parts, file: TensorFile) -> dict[str, Any]:
    """The schedule of noise, and what the UNet predicts."""
    assert parts.network is not None
    parametrisation = family(name).parametrisation(file, parts.network)
    predicts = "v_prediction" if isinstance(parametrisation, Velocity) else "epsilon"
    levels = parametrisation.levels
    made = {"_diffusers_version": VERSION, **_NOISE, "prediction_type": predicts}
    if isinstance(levels, DiscreteLevels) and levels.zero_terminal_snr:
        made |= {"rescale_betas_zero_snr": True, "timestep_spacing": "trailing"}
    if name.startswith("sdxl"):
        return {
            "_class_name": "EulerDiscreteScheduler",
            "interpolation_type": "linear",
            "timestep_spacing": "leading",
            **made,
        }
    if name == "sd2":
        return {"_class_name": "DDIMScheduler", **made}
    return {"_class_name": "PNDMScheduler", "skip_prk_steps": True, **made}


def _tokenizer(folder: str, padding: str) -> dict[str, bytes]:
    """CLIP's tokenizer, which pads with one token or another."""
    start, end = "<|startoftext|>", "<|endoftext|>"
    special = {"bos_token": start, "eos_token": end, "pad_token": padding, "unk_token": end}
    config = {
        "add_prefix_space": False,
        "do_lower_case": True,
        "errors": "replace",
        "model_max_length": 77,
        "tokenizer_class": "CLIPTokenizer",
        **special,
    }
    return {
        f"{folder}/merges.txt": tokenizer.merges().encode(),
        f"{folder}/vocab.json": json.dumps(tokenizer.vocabulary(), ensure_ascii=False).encode(),
        f"{folder}/special_tokens_map.json": _json(special),
        f"{folder}/tokenizer_config.json": _json(config),
    }


def _json(content: Any) -> bytes:
    return json.dumps(content, indent=2).encode() + b"\n"
