"""VAE: an autoencoder for pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from wftools.diffusion.latents import check_form
from wftools.diffusion.loading import load_network
from wftools.diffusion.networks.vae import AutoencoderKL
from wftools.diffusion.ops import weights_of
from wftools.diffusion.placing import network_input
from wftools.errors import RunError

if TYPE_CHECKING:
    from wftools.context import Context, Placement
    from wftools.weights.networks import Part
    from wftools.weights.networks.vae import VaeConfig
    from wftools.weights.source import Weight


def image_vae(part: Part[VaeConfig], context: Context) -> ImageVae:
    """The autoencoder in a file."""
    return ImageVae(load_network(AutoencoderKL, part, context.placement), context.placement)


@dataclass(frozen=True, slots=True, eq=False)
class ImageVae:
    """Pixels to latents and back, one picture at a time, so that memory does not grow with the batch."""

    network: AutoencoderKL
    placement: Placement

    @torch.no_grad()
    def encode(self, image: Tensor) -> Tensor:
        """(B, H, W, C) in 0..1 to latents (B, c, H // ratio, W // ratio): the mean of the posterior.

        The picture is cut at the centre to whole latent cells; channels beyond the third are left out. Raises
        RunError if it is smaller than one cell.
        """
        pixels = self._cut(image)[..., : self.network.config.image_channels].movedim(-1, 1) * 2.0 - 1.0
        means = [self.network.encode(network_input(one, self.placement))[0] for one in torch.split(pixels, 1)]
        return torch.cat(means).float().cpu()

    @torch.no_grad()
    def decode(self, samples: Tensor) -> Tensor:
        """Latents (B, c, h, w) to pixels (B, H, W, C), clamped to 0..1. Raises RunError for another c."""
        check_form(samples, self.network.config.embed_dim, 2, "the VAE")
        pictures = [
            self.network.decode(network_input(one, self.placement)).float().cpu() for one in torch.split(samples, 1)
        ]
        return ((torch.cat(pictures) + 1.0) / 2.0).clamp(0.0, 1.0).movedim(1, -1)

    def weights(self) -> dict[str, Weight]:
        """All weights by the network's names."""
        return weights_of(self.network)

    def _cut(self, image: Tensor) -> Tensor:
        """(B, H, W, C) to whole cells; an odd rest is split with the smaller part at the top and left."""
        ratio = self.network.config.ratio
        height, width = (size // ratio * ratio for size in image.shape[1:3])
        if not height or not width:
            raise RunError(f"a picture of {image.shape[2]} x {image.shape[1]} pixels is smaller than a latent cell")
        top, left = image.shape[1] % ratio // 2, image.shape[2] % ratio // 2
        return image[:, top : top + height, left : left + width]
