"""Latents: at the scale of a VAE and at that of a network, and the form that a model needs them in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from wftools.errors import RunError

if TYPE_CHECKING:
    from wftools.values import Latent, LatentFormat
    from wftools.weights.families import LatentForm


@dataclass(frozen=True, slots=True)
class ScaledLatents:
    """The latents of a family, whose network sees them shifted and scaled: a kind of `values.LatentFormat`."""

    form: LatentForm

    @property
    def channels(self) -> int:
        """How many channels a latent has."""
        return self.form.channels

    @property
    def ratio(self) -> int:
        """Pixels a cell, along one side."""
        return self.form.ratio

    @property
    def dimensions(self) -> int:
        """Axes of time and space: 2 for pictures, 3 for videos, whose first is time."""
        return self.form.dimensions

    def to_network(self, samples: Tensor) -> Tensor:
        """The VAE's latents at the network's scale."""
        shift, scale = self._shift_and_scale(samples)
        return (samples - shift) * scale

    def from_network(self, samples: Tensor) -> Tensor:
        """The network's latents at the VAE's scale."""
        shift, scale = self._shift_and_scale(samples)
        return samples / scale + shift

    def _shift_and_scale(self, samples: Tensor) -> tuple[Tensor | float, Tensor | float]:
        """Numbers, or (1, C, 1, …) where each channel has its own."""
        shift: Tensor | float = self.form.shift
        scale: Tensor | float = self.form.scale
        beside_channels = (1, -1, *[1] * (samples.ndim - 2))
        if self.form.means:
            shift = shift + samples.new_tensor(self.form.means).reshape(beside_channels)
        if self.form.deviations:
            scale = scale / samples.new_tensor(self.form.deviations).reshape(beside_channels)
        return shift, scale


def fitted(latent: Latent, wanted: LatentFormat) -> Latent:
    """A latent in the form of a model, where that is but a matter of form.

    An empty latent becomes one of the same size in pixels, so that any node for empty pictures will do; a picture
    becomes a video of one frame. Another latent stays as it is.
    """
    samples = latent.samples
    is_map = samples.ndim > 3
    if is_map and not torch.count_nonzero(samples):
        ratio = (latent.downscale_ratio_spacial or wanted.ratio) / wanted.ratio
        height, width = (round(size * ratio) for size in samples.shape[-2:])
        samples = torch.zeros(len(samples), wanted.channels, *samples.shape[2:-2], height, width)
    if is_map and samples.ndim == wanted.dimensions + 1:
        samples = samples.unsqueeze(2)  # (B, C, h, w) -> (B, C, 1, h, w)
    return replace(latent, samples=samples)


def at_network_scale(samples: Tensor, form: LatentFormat) -> Tensor:
    """The VAE's latents at the network's scale; an empty latent stays empty, also where others are shifted."""
    return form.to_network(samples) if torch.count_nonzero(samples) else samples


def check_form(samples: Tensor, channels: int, dimensions: int, what: str) -> None:
    """Raise RunError for a latent that is not (B, channels, …) with so many axes of time and space."""
    if samples.ndim != 2 + dimensions or samples.shape[1] != channels:
        raise RunError(
            f"the latent has the shape {list(samples.shape)}, {what} needs {channels} channels "
            f"and {2 + dimensions} axes in all"
        )
