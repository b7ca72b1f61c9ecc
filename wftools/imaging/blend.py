"""Mix two images channel by channel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import torch

from wftools.errors import RunError
from wftools.imaging.batch import with_channels
from wftools.imaging.resample import scale

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from torch import Tensor


def _overlay(under: Tensor, over: Tensor) -> Tensor:
    """Multiply where the lower image is dark, screen where it is bright."""
    return torch.where(under <= 0.5, 2 * under * over, 1 - 2 * (1 - under) * (1 - over))


def _soft_light(under: Tensor, over: Tensor) -> Tensor:
    """W3C Compositing and Blending Level 1, 9.1.9."""
    brightened = torch.where(under <= 0.25, ((16 * under - 12) * under + 4) * under, torch.sqrt(under))
    return torch.where(
        over <= 0.5,
        under - (1 - 2 * over) * under * (1 - under),
        under + (2 * over - 1) * (brightened - under),
    )


# What is made of the lower and the upper image.
MODES: Final[Mapping[str, Callable[[Tensor, Tensor], Tensor]]] = {
    "normal": lambda _under, over: over,
    "multiply": torch.mul,
    "screen": lambda under, over: 1 - (1 - under) * (1 - over),
    "overlay": _overlay,
    "soft_light": _soft_light,
    "difference": torch.sub,  # ComfyUI's: with its sign, so what the upper image exceeds is clamped to black
}


def blend(under: Tensor, over: Tensor, share: float, mode: str) -> Tensor:
    """`under` to 1 - share and a mixture of both to `share`; `over` at the size and with the channels of `under`.

    The alpha channel of `under` stays as it is. Raises RunError if the batches have different lengths and neither is 1.
    """
    over = with_channels(over, under.shape[-1])
    if under.shape != over.shape:
        over = scale(over, under.shape[2], under.shape[1], "bicubic", "center")
    if len(under) != len(over) and 1 not in (len(under), len(over)):
        raise RunError(
            f"a batch of {len(under)} images cannot be blended with one of {len(over)}",
            hint="use batches of the same size, or a single image",
        )
    blended = (under * (1 - share) + MODES[mode](under, over) * share).clamp(0, 1)
    if under.shape[-1] == 4:
        blended[..., 3] = under[..., 3]
    return blended
