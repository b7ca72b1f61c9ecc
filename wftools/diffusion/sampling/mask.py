"""Sampling only where a mask allows it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import torch.nn.functional as F  # noqa: N812
from torch import Tensor

from wftools.errors import RunError
from wftools.imaging.batch import to_batch

if TYPE_CHECKING:
    from wftools.values import Guider, Pair, Parametrisation, Sampling


@dataclass(frozen=True, slots=True, eq=False)
class MaskedDenoise:
    """Holds everything outside a mask to a latent: noised alike before the network, as it is behind it."""

    guider: Guider
    sampling: Sampling
    mask: Tensor  # of the latent's shape: 1 where sampling may change it

    @property
    def parametrisation(self) -> Parametrisation:
        """How noise is mixed into the latents."""
        return self.guider.parametrisation

    def __call__(self, x: Tensor, sigma: Tensor) -> Tensor:
        """The latent without noise, from x (B, C, …) with noise of deviation sigma ()."""
        mask = self._mask_at(sigma)
        return self._held(self.guider(self._before(x, sigma, mask), sigma), mask)

    def pair(self, x: Tensor, sigma: Tensor) -> Pair:
        """The same with both sides' predictions, which nothing is held in."""
        mask = self._mask_at(sigma)
        pair = self.guider.pair(self._before(x, sigma, mask), sigma)
        return replace(pair, denoised=self._held(pair.denoised, mask))

    def _mask_at(self, sigma: Tensor) -> Tensor:
        mask_at = self.guider.model.guidance.mask_at
        return self.mask if mask_at is None else mask_at(self.mask, sigma, self.sampling, self.guider.model)

    def _before(self, x: Tensor, sigma: Tensor, mask: Tensor) -> Tensor:
        if x.shape != mask.shape:
            raise RunError("a mask holds a latent of its size, and this sampler makes the latent larger")
        noised = self.parametrisation.noised(self.sampling.latent, self.sampling.noise, sigma)
        return x * mask + noised * (1.0 - mask)

    def _held(self, denoised: Tensor, mask: Tensor) -> Tensor:
        return denoised * mask + self.sampling.latent * (1.0 - mask)


def fitted_mask(mask: Tensor, latent: Tensor) -> Tensor:
    """A mask (B, H, W) or (B, 1, H, W) at the size of a latent: linear, repeated over channels and batch.

    For a video (B, C, t, h, w) the masks are those of its frames.
    """
    is_video = latent.ndim == 5
    mask = mask.reshape(1 if is_video else -1, 1, *[-1] * is_video, *mask.shape[-2:]).to(latent)
    mask = F.interpolate(mask, size=latent.shape[2:], mode="trilinear" if is_video else "bilinear")
    return to_batch(mask, latent.shape[0]).expand_as(latent)
