"""Images on another canvas: cut out, with margins to be painted, within a given size, side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import torch
from torch.nn import functional

from wftools.errors import RunError
from wftools.imaging.batch import to_longest, with_channels
from wftools.imaging.resample import resample
from wftools.memory import make_room

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

_GREY: Final = 0.5  # what is to be painted, in the sight of a VAE: 0

# What fills the gap between images.
SPACING: Final[Mapping[str, tuple[float, float, float]]] = {
    "white": (1.0, 1.0, 1.0),
    "black": (0.0, 0.0, 0.0),
    "red": (1.0, 0.0, 0.0),
    "green": (0.0, 1.0, 0.0),
    "blue": (0.0, 0.0, 1.0),
}


def cropped(image: Tensor, x: int, y: int, width: int, height: int) -> Tensor:
    """A rectangle of an image, smaller where it reaches over the edge; at least the last column or row is left.

    Raises RunError if it has no pixels, as rectangles of files may have.
    """
    rows, columns = image.shape[1:3]
    x, y = min(x, columns - 1), min(y, rows - 1)
    part = image[:, y : y + height, x : x + width]
    if not part.shape[1] or not part.shape[2]:
        raise RunError(
            f"a rectangle of {width} x {height} from ({x}, {y}) has no pixels of an image of {columns} x {rows}"
        )
    return part


def pad_for_outpaint(
    image: Tensor, *, left: int, top: int, right: int, bottom: int, feathering: int
) -> tuple[Tensor, Tensor]:
    """An image with grey margins, and a mask (1, H, W) that is 1 on them.

    Within the image the mask falls with the square of the distance from a margin, to 0 after `feathering` pixels. If
    two such borders do not fit into the image, it is 0 there.
    """
    count, height, width, channels = image.shape
    make_room("the padded images", count, top + height + bottom, left + width + right, channels)
    padded = functional.pad(image, (0, 0, left, right, top, bottom), value=_GREY)

    inner = torch.zeros(height, width, dtype=torch.float64)
    if 0 < feathering * 2 < min(height, width):
        rows = torch.minimum(_distance(height, bool(top)), _distance(height, bool(bottom), from_end=True))
        columns = torch.minimum(_distance(width, bool(left)), _distance(width, bool(right), from_end=True))
        nearest = torch.minimum(rows[:, None], columns)
        inner = ((feathering - nearest) / feathering).clamp(min=0) ** 2
    mask = functional.pad(inner.float(), (left, right, top, bottom), value=1.0)
    return padded, mask[None]


def _distance(length: int, has_margin: bool, *, from_end: bool = False) -> Tensor:
    """Of each pixel from the margin on one side: 0, 1 … from the start, or … 2, 1 from the end; far where none is."""
    if not has_margin:
        return torch.full((length,), length, dtype=torch.float64)
    steps = torch.arange(length, dtype=torch.float64)
    return length - steps if from_end else steps


def fit(image: Tensor, width: int, height: int, background: float, method: str) -> Tensor:
    """An image as large as fits into a size, in its middle; the rest has the value `background`."""
    old_height, old_width = image.shape[1:3]
    factor = min(width / old_width, height / old_height)
    columns, rows = int(old_width * factor), int(old_height * factor)
    samples = resample(image.movedim(-1, 1), columns, rows, method)
    make_room("the padded images", *samples.shape[:2], height, width)
    return _centered(samples, width, height, background).movedim(1, -1)


def stitch(one: Tensor, other: Tensor, direction: str, *, is_matched: bool, spacing: int, color: str) -> Tensor:
    """Two images beside each other, the other one on the side `direction` of the first: right, down, left or up.

    `is_matched`: the other is scaled to the height (or width) of the first, else the smaller is padded. `spacing` is an
    even number of pixels between them, rounded up. The shorter batch repeats its last image, and what has no alpha
    channel gets an opaque one.
    """
    one, other = to_longest(one, other)
    is_row = direction in ("left", "right")
    if is_matched:
        aspect = other.shape[2] / other.shape[1]
        width, height = (
            (int(one.shape[1] * aspect), one.shape[1]) if is_row else (one.shape[2], int(one.shape[2] / aspect))
        )
        other = resample(other.movedim(-1, 1), width, height, "lanczos").movedim(1, -1)
    else:
        one, other = (_padded_to(each, one, other, is_row, color) for each in (one, other))

    channels = max(one.shape[-1], other.shape[-1])
    parts = [with_channels(one, channels), with_channels(other, channels)]
    if direction in ("left", "up"):
        parts.reverse()
    if spacing:
        count, height, width = one.shape[:3]
        gap = spacing + spacing % 2
        shape = (count, height, gap) if is_row else (count, gap, width)
        pixel = with_channels(torch.tensor(SPACING[color]), channels)
        parts.insert(1, pixel.to(one).expand(*shape, channels))
    return torch.cat(parts, dim=2 if is_row else 1)


def _padded_to(image: Tensor, one: Tensor, other: Tensor, is_row: bool, color: str) -> Tensor:
    """An image at the larger height (or width) of two, in white if the colour between them is white, else in black."""
    height, width = image.shape[1:3]
    if is_row:
        height = max(one.shape[1], other.shape[1])
    else:
        width = max(one.shape[2], other.shape[2])
    background = 1.0 if color == "white" else 0.0
    return _centered(image.movedim(-1, 1), width, height, background).movedim(1, -1)


def _centered(samples: Tensor, width: int, height: int, background: float) -> Tensor:
    """Samples (B, C, H, W) in the middle of a larger size; of an odd rest the larger part is right and below."""
    right, below = width - samples.shape[3], height - samples.shape[2]
    margins = (right // 2, right - right // 2, below // 2, below - below // 2)
    return functional.pad(samples, margins, value=background)
