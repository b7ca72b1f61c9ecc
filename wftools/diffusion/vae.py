"""VAE: autoencoders for pictures, as a whole or in tiles."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Protocol

import torch
from torch import Tensor, nn

from wftools.diffusion.latents import check_form
from wftools.diffusion.loading import load_network
from wftools.diffusion.networks.vae import AutoencoderKL
from wftools.diffusion.ops import weights_of
from wftools.diffusion.placing import network_input
from wftools.diffusion.tiles import in_tiles
from wftools.errors import RunError

if TYPE_CHECKING:
    from wftools.context import Context, Placement
    from wftools.weights.networks import Part
    from wftools.weights.networks.vae import VaeConfig
    from wftools.weights.source import Weight

TILINGS: Final = ((1, 1), (2, 0.5), (0.5, 2))  # how much wider and higher than asked for tiles are, in turn


class Autoencoder(Protocol):
    """Pictures (B, image_channels, H, W) of about -1..1 to latents (B, latent_channels, h, w), and back."""

    @property
    def ratio(self) -> int:
        """Pixels a latent cell, along one side."""
        ...

    @property
    def is_temporal(self) -> bool:
        """Whether the pictures of a batch are frames of one video, which are decoded together."""
        ...

    @property
    def image_channels(self) -> int:
        """Channels of a picture."""
        ...

    @property
    def latent_channels(self) -> int:
        """Channels of a latent."""
        ...

    def encode(self, x: Tensor) -> Tensor:
        """Pictures to latents."""
        ...

    def decode(self, z: Tensor) -> Tensor:
        """Latents to pictures."""
        ...


def image_vae(part: Part[VaeConfig], context: Context) -> ImageVae:
    """The autoencoder in a file."""
    return ImageVae(load_network(AutoencoderKL, part, context.placement), context.placement)


@dataclass(frozen=True, slots=True, eq=False)
class ImageVae:
    """Pixels to latents and back, one picture at a time, so that memory does not grow with the batch."""

    network: Autoencoder
    placement: Placement

    @property
    def ratio(self) -> int:
        """Pixels a latent cell, along one side."""
        return self.network.ratio

    def encode(self, image: Tensor) -> Tensor:
        """(B, H, W, C) in 0..1 to latents (B, c, H // ratio, W // ratio): the mean of the posterior.

        The picture is cut at the centre to whole latent cells; channels beyond the third are left out. Raises
        RunError if it is smaller than one cell.
        """
        return torch.cat([self._encoded(one) for one in torch.split(self._pixels(image), 1)])

    def decode(self, samples: Tensor) -> Tensor:
        """Latents (B, c, h, w) to pixels (B, H, W, C), clamped to 0..1. Raises RunError for another c."""
        check_form(samples, self.network.latent_channels, 2, "the VAE")
        at_once = len(samples) if self.network.is_temporal else 1
        return _picture(torch.cat([self._decoded(some) for some in torch.split(samples, max(at_once, 1))]))

    def weights(self) -> dict[str, Weight]:
        """All weights by the network's names; none where there is no network."""
        return weights_of(self.network) if isinstance(self.network, nn.Module) else {}

    def encode_tiled(self, image: Tensor, tile: int, overlap: int) -> Tensor:
        """As `encode`, but in tiles of about so many pixels; the mean of tiles of three shapes."""
        pixels = self._pixels(image)
        tilings = [
            in_tiles(pixels, self._encoded, _tile(tile, shape), overlap, 1 / self.network.ratio) for shape in TILINGS
        ]
        return _mean(tilings)

    def decode_tiled(self, samples: Tensor, tile: int, overlap: int) -> Tensor:
        """As `decode`, but in tiles of about so many cells; the mean of tiles of three shapes."""
        check_form(samples, self.network.latent_channels, 2, "the VAE")
        tilings = [
            in_tiles(samples, self._decoded, _tile(tile, shape), overlap, self.network.ratio)
            for shape in reversed(TILINGS)
        ]
        return _picture(_mean(tilings))

    def with_device(self, device: str | None) -> ImageVae:
        """A handle that computes on another device; None: on that which it was loaded for."""
        return replace(self, placement=self.placement.with_device(device))

    @torch.no_grad()
    def _encoded(self, pixels: Tensor) -> Tensor:
        return self.network.encode(network_input(pixels * 2.0 - 1.0, self.placement)).float().cpu()

    @torch.no_grad()
    def _decoded(self, samples: Tensor) -> Tensor:
        return self.network.decode(network_input(samples, self.placement)).float().cpu()

    def _pixels(self, image: Tensor) -> Tensor:
        """(B, H, W, C) as (B, C, H, W) in whole cells; of an odd rest the smaller part is cut at the top and left."""
        ratio = self.network.ratio
        height, width = (size // ratio * ratio for size in image.shape[1:3])
        if not height or not width:
            raise RunError(f"a picture of {image.shape[2]} x {image.shape[1]} pixels is smaller than a latent cell")
        top, left = image.shape[1] % ratio // 2, image.shape[2] % ratio // 2
        cut = image[:, top : top + height, left : left + width]
        return cut[..., : self.network.image_channels].movedim(-1, 1)


def _tile(size: int, shape: tuple[float, float]) -> tuple[int, int]:
    """Height and width of a tile."""
    wider, higher = shape
    return int(size * higher), int(size * wider)


def _mean(tilings: list[Tensor]) -> Tensor:
    first, second, third = tilings
    return (first + second + third) / len(tilings)


def _picture(decoded: Tensor) -> Tensor:
    """(B, C, H, W) of about -1..1 to (B, H, W, C) in 0..1."""
    return ((decoded + 1.0) / 2.0).clamp(0.0, 1.0).movedim(1, -1)


@dataclass(frozen=True, slots=True)
class PixelSpace:
    """No autoencoder: latents are pixels in -1..1."""

    ratio: int = 1
    is_temporal: bool = False
    image_channels: int = 3
    latent_channels: int = 3

    def encode(self, x: Tensor) -> Tensor:
        """The same."""
        return x

    def decode(self, z: Tensor) -> Tensor:
        """The same."""
        return z
