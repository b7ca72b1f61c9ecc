"""What images have to be like for what is done with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftools.errors import RunError

if TYPE_CHECKING:
    from torch import Tensor


def check(image: Tensor, work: str, *channels: int) -> None:
    """Raise RunError if a batch has no images, or another number of channels than these.

    `work` begins the sentence: "edges are found in" images of 1 or 3 channels, not 4.
    """
    if not len(image):
        raise RunError(f"{work} images, and the batch is empty", hint="look at what the batch was taken from")
    if image.shape[-1] not in channels:
        known = " or ".join(map(str, channels))
        hint = "take the alpha channel off with SplitImageWithAlpha" if image.shape[-1] == 4 else None
        raise RunError(f"{work} images of {known} channels, not {image.shape[-1]}", hint=hint)
