"""Latents as files: safetensors with one tensor, whose suffix is `.latent`.

Files of ComfyUI's first version have latents at the scale of SD1's network; those of the second version, at the scale
of the VAE, say so by an empty tensor.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import torch
from safetensors.torch import save as to_bytes

from wftools.errors import InputError, Place
from wftools.values import Latent
from wftools.weights.formats import safetensors

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

TENSOR: Final = "latent_tensor"
AT_VAE_SCALE: Final = "latent_format_version_0"
FIRST_SCALE: Final = 0.18215


def save(latent: Latent, texts: Mapping[str, str]) -> bytes:
    """The samples of a latent as a file, with texts in its metadata; masks are left out, as in ComfyUI."""
    tensors = {TENSOR: latent.samples.cpu().contiguous(), AT_VAE_SCALE: torch.tensor([])}
    return to_bytes(tensors, dict(texts) or None)


def load(path: Path) -> Latent:
    """The latent of a file, in float32. Raises InputError if it is none."""
    file = safetensors.open_file(path)
    if TENSOR not in file.tensors:
        raise InputError(f"the file has no tensor {TENSOR}", place=Place(str(path)), hint="save one with SaveLatent")
    samples = file.read(TENSOR).float()
    return Latent(samples if AT_VAE_SCALE in file.tensors else samples * (1 / FIRST_SCALE))
