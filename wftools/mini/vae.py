"""The autoencoder: pictures of 128 x 128 to latents of 4 x 16 x 16, and back.

It starts from weights that are computed, not drawn: the encoder averages cells of 8 x 8 pixels, the decoder paints
them, and everything else adds nothing yet (see `start`). From there training learns what edges look like; from random
weights the same time does not even reach the colours.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from wftools.diffusion.networks.vae import AttnBlock, AutoencoderKL, Downsample, ResnetBlock, Upsample
from wftools.diffusion.ops import Conv2d
from wftools.mini.loop import Loop, Rate, Training, own_share
from wftools.mini.render import render
from wftools.mini.scene import RICH, scene
from wftools.mini.start import CENTRE, bias, carry, make_constants, undo_deviation, weight, zero
from wftools.weights.families.sd1 import LATENT_FORM
from wftools.weights.networks.vae import VaeConfig

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

VAE_CONFIG: Final = VaeConfig(channels=32, channel_mult=(1, 1, 2, 2), res_blocks=1, group_width=4)

# The rate is low at first, since the start is brittle: every step moves all blocks the same way.
VAE_TRAINING: Final = Training(seed=1, batch=8, rate=Rate(5e-4, warm_up=200))
LATENT_NOISE: Final = 0.05  # the decoder learns to forgive what a denoiser leaves
LATENT_PENALTY: Final = 1e-3  # keeps latents from growing away from that noise
RGB: Final = 3
# The channels of the pairs x and -x and of the constants: a group of four for each colour.
PAIRS: Final = (0, 1, 4, 5, 8, 9)
CONSTANTS: Final = (2, 3, 6, 7, 10, 11)
MEAN_OF_FOUR: Final = torch.tensor([[0.25, 0.25, 0], [0.25, 0.25, 0], [0, 0, 0]])


def analytic_start(network: AutoencoderKL) -> None:
    """Set the weights to the mean colour of each cell, encoded and decoded.

    Only the groups that carry colours are set. The others keep random weights: a group that is all zero would be blown
    up by its normalisation at the first step.
    """
    with torch.no_grad():
        for module in network.modules():
            if isinstance(module, ResnetBlock):
                zero(module.conv2)
                if hasattr(module, "nin_shortcut"):
                    _hand_on(module.nin_shortcut, 1.0)
            elif isinstance(module, AttnBlock):
                zero(module.proj_out)
            elif isinstance(module, Downsample):
                _hand_on(module.conv, MEAN_OF_FOUR)
            elif isinstance(module, Upsample):
                _hand_on(module.conv, CENTRE)
        encoder, decoder = network.encoder, network.decoder
        _carry_in(encoder.conv_in)
        _carry_out(encoder.mid.block_2, encoder.norm_out, encoder.conv_out)
        _carry_in(decoder.conv_in)
        _carry_out(decoder.up[0].get_submodule("block.0"), decoder.norm_out, decoder.conv_out)
        for between in (network.quant_conv, network.post_quant_conv):
            assert isinstance(between, Conv2d)
            zero(between)
            nn.init.dirac_(between.weight)


def _hand_on(conv: object, kernel: Tensor | float) -> None:
    for channel in (*PAIRS, *CONSTANTS):
        carry(conv, channel, channel, kernel)


def _carry_in(conv: object) -> None:
    """Each colour to x and -x. The channels for constants stay empty until the last block."""
    for colour in range(RGB):
        carry(conv, 4 * colour, colour, CENTRE)
        carry(conv, 4 * colour + 1, colour, -CENTRE)
    for channel in CONSTANTS:
        carry(conv, channel, 0, 0.0)


def _carry_out(last_block: nn.Module, norm: object, conv: object) -> None:
    """Each x and -x to a colour, past a normalisation."""
    make_constants(last_block.conv2, CONSTANTS)
    undo_deviation(norm, PAIRS)
    weight(conv)[:RGB] = 0
    nn.init.zeros_(bias(conv))
    for colour in range(RGB):
        weight(conv)[colour, 4 * colour] = CENTRE
        weight(conv)[colour, 4 * colour + 1] = -CENTRE


def train_vae(folder: Path, steps: int, report: Callable[[str], None]) -> AutoencoderKL:
    """Train, or take up a training that stands in the folder; at the end latents have mean 0 and deviation 1."""
    torch.manual_seed(VAE_TRAINING.seed)
    network = AutoencoderKL(VAE_CONFIG)
    analytic_start(network)
    loop = Loop(folder / "vae.pt", steps, VAE_TRAINING.rate, {"network": network}, report)
    for step in loop:
        loop.learn(_loss(network, step))
    normalise(network)
    return network.requires_grad_(False).eval()


def _loss(network: AutoencoderKL, step: int) -> Tensor:
    own = own_share(VAE_TRAINING.batch)
    pictures = training_pictures(range(step * VAE_TRAINING.batch, (step + 1) * VAE_TRAINING.batch)[own])
    noise = torch.randn((VAE_TRAINING.batch, 4, 16, 16), generator=VAE_TRAINING.drawn_at(step))[own]
    with torch.autocast("cpu", torch.bfloat16):
        mean = network.encode(pictures)
        decoded = network.decode(mean + LATENT_NOISE * noise)
    error = decoded.float() - pictures
    return error.abs().mean() + error.square().mean() + LATENT_PENALTY * mean.float().square().mean()


def training_pictures(seeds: range) -> Tensor:
    """Pictures (B, 3, 128, 128) in -1..1, as the network takes them."""
    return render([scene(seed, RICH) for seed in seeds]).movedim(-1, 1) * 2 - 1


def normalise(network: AutoencoderKL, pictures: int = 512) -> None:
    """Fold each channel's mean and deviation into the 1x1 convolutions around the latent."""
    with torch.no_grad():
        chunks = [training_pictures(range(-start - 32, -start)) for start in range(0, pictures, 32)]
        latents = torch.cat([network.encode(chunk) for chunk in chunks])
        deviation, mean = torch.std_mean(latents, (0, 2, 3))
        factor = 1 / (LATENT_FORM.scale * deviation)
        channels = len(mean)
        quant, post = network.quant_conv, network.post_quant_conv
        assert isinstance(quant, Conv2d)
        assert isinstance(post, Conv2d)
        bias(post).add_((post.weight[:, :, 0, 0] * mean).sum(1))
        post.weight.div_(factor[:, None, None])
        bias(quant)[:channels] = (bias(quant)[:channels] - mean) * factor
        quant.weight[:channels] *= factor[:, None, None, None]


def psnr(network: AutoencoderKL, pictures: Tensor) -> float:
    """How near reconstructions come, in decibels; pictures (B, 3, 128, 128) in -1..1."""
    with torch.no_grad():
        error = F.mse_loss(network.decode(network.encode(pictures)).clamp(-1, 1), pictures)
    return 10 * math.log10(4 / float(error))
