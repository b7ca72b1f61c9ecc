"""What adapter files (LoRA and its kin) call the weights of a model.

Each function gives every name by which a weight may be known -> the weight's own name. The names are those that ComfyUI
reads, in its order: where a file has two adapters for a weight, the later name counts. What trainers write:

    kohya           lora_unet_ and the module with underscores, by the original names or those of diffusers;
                    lora_te_ (one text encoder), lora_te1_ and lora_te2_ (of several)
    ComfyUI         diffusion_model. or text_encoders. and the module as it is
    diffusers       the module by diffusers' names, attention "processors" included; text_encoder., text_encoder_2.
    SimpleTuner     lycoris_ and diffusers' names with underscores

Diffusers' newer names of attention layers in a UNet, without "processor", are none of them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from wftools.weights.keymaps.diffusers_unet import diffusers_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

WEIGHT: Final = ".weight"

# A text encoder -> what kohya and diffusers put before its modules.
TEXT_PREFIXES: Final[Mapping[str, tuple[str, ...]]] = {
    "clip_h": ("lora_te_", "lora_te1_", "text_encoder."),
    "clip_l": ("lora_te_", "lora_te1_", "text_encoder."),
    "clip_g": ("lora_te2_", "text_encoder_2."),
}
# OpenCLIP's bigG where there is no CLIP-L beside it.
ALONE: Final[Mapping[str, tuple[str, ...]]] = {"clip_g": ("lora_te_", "text_encoder.", "lora_prior_te_")}
PROJECTIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "clip_g": ("lora_prior_te_text_projection", "lora_te2_text_projection"),
    "clip_l": ("lora_te1_text_projection",),
}

_LAYER: Final = re.compile(
    r"encoder\.layers\.\d+\.(mlp\.fc1|mlp\.fc2|self_attn\.(k_proj|q_proj|v_proj|out_proj))\.weight"
)


def network_names(weights: Iterable[str]) -> dict[str, str]:
    """The names of a denoising network's weights."""
    weights = tuple(weights)
    names: dict[str, str] = {}
    for weight in weights:
        module = weight.removesuffix(WEIGHT)
        if module != weight:
            names["lora_unet_" + _underscored(module)] = weight
        names["diffusion_model." + module] = weight
    modules = [weight.removesuffix(WEIGHT) for weight in weights if weight.endswith(WEIGHT)]
    for module, diffusers in diffusers_names(modules).items():
        names["lora_unet_" + _underscored(diffusers)] = module + WEIGHT
        names["lycoris_" + _underscored(diffusers)] = module + WEIGHT
        processor = diffusers.replace(".to_", ".processor.to_")
        if processor.endswith(".to_out.0"):
            processor = processor.removesuffix(".0")
        names[processor] = names["unet." + processor] = module + WEIGHT
    return names


def text_names(weights: Iterable[str]) -> dict[str, str]:
    """The names of text encoders' weights, given by encoder and name: "clip_l.encoder.layers.0.mlp.fc1.weight"."""
    weights = tuple(weights)
    encoders = {weight.partition(".")[0] for weight in weights}
    names: dict[str, str] = {}
    for weight in weights:
        encoder, _, name = weight.partition(".")
        if name.endswith(WEIGHT):
            names[f"text_encoders.{encoder}.transformer.{_below_transformer(name.removesuffix(WEIGHT))}"] = weight
    for weight in weights:
        encoder, _, name = weight.partition(".")
        if _LAYER.fullmatch(name):
            module = "text_model." + name.removesuffix(WEIGHT)
            is_alone = encoder in ALONE and "clip_l" not in encoders
            for prefix in ALONE[encoder] if is_alone else TEXT_PREFIXES.get(encoder, ()):
                names[prefix + (module if prefix.endswith(".") else _underscored(module))] = weight
        elif name == "text_projection" + WEIGHT:
            names |= dict.fromkeys(PROJECTIONS.get(encoder, ()), weight)
    return names


def _below_transformer(module: str) -> str:
    """A module of a text encoder as transformers nests it: all but the projection are parts of `text_model`."""
    return module if module == "text_projection" else f"text_model.{module}"


def _underscored(module: str) -> str:
    return module.replace(".", "_")
