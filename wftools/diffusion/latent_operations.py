"""Operations on latents that are values themselves: kinds of `values.LatentOperation`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F  # noqa: N812

from wftools.errors import RunError

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, slots=True)
class TonemapReinhard:
    """Reinhard et al. 2002, "Photographic Tone Reproduction", on the lengths of cells instead of their brightness.

    The longest are brought near to `multiplier` times five deviations above the mean.
    """

    multiplier: float

    def __call__(self, latent: Tensor) -> Tensor:
        """A latent (B, C, …) whose cells keep their directions."""
        length = torch.linalg.vector_norm(latent, dim=1, keepdim=True) + 1e-10
        axes = tuple(range(1, length.ndim))
        top = (length.std(axes, keepdim=True) * 5 + length.mean(axes, keepdim=True)) * self.multiplier
        share = length / top
        shortened: Tensor = latent / length * (share / (share + 1.0) * top)
        return shortened


@dataclass(frozen=True, slots=True)
class Sharpen:
    """Cells move away from the mean of those around them, weighted by a Gaussian; all get their lengths back."""

    radius: int  # cells
    sigma: float  # of the Gaussian, in units of the radius
    alpha: float  # a tenth of what the neighbours weigh

    def __call__(self, latent: Tensor) -> Tensor:
        """A latent (B, C, h, w) whose sides are longer than the radius, since it is reflected at its edges."""
        if latent.ndim != 4:
            raise RunError("latents of videos cannot be sharpened", hint="sharpen its frames one by one")
        if min(latent.shape[-2:]) <= self.radius:
            raise RunError(
                f"a latent of {latent.shape[-1]} x {latent.shape[-2]} cells cannot be sharpened with a radius of "
                f"{self.radius} cells",
                hint="choose a sharpen_radius smaller than both",
            )
        channels, size = latent.shape[1], 2 * self.radius + 1
        kernel = _gaussian(size, self.sigma).to(latent.device) * (self.alpha * -10)
        kernel[self.radius, self.radius] += 1.0 - kernel.sum()
        length = torch.linalg.vector_norm(latent, dim=1, keepdim=True) + 1e-6
        padded = F.pad(latent / length, [self.radius] * 4, mode="reflect")
        sharpened: Tensor = length * F.conv2d(
            padded, kernel.to(latent).expand(channels, 1, size, size), groups=channels
        )
        return sharpened


def _gaussian(size: int, sigma: float) -> Tensor:
    """Weights that add up to 1, (size, size), over -1..1 in both directions."""
    offsets = torch.linspace(-1, 1, size)
    weights = (-(offsets[:, None] ** 2 + offsets**2) / (2 * sigma**2)).exp()
    return weights / weights.sum()
