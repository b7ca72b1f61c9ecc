"""LoRA and its kin in a file: in which algorithms, of which ranks, what they change, and for whose models."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Final

from wftools.weights.inspecting.values import numbers_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from wftools.weights.tensorfile import Shape, TensorFile

KIND: Final = "LoRA"

MAX_ALPHAS: Final = 4096  # that are read, each a number in its place of the file

# How the name of a tensor ends -> the algorithm, and which of its tensors it is. A longer end comes first.
_ENDS: Final[Mapping[str, tuple[str, str]]] = {
    ".lora_A.default.weight": ("LoRA", "down"),
    ".lora_B.default.weight": ("LoRA", "up"),
    ".lora_linear_layer.down.weight": ("LoRA", "down"),
    ".lora_linear_layer.up.weight": ("LoRA", "up"),
    ".lora_down.weight": ("LoRA", "down"),
    ".lora_up.weight": ("LoRA", "up"),
    ".lora_mid.weight": ("LoRA", "mid"),
    ".lora_A.weight": ("LoRA", "down"),
    ".lora_B.weight": ("LoRA", "up"),
    ".lora_B.bias": ("LoRA", "bias"),
    ".lora.down.weight": ("LoRA", "down"),
    ".lora.up.weight": ("LoRA", "up"),
    "_lora.down.weight": ("LoRA", "down"),
    "_lora.up.weight": ("LoRA", "up"),
    ".lora_A": ("LoRA", "down"),
    ".lora_B": ("LoRA", "up"),
    ".hada_w1_a": ("LoHa", "up"),
    ".hada_w1_b": ("LoHa", "down"),
    ".hada_w2_a": ("LoHa", "second"),
    ".hada_w2_b": ("LoHa", "second"),
    ".hada_t1": ("LoHa", "mid"),
    ".hada_t2": ("LoHa", "mid"),
    ".lokr_w1": ("LoKr", "w1"),
    ".lokr_w1_a": ("LoKr", "w1_a"),
    ".lokr_w1_b": ("LoKr", "w1_b"),
    ".lokr_w2": ("LoKr", "w2"),
    ".lokr_w2_a": ("LoKr", "w2_a"),
    ".lokr_w2_b": ("LoKr", "w2_b"),
    ".lokr_t2": ("LoKr", "mid"),
    ".a1.weight": ("GLoRA", "a1"),
    ".a2.weight": ("GLoRA", "a2"),
    ".b1.weight": ("GLoRA", "b1"),
    ".b2.weight": ("GLoRA", "b2"),
    ".oft_blocks": ("OFT", "blocks"),
    ".oft_diag": ("OFT", "blocks"),
    ".diff": ("difference", "diff"),
    ".diff_b": ("difference", "diff_b"),
    ".w_norm": ("difference", "diff"),
    ".b_norm": ("difference", "diff_b"),
    ".set_weight": ("replacement", "set"),
}
# What stands beside the tensors of any algorithm.
_BESIDE: Final = {
    ".alpha": "alpha",
    ".dora_scale": "magnitude",
    ".lora_magnitude_vector": "magnitude",
    ".lora_magnitude_vector.weight": "magnitude",
    ".lora_magnitude_vector.default.weight": "magnitude",
    ".rescale": "rescale",
    ".reshape_weight": "reshape",
}
_END: Final = re.compile("|".join(re.escape(end) for end in sorted({*_ENDS, *_BESIDE}, key=len, reverse=True)) + "$")

_TEXT: Final = re.compile(r"lora_te(\d?)_|lora_prior_te_|text_encoder(_\d)?\.|text_encoders\.(\w+)\.")
_NETWORK: Final = re.compile(
    r"(base_model\.model\.)?(lora_unet__?|lora_transformer_|lycoris_|unet\.|transformer\.|diffusion_model\.|model\.diffusion_model\.)"
)

# What a layer does, by its name with underscores; the first that is found counts.
_SORTS: Final = (
    ("cross attention", re.compile(r"attn2|cross_?attn|cross_attention")),
    ("self attention", re.compile(r"attn1|self_?attn|self_attention")),
    ("feed forward", re.compile(r"(^|_)(ff|mlp|ffn|feed_forward|ff_context)(_|\d|$)|_fc[12]$|proj_mlp$")),
    ("attention", re.compile(r"attn|attention_|(^|_)(to_[qkv]|qkv)(_|$)")),
    (
        "attention and feed forward",
        re.compile(r"single_blocks_\d+_linear[12]$|proj_mlp|single_transformer_blocks_\d+_proj_out$"),
    ),
    ("modulation", re.compile(r"_mod(ulation)?_|adaln|norm\d?(_context)?_linear$|emb_layers|time_emb", re.IGNORECASE)),
    ("projection", re.compile(r"proj_(in|out)$")),
    ("convolution", re.compile(r"conv|in_layers|out_layers|_op$|skip_connection|resnets")),
)
_BLOCK: Final = re.compile(r"(?:^|_)((?:[a-z]+_)*?(?:blocks|layers|block))_(\d+)")

# Base models as trainers name them in metadata -> as they are called here; the first that the text starts with.
_TRAINED_ON: Final = (
    ("stable-diffusion-xl", "SDXL"),
    ("sdxl", "SDXL"),
    ("stable-diffusion-v1", "SD1"),
    ("sd_v1", "SD1"),
    ("sd_1", "SD1"),
    ("stable-diffusion-v2", "SD2"),
    ("sd_v2", "SD2"),
    ("stable-diffusion-v3.5", "SD3.5"),
    ("stable-diffusion-3", "SD3"),
    ("sd3", "SD3"),
    ("flux-1", "Flux.1"),
    ("flux1", "Flux.1"),
    ("flux.1", "Flux.1"),
    ("flux-2", "Flux.2"),
    ("flux2", "Flux.2"),
    ("hunyuan-video", "HunyuanVideo"),
    ("hunyuan_video", "HunyuanVideo"),
    ("wan", "Wan"),
    ("qwen-image", "Qwen-Image"),
    ("qwen_image", "Qwen-Image"),
    ("zimage", "Z-Image"),
    ("z-image", "Z-Image"),
    ("chroma", "Chroma"),
    ("lumina2", "Lumina 2"),
    ("auraflow", "AuraFlow"),
    ("ltx", "LTX-Video"),
)
_BASE_KEYS: Final = ("modelspec.architecture", "ss_base_model_version")


@dataclass(frozen=True, slots=True)
class Target:
    """A network that is changed, in so many of its layers."""

    name: str  # "diffusion model", "text encoder 1"
    layers: int
    sorts: Mapping[str, int]  # "attention" -> layers
    blocks: Mapping[str, tuple[int, ...]]  # "double_blocks" -> which of them


@dataclass(frozen=True, slots=True)
class Adapter:
    """What a file of LoRA's kind changes."""

    kind: str
    algorithms: Mapping[str, int]  # "LoRA" -> layers
    ranks: Mapping[int, int]  # rank -> layers
    alphas: Mapping[float, int]  # alpha -> layers
    is_dora: bool
    family: str  # "" if nothing tells
    reason: str  # why this family
    trained_on: str  # what the metadata says of the family; "" if nothing
    targets: tuple[Target, ...]
    naming: str  # "kohya", "diffusers", "ComfyUI" or ""


