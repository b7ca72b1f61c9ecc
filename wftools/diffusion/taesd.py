"""TAESD as a VAE: fast, and not quite what the family's own makes of a latent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wftools.diffusion.loading import load_network
from wftools.diffusion.networks.taesd import TaesdDecoder, TaesdEncoder
from wftools.diffusion.vae import ImageVae
from wftools.errors import InputError
from wftools.weights.dialects import understood
from wftools.weights.networks import find
from wftools.weights.networks.taesd import infer_taesd_decoder, infer_taesd_encoder
from wftools.weights.tensorfile import open_tensors

if TYPE_CHECKING:
    from torch import Tensor

    from wftools.context import Context

# Of the latents of each: the scale and the shift that its networks see them with.
SCALES: Final = {
    "taesd": (0.18215, 0.0),
    "taesdxl": (0.13025, 0.0),
    "taesd3": (1.5305, 0.0609),
    "taef1": (0.3611, 0.1159),
}


def load_taesd(name: str, context: Context) -> ImageVae:
    """The small VAE of that name. Raises RunError if a file is not there, InputError if it is another."""
    paths = context.folders.approximate_vae(name)
    files = [understood(open_tensors(path)) for path in paths]
    encoder = find(files[0], "taesd_encoder", ("",), infer_taesd_encoder)
    decoder = find(files[1], "taesd_decoder", ("",), infer_taesd_decoder)
    if encoder is None or decoder is None:
        place = files[0].place if encoder is None else files[1].place
        raise InputError(f"there is no {'encoder' if encoder is None else 'decoder'} of TAESD in the file", place=place)
    networks = (
        load_network(TaesdEncoder, encoder, context.placement),
        load_network(TaesdDecoder, decoder, context.placement),
    )
    return ImageVae(Taesd(*networks, *SCALES[name]), context.placement)


@dataclass(frozen=True, slots=True, eq=False)
class Taesd:
    """TAESD's two networks as an autoencoder for latents of a scale and a shift of their own."""

    encoder: TaesdEncoder
    decoder: TaesdDecoder
    scale: float
    shift: float
    ratio: int = 8
    is_temporal: bool = False

    @property
    def image_channels(self) -> int:
        """Channels of a picture."""
        return self.encoder.config.image_channels

    @property
    def latent_channels(self) -> int:
        """Channels of a latent."""
        return self.encoder.config.latent_channels

    def encode(self, x: Tensor) -> Tensor:
        """Pictures in -1..1 to latents at the scale of the family's VAE."""
        return self.encoder(x * 0.5 + 0.5) / self.scale + self.shift

    def decode(self, z: Tensor) -> Tensor:
        """Latents at the scale of the family's VAE to pictures of about -1..1."""
        return (self.decoder((z - self.shift) * self.scale) - 0.5) * 2.0
