"""The denoiser: a UNet of Stable Diffusion 1's form, narrow, taught to take noise off latents by caption.

Pictures are drawn and encoded once, captions are made anew for every use. Plain scenes come first, then the mix with
outlines, stripes, rows and gradients. The loss is that of v-prediction (Salimans and Ho 2022) on a network that
predicts noise: noise levels count alike, while the error of the noise alone would hardly see the high ones, where
colours, places and sizes are decided.

The network starts as "all is noise": its output is its input, as `start` says. Learning to
copy four channels through normalisations would otherwise take the first thousands of steps.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

import torch
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel

from wftools.diffusion.families.sd1 import EPS
from wftools.diffusion.latents import ScaledLatents
from wftools.diffusion.networks.unet import ResBlock, SpatialTransformer, UNet
from wftools.mini.captions import caption, something_of
from wftools.mini.loop import Loop, Rate, Training, keep, own_share, wait_for_others
from wftools.mini.render import render
from wftools.mini.scene import PLAIN, RICH, scene
from wftools.mini.start import CENTRE, carry, make_constants, undo_deviation, weight, zero
from wftools.mini.text import encoded, padded
from wftools.weights.families.sd1 import LATENT_FORM
from wftools.weights.networks.unet import UNetConfig

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from random import Random

    from wftools.diffusion.networks.clip_text import ClipText
    from wftools.diffusion.networks.vae import AutoencoderKL
    from wftools.diffusion.ops import Conv2d
    from wftools.mini.scene import Mix

UNET_CONFIG: Final = UNetConfig(
    model_channels=64,
    channel_mult=(1, 2, 2),
    res_blocks=1,
    transformer_depth=(0, 1, 1),
    context_dim=64,
    head_dim=32,
    group_width=8,
)

UNET_TRAINING: Final = Training(seed=3, batch=64, rate=Rate(1e-3, warm_up=200))
CHANCE_OF_NO_CAPTION: Final = 0.12
LOG_SIGMA: Final = (0.3, 1.3)  # mean and deviation of the noise levels' logarithm
AVERAGED_OVER: Final = 0.999  # of the weights' moving average
LOOK_EVERY: Final = 1000  # steps
SHARD: Final = 2048  # pictures encoded at a time

LATENTS: Final = ScaledLatents(LATENT_FORM)


@dataclass(frozen=True, slots=True)
class Course:
    """How much a training sees: pictures of each kind, and steps until the rich ones come in, and in all."""

    pictures: int
    plain_steps: int
    steps: int


def start_as_noise(network: UNet) -> None:
    """Set the weights so that the output is the input, and every other part adds nothing yet."""
    first = network.get_submodule("input_blocks.0.0")
    joined = cast("Conv2d", network.output_blocks[-1].get_submodule("0.skip_connection"))
    from_below = joined.in_channels - UNET_CONFIG.model_channels  # channels that stand before the first features
    norm, _, last = network.out
    with torch.no_grad():
        for module in network.modules():
            if isinstance(module, ResBlock):
                zero(module.out_layers[3])
            elif isinstance(module, SpatialTransformer):
                zero(module.proj_out)
        zero(last)
        for latent in range(UNET_CONFIG.in_channels):
            for channel, sign in zip(_pair(latent), (1.0, -1.0), strict=True):
                carry(first, channel, latent, sign * CENTRE)
                carry(joined, channel, from_below + channel, 1.0)
                undo_deviation(norm, (channel,))
                weight(last)[latent, channel] = sign * CENTRE
        for group in range(UNET_CONFIG.in_channels // 2):
            make_constants(joined, range(8 * group + 4, 8 * group + 8))


def _pair(latent: int) -> tuple[int, int]:
    """The channels of x and -x: two channels of the latent share a group of eight with four constants."""
    first = latent // 2 * 8 + latent % 2 * 2
    return first, first + 1


class Pictures:
    """Encoded pictures with their words, kept in a folder shard by shard."""

    def __init__(self, folder: Path, vae: AutoencoderKL, count: int, mix: Mix, report: Callable[[str], None]) -> None:
        self.words = [scene(seed, mix).words for seed in range(count)]
        shards = {
            start: folder / f"latents-{'plain' if mix == PLAIN else 'rich'}-{start}.pt"
            for start in range(0, count, SHARD)
        }
        for start in list(shards)[own_share(len(shards))]:
            if not shards[start].exists():
                report(f"encoding pictures: {start} of {count}")
                keep(_latents(vae, range(start, min(start + SHARD, count)), mix), shards[start])
        wait_for_others()
        # (count, 4, 16, 16), float16, at the network's scale
        self.latents = torch.cat([torch.load(path, weights_only=True) for path in shards.values()])


@torch.no_grad()
def _latents(vae: AutoencoderKL, seeds: range, mix: Mix) -> Tensor:
    found = []
    for start in range(seeds.start, seeds.stop, 32):
        pictures = render([scene(seed, mix) for seed in range(start, min(start + 32, seeds.stop))])
        with torch.autocast("cpu", torch.bfloat16):
            mean = vae.encode(pictures.movedim(-1, 1) * 2 - 1)
        found.append(LATENTS.to_network(mean).half())
    return torch.cat(found)


def train_unet(
    folder: Path,
    vae: AutoencoderKL,
    text: ClipText,
    course: Course,
    *,
    look: Callable[[UNet, int], None],
    report: Callable[[str], None],
) -> UNet:
    """Train, or take up a training that stands in the folder. `look` sees the averaged network now and then."""
    torch.manual_seed(UNET_TRAINING.seed)
    network = UNet(UNET_CONFIG)
    start_as_noise(network)
    average = UNet(UNET_CONFIG).requires_grad_(False)
    average.load_state_dict(network.state_dict())
    loop = Loop(
        folder / "unet.pt",
        course.steps,
        UNET_TRAINING.rate,
        {"network": network, "average": average},
        report,
        matrices=_matrices(network),
    )
    pictures: dict[Mix, Pictures] = {}
    for step in loop:
        mix = PLAIN if step < course.plain_steps else RICH
        if mix not in pictures:
            pictures[mix] = Pictures(folder, vae, course.pictures, mix, report)
        loop.learn(_loss(network, text, pictures[mix], step))
        _take_in(average, network, step)
        if (step + 1) % LOOK_EVERY == 0:
            look(average, (step + 1) * UNET_TRAINING.batch)
    return average


def _matrices(network: UNet) -> list[nn.Parameter]:
    """The weights that map features to features: all matrices but those of the way straight through."""
    straight = {"input_blocks.0.0.weight", "out.2.weight"}
    return [weight for name, weight in network.named_parameters() if weight.ndim > 1 and name not in straight]


@torch.no_grad()
def _take_in(average: UNet, network: UNet, step: int) -> None:
    """Move the average towards the network; at the start faster, so that the first weights are forgotten."""
    share = max(1 - AVERAGED_OVER, 9 / (10 + step))
    torch._foreach_lerp_(list(average.parameters()), list(network.parameters()), share)


def _loss(network: UNet, text: ClipText, pictures: Pictures, step: int) -> Tensor:
    """The squared error of the noise, times 1 + sigma**2: that of v."""
    source, random = UNET_TRAINING.drawn_at(step), UNET_TRAINING.random_at(step)
    chosen = torch.randint(len(pictures.words), (UNET_TRAINING.batch,), generator=source)
    log_sigma = LOG_SIGMA[0] + LOG_SIGMA[1] * torch.randn(UNET_TRAINING.batch, generator=source)
    noise = torch.randn((UNET_TRAINING.batch, *pictures.latents.shape[1:]), generator=source)
    captions = _captions(pictures, chosen.tolist(), random)
    own = own_share(UNET_TRAINING.batch)
    latents, noise = pictures.latents[chosen[own]].float(), noise[own]
    with torch.no_grad():
        context = encoded(text, torch.tensor([padded(each) for each in captions[own]]))
    timestep = EPS.levels.timestep(log_sigma[own].exp())
    sigma = EPS.levels.sigmas[timestep]
    scaled = EPS.scaled(EPS.noised(latents, noise, sigma), sigma)
    # This processor's flash attention has a backward pass twice as slow as the plain formula's.
    with torch.autocast("cpu", torch.bfloat16), sdpa_kernel(SDPBackend.MATH):
        predicted = network(scaled, timestep, context)
    error = (predicted.float() - noise).square().mean((1, 2, 3))
    loss: Tensor = (error * (1 + sigma**2)).mean()
    return loss


def _captions(pictures: Pictures, chosen: list[int], random: Random) -> list[str]:
    captions = []
    for index in chosen:
        words = something_of(pictures.words[index], random)
        captions.append("" if random.random() < CHANCE_OF_NO_CAPTION else caption(words, random))
    return captions