@dataclass(eq=False)
class _Layer:
    """The tensors that one layer is changed by."""

    name: str  # as the file has it
    algorithm: str = ""
    shapes: dict[str, Shape] = field(default_factory=dict)  # "down" -> shape

    @cached_property
    def target(self) -> str:
        """Which network the layer is of."""
        found = _TEXT.match(self.name)
        if found is None:
            return "diffusion model"
        number = found[1] or (found[2] or "").removeprefix("_") or (found[3] or "")
        return f"text encoder {number}".strip()

    @cached_property
    def path(self) -> str:
        """The layer's own name, with underscores."""
        pattern = _TEXT if self.target != "diffusion model" else _NETWORK
        return pattern.sub("", self.name, count=1).replace(".", "_")

    @property
    def rank(self) -> int | None:
        """None where the algorithm has none, or the change is whole."""
        if self.algorithm in {"LoRA", "LoHa"}:
            return next(iter(self.shapes.get("down", ())), None)
        if self.algorithm == "LoKr":
            halves = [self.shapes[name][0] for name in ("w1_b", "w2_b") if self.shapes.get(name)]
            return max(halves, default=None)
        if self.algorithm == "GLoRA":
            return min((min(self.shapes[name]) for name in ("a1", "a2") if self.shapes.get(name)), default=None)
        return None

    @property
    def inputs(self) -> int:
        """How wide its input is; 0 if nothing tells."""
        if self.algorithm in {"LoRA", "LoHa", "difference"}:
            shape = self.shapes.get("down") or self.shapes.get("diff") or ()
            return shape[1] if len(shape) > 1 else 0
        if self.algorithm == "LoKr":
            sides = [self.shapes.get(name) or self.shapes.get(f"{name}_b") or () for name in ("w1", "w2")]
            return sides[0][1] * sides[1][1] if all(len(side) > 1 for side in sides) else 0
        return 0

    @property
    def outputs(self) -> int:
        """How wide its output is; 0 if nothing tells."""
        shape = self.shapes.get("up") or self.shapes.get("diff") or ()
        return shape[0] if self.algorithm in {"LoRA", "LoHa", "difference"} and shape else 0

    @property
    def is_convolution(self) -> bool:
        """Whether it is a convolution of more than one cell."""
        shape = self.shapes.get("down", ())
        return (len(shape) == 4 and shape[2:] != (1, 1)) or "mid" in self.shapes


