"""Deep shrink (Kohya 2023): smaller features inside the network while the composition is decided."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wftools.diffusion.patches import At, Patches
from wftools.imaging.resample import resample

if TYPE_CHECKING:
    from torch import Tensor

    from wftools.values import Model


def deep_shrink(
    model: Model,
    block: int,
    factor: float,
    percents: tuple[float, float],
    *,
    methods: tuple[str, str],
    after_skip: bool,
) -> Model:
    """What an input block gives is divided by `factor` along both sides, from one percent of sampling to another.

    `methods`: to make it smaller, and to bring it back on the way up. `after_skip`: what goes there beside is not.
    """
    levels = model.parametrisation.levels
    first, last = (levels.at_percent(percent) for percent in percents)
    shrink, grow = _Shrink(block, factor, first, last, methods[0]), _Grow(methods[1])
    if after_skip:
        return model.with_patches(Patches(input_after_skip=(shrink,), output=(grow,)))
    return model.with_patches(Patches(input=(shrink,), output=(grow,)))


@dataclass(frozen=True, slots=True)
class _Shrink:
    block: int
    factor: float
    first_sigma: float
    last_sigma: float
    method: str

    def __call__(self, h: Tensor, at: At) -> Tensor:
        if at.block != self.block or not self.last_sigma <= at.call.sigma[0].item() <= self.first_sigma:
            return h
        height, width = (round(side * (1.0 / self.factor)) for side in h.shape[-2:])
        return resample(h, width, height, self.method)


@dataclass(frozen=True, slots=True)
class _Grow:
    method: str

    def __call__(self, h: Tensor, skip: Tensor, _at: At) -> tuple[Tensor, Tensor]:
        if h.shape[2] != skip.shape[2]:
            h = resample(h, skip.shape[-1], skip.shape[-2], self.method)
        return h, skip
