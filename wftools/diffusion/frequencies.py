"""Pictures in frequency space."""

from __future__ import annotations

import torch
from torch import Tensor


def scaled_frequencies(x: Tensor, scales: Tensor) -> Tensor:
    """Frequencies along the last two axes scaled; `scales`: of x's shape, the lowest frequency in the middle."""
    spectrum = torch.fft.fftshift(torch.fft.fftn(x.float(), dim=(-2, -1)), dim=(-2, -1))
    scaled = torch.fft.ifftshift(spectrum * scales, dim=(-2, -1))
    filtered: Tensor = torch.fft.ifftn(scaled, dim=(-2, -1)).real
    return filtered.to(x.dtype)