def adapter_in(file: TensorFile) -> Adapter | None:
    """What a file changes, if it is of LoRA's kind: if most of its tensors say so; else None."""
    layers: dict[str, _Layer] = {}
    alphas: list[str] = []
    is_dora, heard = False, 0
    for name, info in file.tensors.items():
        found = _END.search(name)
        if found is None:
            continue
        heard += 1
        layer = layers.setdefault(name[: found.start()], _Layer(name[: found.start()]))
        if found[0] in _ENDS:
            algorithm, part = _ENDS[found[0]]
            layer.algorithm = (
                layer.algorithm if algorithm in {"difference", "replacement"} and layer.algorithm else algorithm
            )
            layer.shapes[part] = info.shape
        elif _BESIDE[found[0]] == "alpha":
            alphas.append(name)
        is_dora = is_dora or _BESIDE.get(found[0]) == "magnitude"
    whole = [layer for layer in layers.values() if layer.algorithm]
    if not whole or 2 * heard < len(file.tensors) or any(name.startswith("ip_adapter.") for name in file.tensors):
        return None
    family, reason = _family(whole)
    return Adapter(
        kind=KIND,
        algorithms=_algorithms(whole),
        ranks=dict(sorted(Counter(rank for layer in whole if (rank := layer.rank) is not None).items())),
        alphas=dict(sorted(Counter(_alphas(file, alphas)).items())),
        is_dora=is_dora,
        family=family or _trained_on(file.metadata),
        reason=reason or ("what the metadata says" if _trained_on(file.metadata) else ""),
        trained_on=_trained_on(file.metadata),
        targets=tuple(_targets(whole)),
        naming=_naming(whole),
    )


def _algorithms(layers: Sequence[_Layer]) -> dict[str, int]:
    """How many layers are said in which; LoRA of convolutions is LoCon, OFT in steps is BOFT."""
    names = Counter(
        "LoCon"
        if layer.algorithm == "LoRA" and layer.is_convolution
        else "BOFT"
        if layer.algorithm == "OFT" and len(layer.shapes.get("blocks", ())) == 4
        else layer.algorithm
        for layer in layers
    )
    return dict(names.most_common())


def _alphas(file: TensorFile, names: Iterable[str]) -> Iterator[float]:
    for name in islice(names, MAX_ALPHAS):
        values = numbers_of(file, name)
        if len(values) == 1:
            yield values[0]


def _targets(layers: Sequence[_Layer]) -> Iterator[Target]:
    by_target: dict[str, list[_Layer]] = {}
    for layer in layers:
        by_target.setdefault(layer.target, []).append(layer)
    for target, own in sorted(by_target.items()):
        blocks: dict[str, set[int]] = {}
        for layer in own:
            if found := _BLOCK.search(layer.path):
                blocks.setdefault(found[1], set()).add(int(found[2]))
        sorts = Counter(_sort(layer) for layer in own)
        ordered = {name: tuple(sorted(numbers)) for name, numbers in sorted(blocks.items())}
        yield Target(target, len(own), dict(sorts.most_common()), ordered)


def _sort(layer: _Layer) -> str:
    if layer.is_convolution:
        return "convolution"
    return next((sort for sort, pattern in _SORTS if pattern.search(layer.path)), "other")


def _naming(layers: Sequence[_Layer]) -> str:
    """Whose way of naming layers it is: of half of them at least."""
    ways = {
        "kohya": ("lora_unet_", "lora_te_", "lora_te1_", "lora_te2_", "lora_te3_"),
        "ComfyUI": ("diffusion_model.", "text_encoders."),
        "diffusers": ("transformer.", "unet.", "text_encoder.", "text_encoder_2."),
        "OneTrainer": ("lora_transformer_",),
        "LyCORIS": ("lycoris_",),
    }
    return next(
        (
            way
            for way, starts in ways.items()
            if 2 * sum(each.name.startswith(starts) for each in layers) >= len(layers)
        ),
        "",
    )


