"""What a mask shows of an image, cut out and put on one colour."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import torch
from torch.nn import functional

from wftools.errors import RunError
from wftools.imaging.batch import to_batch
from wftools.imaging.checks import check
from wftools.imaging.morphology import dilate, erode
from wftools.imaging.resample import resample
from wftools.memory import make_room

if TYPE_CHECKING:
    from torch import Tensor

_DUST: Final = 0.05  # a mask below that shows nothing
_CERTAIN: Final = 204  # of 255: a mask above that belongs to the subject's box


def crop_to_mask(
    images: Tensor,
    masks: Tensor,
    width: int,
    height: int,
    *,
    margin: float,
    growth: int,
    background: tuple[int, int, int],
) -> Tensor:
    """The subjects that masks (B, H, W) show in images, each in the middle of a picture: (B, height, width, 3).

    A subject's box is widened to the aspect of the picture, times `margin`; an empty mask takes the whole image. The
    mask is grown by `growth` pixels, or shrunk. One that is bright along its border and dark in its middle is inverted
    first.
    """
    check(images, "subjects are cut out of", 3, 4)
    if len(masks) not in (1, len(images)):
        raise RunError(f"there are {len(masks)} masks for {len(images)} images", hint="give one, or one for each image")
    samples = images[..., :3].movedim(-1, 1).float().clamp(0, 1)
    shares = to_batch(masks, len(images)).unsqueeze(1).float()
    if shares.shape[-2:] != samples.shape[-2:]:
        shares = resample(shares, samples.shape[3], samples.shape[2], "bilinear")
    color = (torch.tensor(background) / 255)[:, None, None].to(samples)
    cut = [
        _on_color(*_subject(sample[None], _cleaned(share[None].clamp(0, 1), growth), width, height, margin), color)
        for sample, share in zip(samples, shares, strict=True)
    ]
    return torch.cat([resample(picture, width, height, "lanczos") for picture in cut]).movedim(1, -1)


def _on_color(sample: Tensor, share: Tensor, color: Tensor) -> Tensor:
    return (sample * share + color * (1 - share)).clamp(0, 1)


def _cleaned(share: Tensor, growth: int) -> Tensor:
    """A mask (1, 1, H, W) that is bright where the subject is."""
    height, width = share.shape[-2:]
    border = torch.cat([share[..., 0, :], share[..., -1, :], share[..., 0], share[..., -1]], dim=-1)
    middle = share[..., height // 4 : height - height // 4, width // 4 : width - width // 4]
    if border.mean() > 0.5 and middle.mean() < 0.5:
        share = 1 - share
    window = 2 * abs(growth) + 1
    share = dilate(share, window, window) if growth > 0 else erode(share, window, window)
    return share.masked_fill(share < _DUST, 0)


def _subject(sample: Tensor, share: Tensor, width: int, height: int, margin: float) -> tuple[Tensor, Tensor]:
    """The box of one subject, with nothing around the image, and its mask; about as large as it is to become."""
    longest, limit = max(sample.shape[-2:]), max(width, height)
    if longest > limit:  # it will be no larger in the end
        columns, rows = (int(side * (limit / longest)) for side in (sample.shape[3], sample.shape[2]))
        sample, share = (resample(each, columns, rows, "lanczos") for each in (sample, share))
    share, (left, top, right, bottom) = _box(share, width / height, margin)
    make_room("the subject", bottom - top, right - left, 4, hint="choose an aspect that is nearer to the subject's")
    margins = (-left, right - sample.shape[3], -top, bottom - sample.shape[2])  # negative ones cut
    return functional.pad(sample, margins), functional.pad(share, margins)


def _box(share: Tensor, aspect: float, margin: float) -> tuple[Tensor, tuple[int, int, int, int]]:
    """The mask, inverted if only that has a subject, and left, top, right and bottom of the subject's box in it."""
    levels = share[0, 0].mul(255).to(torch.uint8)
    places = (levels > _CERTAIN).nonzero()
    if not len(places) and len(places := (255 - levels > _CERTAIN).nonzero()):
        share = 1 - share
    if not len(places):
        return share, (0, 0, share.shape[3], share.shape[2])
    (first_row, first_column), (last_row, last_column) = places.amin(dim=0).tolist(), places.amax(dim=0).tolist()
    width, height = last_column - first_column + 1, last_row - first_row + 1
    if width / height >= aspect:
        half = math.ceil(int(width * margin) / 2), math.ceil(int(width / aspect * margin) / 2)
    else:
        half = math.ceil(int(height * aspect * margin) / 2), math.ceil(int(height * margin) / 2)
    left, top = int((first_column + last_column) / 2 - half[0]), int((first_row + last_row) / 2 - half[1])
    return share, (left, top, left + 2 * half[0], top + 2 * half[1])
