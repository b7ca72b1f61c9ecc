"""Adapters as files: those that were trained, and those that are extracted from the difference of two models."""

from __future__ import annotations

import logging
import math
from typing import TYPE_CHECKING, Final, Literal

import torch

from wftools.diffusion.saving import writing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from wftools.context import Context
    from wftools.values import Clip, Model
    from wftools.weights.source import Weight
    from wftools.weights.tensorfile import Shape

DTYPE: Final = torch.float16  # of extracted adapters
KEPT: Final = 0.99  # of the numbers in both factors; the greatest of the rest are cut down to them
MAX_QUANTILE: Final = 2**24  # numbers that torch finds a quantile of

Kind = Literal["standard", "full_diff"]

log = logging.getLogger(__name__)


def save_adapter(prefix: str, context: Context, tensors: Mapping[str, Tensor], steps: int | None) -> None:
    """The tensors of an adapter as they are; the name says how many steps it was trained for, if that is known."""
    name = prefix if steps is None else f"{prefix}_{steps}_steps"
    context.write(name, "_.safetensors", [writing(tensors, DTYPE, {}, context.step)])


def extract_adapter(
    prefix: str,
    context: Context,
    *,
    model: Model | None,
    clip: Clip | None,
    kind: Kind,
    rank: int,
    with_biases: bool,
) -> None:
    """The difference that a model and text encoders are, as an adapter; nothing is written for none.

    Of matrices and kernels the nearest ones of a rank, or all of it ("full_diff"). Biases, and the weights of
    normalisations in the first case, are there if wanted.
    """
    differences: dict[str, Weight] = {}
    if model is not None:
        differences |= {f"diffusion_model.{name}": weight for name, weight in model.weights().items()}
    if clip is not None:
        differences |= {_text_name(name): weight for name, weight in clip.weights().items()}
    if not differences:
        return
    content: dict[str, Weight | Tensor] = {}
    for done, (name, weight) in enumerate(differences.items()):
        context.step(done, len(differences))
        module, _, what = name.rpartition(".")
        if what == "weight":
            content |= _of_weight(module, weight, kind, rank, with_biases=with_biases)
        elif what == "bias" and with_biases:
            content[f"{module}.diff_b"] = weight
    context.write(prefix, "_.safetensors", [writing(content, DTYPE, {}, context.step)])


def _text_name(name: str) -> str:
    """A weight of text encoders by the name that ComfyUI gives it."""
    encoder, _, own = name.partition(".")
    return f"text_encoders.{encoder}.transformer.{own if own.startswith('text_projection') else f'text_model.{own}'}"


def _of_weight(module: str, weight: Weight, kind: Kind, rank: int, *, with_biases: bool) -> dict[str, Weight | Tensor]:
    if kind == "full_diff":
        return {f"{module}.diff": weight}
    if len(weight.shape) < 2:
        return {f"{module}.diff": weight} if with_biases else {}
    rank = min(rank, *weight.shape[:2])
    if rank * (weight.shape[0] + math.prod(weight.shape[1:])) > MAX_QUANTILE:
        log.warning("%s is too large for an adapter of rank %d, and left out, as in ComfyUI", module, rank)
        return {}
    up, down = factors(weight.source.weight(torch.float32, torch.device("cpu")), rank)
    return {f"{module}.lora_up.weight": up.to(DTYPE), f"{module}.lora_down.weight": down.to(DTYPE)}


def factors(difference: Tensor, rank: int) -> tuple[Tensor, Tensor]:
    """Two factors of a matrix or a kernel (out, in, …), whose product is the nearest to it of that rank.

    Singular value decomposition (Eckart and Young 1936). The first has the singular values; both are clamped where the
    largest hundredth of their numbers begins.
    """
    left, values, right = torch.linalg.svd(difference.flatten(1), full_matrices=False)
    up, down = left[:, :rank] * values[:rank], right[:rank]
    most = float(torch.quantile(torch.cat([up.flatten(), down.flatten()]), KEPT))
    up, down = up.clamp(-most, most), down.clamp(-most, most)
    ones: Shape = (1,) * (difference.ndim - 2)
    return up.reshape(*up.shape, *ones), down.reshape(rank, *difference.shape[1:])
