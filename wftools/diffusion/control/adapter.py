"""T2I-Adapters as control: what they add depends on their picture alone."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import torch

from wftools.diffusion.control import for_batch
from wftools.diffusion.control.net import PIXELS
from wftools.diffusion.patches import Control
from wftools.diffusion.placing import network_input
from wftools.errors import RunError
from wftools.imaging.resample import resample

if TYPE_CHECKING:
    from torch import Tensor

    from wftools.context import Placement
    from wftools.diffusion.networks.t2i_adapter import LightAdapter, T2iAdapter
    from wftools.values import Hint, Model, NetworkInputs

# The last input blocks of the UNet's levels, to whose output each level's features are added.
LAST_OF_LEVEL: Final = (2, 5, 8, 11)
LAST_OF_XL_LEVEL: Final = (3, 5, 8)  # and the middle block


@dataclass(frozen=True, slots=True, eq=False)
class AdapterControl:
    """A T2I-Adapter: a kind of `values.ControlNet`."""

    network: T2iAdapter | LightAdapter
    placement: Placement
    is_xl: bool = False

    def with_type(self, _kind: int | None) -> AdapterControl:
        """The same: an adapter knows one kind of pictures."""
        return self

    @torch.no_grad()
    def seen(self, hint: Hint, height: int, width: int, _model: Model) -> Control:
        """What is added for a latent of that size, for each picture. Raises RunError for other channels."""
        cell = self.network.config.unshuffle
        colours = self.network.config.in_channels // cell**2
        height, width = (math.ceil(side * PIXELS / cell) * cell for side in (height, width))
        picture = resample(hint.image.movedim(-1, 1), width, height, "nearest-exact", "center")
        if colours == 1:
            picture = picture.mean(dim=1, keepdim=True)
        if picture.shape[1] != colours:
            raise RunError(f"the adapter takes pictures of {colours} channels, not {picture.shape[1]}")
        features = self.network.features(network_input(picture, self.placement))
        if self.is_xl:
            return Control(input=_at(LAST_OF_XL_LEVEL, features[:-1]), middle=features[-1])
        return Control(input=_at(LAST_OF_LEVEL, features))

    def control(
        self, seen: Control, x: Tensor, _sigma: Tensor, _inputs: NetworkInputs, _model: Model, *, calls: int
    ) -> Control:
        """What is added in a call for x (B, C, h, w)."""
        return seen.each(lambda added: for_batch(added, len(x), calls))


def _at(blocks: tuple[int, ...], features: list[Tensor]) -> tuple[Tensor | None, ...]:
    by_block = dict(zip(blocks, features, strict=False))
    return tuple(by_block.get(block) for block in range(max(by_block, default=-1) + 1))
