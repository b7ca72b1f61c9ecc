"""Weights of the recorded cases: each tensor follows from a seed, its name and its shape, so that no file is needed.

Two rules. That of `tests.weights_from_seed` keeps activations near 1, and networks of it do not remove noise. With
`denoising` they do, so that the coefficients of samplers show in what comes out.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

import torch

from tests.weights_from_seed import tensor_from_seed

if TYPE_CHECKING:
    from torch import Tensor

Manifest: TypeAlias = Mapping[str, tuple[Sequence[int], str]]
"""The tensors of a file: name -> shape and type."""

Prediction = Literal["eps", "v"]

UNET: Final = "model.diffusion_model."
KEEP: Final = 1.25  # the share of its input that a network of eps passes on, before what lies on the way takes of it

# A weight of two or more axes gets the gain of the first pattern that is found, over the root of what it sums up.
GAINS: Final = (
    (r"zero_convs|middle_block_out|controlnet_(down|mid)_block", 0.35),
    (r"(input_hint_block\.14|controlnet_cond_embedding\.conv_out)\.weight", 1.0),
    (r"encoder\.conv_out\.weight$", 8.0),  # latents with a deviation of about 5, as real ones
    (r"(^|\.)post_quant_conv\.weight$", 0.25),
    (r"decoder\.conv_out\.weight$", 0.5),
    (r"attn\d?\.to_[qk]\.weight$", 1.5),
    (r"attn2\.to_(v|out\.0)\.weight$", 1.3),
    (r"emb_layers\.1\.weight$", 1.0),
    (r"(proj_out|out_layers\.3|to_out\.0|ff\.net\.2|out_proj|fc2|c_proj|conv2|block2|proj_mlp)\.weight$", 0.5),
    (r"(in_layers\.2|conv1)\.weight$", 1.2),
    (r"skip_connection\.weight$", 0.8),
    (r"img_mod|txt_mod|modulation|adaLN", 0.2),
    (r"", 1.0),
)


def plain(manifest: Manifest, seed: int, dtype: str | None = None) -> dict[str, Tensor]:
    """Every tensor of a file."""
    return {
        name: tensor_from_seed(name, tuple(shape), seed).to(getattr(torch, dtype or kind))
        for name, (shape, kind) in manifest.items()
    }


def denoising(
    manifest: Manifest, seed: int, dtype: str | None = None, prediction: Prediction = "eps"
) -> dict[str, Tensor]:
    """Every tensor of a file whose network removes noise. All hold numbers of float16, whatever their type is.

    A UNet of eps gets a linear way from its first convolution through the last skip connection to its last one:
    channels come in pairs +a and -a, which the SiLU between leaves alone, since silu(a) - silu(-a) = a.
    """
    found = (
        re.match(re.escape(UNET) + r"output_blocks\.(\d+)\.0\.skip_connection\.weight$", name) for name in manifest
    )
    last = max((int(match[1]) for match in found if match), default=None)
    made = {}
    for name, (shape, kind) in manifest.items():
        value, wanted = _drawn(name, tuple(shape), seed, prediction, last), getattr(torch, kind)
        if wanted.is_floating_point:
            value, wanted = value.half(), getattr(torch, dtype or kind)
        made[name] = value.to(wanted).contiguous()
    return made


def _drawn(name: str, shape: tuple[int, ...], seed: int, prediction: Prediction, last: int | None) -> Tensor:
    end = name.rsplit(".", 1)[-1]
    if not shape:
        return torch.tensor(4.6055 if end == "logit_scale" else 0.5)
    digest = hashlib.sha256(f"{seed}/{name}".encode()).digest()
    noise = torch.randn(shape, generator=torch.Generator().manual_seed(int.from_bytes(digest[:8], "little") >> 1))
    if end == "position_ids":
        return torch.arange(shape[-1]).expand(shape)
    if prediction == "v" and name.endswith("output_blocks.11.1.transformer_blocks.0.norm1.bias"):
        return noise * 0.2  # by whose spread models of the velocity are known
    if name == "19.bias":  # the last of TAESD's decoder: pictures of a middle grey
        return 0.5 + noise * 0.02
    if end in {"bias", "in_proj_bias"} or "null_" in end:
        return noise * (0.05 if name.endswith("decoder.conv_out.bias") else 0.02)
    if "token_embedding" in name or end == "style_embedding":
        return noise * 0.6
    is_position = "position" in name and "embedding" in name and len(shape) <= 2
    if is_position or end in {"class_embedding", "positional_embedding"}:
        return noise * 0.15
    if len(shape) == 1:
        return 1.0 + 0.05 * noise
    gain = next(gain for pattern, gain in GAINS if re.search(pattern, name))
    is_right_factor = name.endswith(("text_projection", "visual.proj")) or name == "proj"
    weight = noise * (gain / math.sqrt(max(1, shape[0] if is_right_factor else math.prod(shape[1:]))))
    return _with_a_way(weight, name.removeprefix(UNET), prediction, last) if name.startswith(UNET) else weight


def _with_a_way(weight: Tensor, name: str, prediction: Prediction, last: int | None) -> Tensor:
    """The weight of a UNet with its part of the linear way from input to output."""
    centre = weight.shape[2] // 2 if weight.ndim == 4 else 0
    if name == "input_blocks.0.0.weight":
        weight *= 0.35
        for out in range(len(weight)):
            weight[out, out // 2 % 4, centre, centre] += 1.0 if out % 2 == 0 else -1.0
    elif last is not None and name == f"output_blocks.{last}.0.skip_connection.weight":
        weight *= 0.15
        channels = torch.arange(len(weight))
        weight[channels, weight.shape[1] - len(weight) + channels] += 1.0
    elif last is not None and re.match(rf"output_blocks\.{last}\..*(out_layers\.3|proj_out)\.weight$", name):
        weight *= 0.15
    elif name == "out.2.weight":
        weight *= 0.3
        pairs = weight.shape[1] / 8
        for channel in range(weight.shape[1] - weight.shape[1] % 8) if prediction == "eps" else ():
            weight[channel // 2 % 4, channel, centre, centre] += KEEP / pairs * (1.0 if channel % 2 == 0 else -1.0)
    return weight