# Of a layer's own name, its inputs and its outputs -> whose it is. None: of any width.
_LAYERS_OF: Final[tuple[tuple[str, int | None, int | None, str], ...]] = (
    (r"(down|up|mid|input|output|middle)_block.*attn2_to_[kv]$", 768, None, "SD1"),
    (r"(down|up|mid|input|output|middle)_block.*attn2_to_[kv]$", 1024, None, "SD2"),
    (r"(down|up|mid|input|output|middle)_block.*attn2_to_[kv]$", 2048, None, "SDXL"),
    (r"(down|up|mid|input|output|middle)_block.*attn2_to_[kv]$", 1280, None, "SDXL refiner"),
    (
        r"double_stream_modulation_(img|txt)_lin$|single_transformer_blocks_\d+_attn_to_qkv_mlp_proj$",
        None,
        None,
        "Flux.2",
    ),
    (r"double_blocks_\d+_(img|txt)_mlp_0$", 3072, 18432, "Flux.2"),
    (r"double_blocks_\d+_(img|txt)_mlp_0$", 4096, 24576, "Flux.2"),
    (r"double_blocks_\d+_(img|txt)_mlp_0$", 6144, 36864, "Flux.2"),
    (r"double_blocks_\d+_(img|txt)_mod_lin$", 3072, 18432, "Flux.1"),
    (r"double_blocks_\d+_(img|txt)_mlp_0$", 3072, 12288, "Flux.1 or Chroma"),
    (r"single_transformer_blocks_\d+_norm_linear$", 3072, None, "Flux.1"),
    (r"single_transformer_blocks_\d+_(proj_mlp|attn_to_q)$", 3072, None, "Flux.1 or Chroma"),
    (r"double_blocks_\d+_(img|txt)_(mod_linear|mlp_fc1)$|individual_token_refiner", None, None, "HunyuanVideo"),
    (r"^blocks_\d+_cross_attn_[qkvo]$|^blocks_\d+_ffn_[02]$", 1536, None, "Wan 2.1 1.3B"),
    (r"^blocks_\d+_cross_attn_[qkvo]$|^blocks_\d+_ffn_[02]$", 5120, None, "Wan 14B"),
    (r"^blocks_\d+_cross_attn_[qkvo]$|^blocks_\d+_ffn_[02]$", 3072, None, "Wan 2.2 5B"),
    (r"^joint_blocks_\d+_(x|context)_block_", 1536, None, "SD3 or SD3.5 medium"),
    (r"^joint_blocks_\d+_(x|context)_block_", 2432, None, "SD3.5 large"),
    (r"^transformer_blocks_\d+_(img|txt)_(mod|mlp)_", 3072, None, "Qwen-Image"),
    (r"^layers_\d+_(attention_(qkv|to_q|out|to_out_0)|feed_forward_w[13])$", 3840, None, "Z-Image"),
    (r"^layers_\d+_(attention_(qkv|to_q|out|to_out_0)|feed_forward_w[13])$", 2304, None, "Lumina 2"),
    (r"^transformer_blocks_\d+_audio_attn", None, None, "LTX-2"),
    (r"^transformer_blocks_\d+_attn1_to_q$", 2048, None, "LTX-Video 2B"),
    (r"^transformer_blocks_\d+_attn1_to_q$", 4096, None, "LTX-Video 13B or LTX-2"),
    (r"^transformer_blocks_\d+_attn1_to_q$", 1152, None, "PixArt"),
    (r"^(double|single)_stream_blocks_\d+_block_", None, None, "HiDream-I1"),
    (
        r"^blocks_\d+_adaln_modulation_(self|cross)_attn_|^blocks_\d+_cross_attn_output_proj$",
        None,
        None,
        "Cosmos-Predict2",
    ),
    (r"^visual_transformer_blocks_\d+_", None, None, "Kandinsky 5"),
    (r"^(double|single)_layers_\d+_attn_w[12][qkvo]$", None, None, "AuraFlow"),
    (r"^(speaker_embedder|genre_embedder|lyric_encoder)", None, None, "ACE-Step 1"),
    (r"^text_model_encoder_layers_\d+_mlp_fc1$", 1280, None, "SDXL"),
)


def _family(layers: Sequence[_Layer]) -> tuple[str, str]:
    """Whose layers they are, and by which of them it is told; the first of the table that one of them fits."""
    for pattern, inputs, outputs, family in _LAYERS_OF:
        for layer in layers:
            if re.search(pattern, layer.path) and inputs in {None, layer.inputs} and outputs in {None, layer.outputs}:
                return family, f"{layer.name} takes {layer.inputs} numbers" if layer.inputs else layer.name
    return "", ""


def _trained_on(metadata: Mapping[str, str]) -> str:
    for key in _BASE_KEYS:
        said = metadata.get(key, "").lower()
        for start, family in _TRAINED_ON:
            if said.startswith(start):
                return family
    return ""
