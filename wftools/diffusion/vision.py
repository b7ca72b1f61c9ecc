"""CLIP_VISION: what a picture is about, as vectors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import torch
import torch.nn.functional as F  # noqa: N812

from wftools.diffusion.loading import load_network
from wftools.diffusion.networks.clip_vision import ClipVision
from wftools.diffusion.ops import weights_of
from wftools.diffusion.placing import network_input
from wftools.values import ClipVisionOutput

if TYPE_CHECKING:
    from torch import Tensor

    from wftools.context import Context, Placement
    from wftools.weights.networks import Part
    from wftools.weights.networks.clip_vision import ClipVisionConfig
    from wftools.weights.source import Weight

# The mean and the deviation of the colours that CLIP was trained with.
MEANS: Final = (0.48145466, 0.4578275, 0.40821073)
DEVIATIONS: Final = (0.26862954, 0.26130258, 0.27577711)


def clip_vision(part: Part[ClipVisionConfig], context: Context) -> VisionEncoder:
    """The encoder of pictures in a file."""
    return VisionEncoder(load_network(ClipVision, part, context.placement), context.placement)


@dataclass(frozen=True, slots=True, eq=False)
class VisionEncoder:
    """An encoder of pictures with its weights: a kind of `values.ClipVision`."""

    network: ClipVision
    placement: Placement

    @torch.no_grad()
    def encode(self, image: Tensor, crop: str = "center") -> ClipVisionOutput:
        """What is seen in pictures (B, H, W, C) in 0..1: in their middle ("center"), or in all of them."""
        pixels = network_input(normalised(image, self.network.config.side, crop=crop == "center"), self.placement)
        last, penultimate, embeds = self.network(pixels)
        return ClipVisionOutput(last.float().cpu(), penultimate.float().cpu(), embeds.float().cpu())

    def weights(self) -> dict[str, Weight]:
        """All weights by the network's names."""
        return weights_of(self.network)


def normalised(image: Tensor, side: int, *, crop: bool) -> Tensor:
    """Pictures (B, H, W, C) as the network was trained with them: (B, 3, side, side), in whole 255ths before.

    With `crop` the shorter side is brought to that length, and the middle taken; without it both are.
    """
    pixels = image[..., :3].movedim(-1, 1)
    height, width = pixels.shape[-2:]
    if (height, width) != (side, side):
        scale = side / min(height, width)
        size = (round(scale * height), round(scale * width)) if crop else (side, side)
        pixels = F.interpolate(pixels, size=size, mode="bicubic", antialias=True)
        top, left = ((length - side) // 2 for length in pixels.shape[-2:])
        pixels = pixels[..., top : top + side, left : left + side]
    pixels = (255.0 * pixels).clamp(0, 255).round() / 255.0
    means, deviations = (pixels.new_tensor(values)[:, None, None] for values in (MEANS, DEVIATIONS))
    return (pixels - means) / deviations
