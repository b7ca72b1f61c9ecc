"""Scales of guidance that differ from frame to frame of a video: what is far from the first picture needs more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import torch

from wftools.diffusion.guidance import Asked, Guidance

if TYPE_CHECKING:
    from torch import Tensor

    from wftools.values import Model


class Course(Protocol):
    """How far the scale has risen in each frame, 0..1."""

    def __call__(self, frames: int, /) -> Tensor:
        """One value for each frame, (frames,)."""
        ...


def linear(frames: int) -> Tensor:
    """From the first frame to the last. Blattmann et al. 2023, "Stable Video Diffusion"."""
    return torch.linspace(0, 1, frames)


def triangle(frames: int) -> Tensor:
    """To the frame in the middle and back, for turns around a thing. Voleti et al. 2024, "SV3D"."""
    values = torch.linspace(0, 1, frames)
    return 2 * (values - torch.floor(values + 0.5)).abs()


def frame_guidance(model: Model, course: Course, min_cfg: float) -> Model:
    """Scales from `min_cfg` up to the guider's; frames are the items of a batch."""
    return model.with_guidance(Guidance(combine=_FrameScales(course, min_cfg)))


@dataclass(frozen=True, slots=True)
class _FrameScales:
    course: Course
    min_cfg: float

    def __call__(self, asked: Asked) -> Tensor:
        frames = len(asked.cond)
        scales = self.min_cfg + (asked.scale - self.min_cfg) * self.course(frames).to(asked.cond)
        scales = scales.reshape(frames, *[1] * (asked.cond.ndim - 1))
        return asked.uncond + scales * (asked.cond - asked.uncond)
