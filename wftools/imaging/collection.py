"""Collections of images: cut and resized alike, shuffled, looked through for doubles, shown together.

Random numbers are those of numpy's generator of old (Mersenne Twister), seeded anew for each call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

import numpy as np
import torch
from PIL import Image

from wftools.errors import RunError
from wftools.imaging.checks import check
from wftools.imaging.eight_bits import in_bytes, to_picture
from wftools.imaging.resample import resample
from wftools.memory import make_room

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from torch import Tensor

Item = TypeVar("Item")

_SEEDS: Final = 2**32 - 1  # how many ComfyUI tells apart
_HASH_SIDE: Final = 8  # pixels of what two images are compared by


def center_crop(image: Tensor, width: int, height: int) -> Tensor:
    """The middle of images (B, H, W, C), or all of a side that is shorter; in 8 bits."""
    return _cut(image, (image.shape[2] - width) // 2, (image.shape[1] - height) // 2, width, height)


def random_crop(image: Tensor, width: int, height: int, seed: int) -> Tensor:
    """A part of images (B, H, W, C), the same of each, or all of a side that is shorter; in 8 bits."""
    random = twister(seed)
    room = image.shape[2] - width, image.shape[1] - height
    left, top = (random.randint(0, free + 1) if free > 0 else 0 for free in room)
    return _cut(image, left, top, width, height)


def _cut(image: Tensor, left: int, top: int, width: int, height: int) -> Tensor:
    left, top = max(0, left), max(0, top)
    part = image[:, top : top + height, left : left + width]
    return (torch.from_numpy(in_bytes(part)).float() / 255).to(image.device)


def resize_to_edge(image: Tensor, edge: int, *, is_longer: bool) -> Tensor:
    """Images (B, H, W, C) whose longer, or shorter, side is `edge`; the other one is rounded down. With Lanczos."""
    height, width = image.shape[1:3]
    is_width = width > height if is_longer else width < height
    size = (edge, int(height * (edge / width))) if is_width else (int(width * (edge / height)), edge)
    return resample(image.movedim(-1, 1), *size, "lanczos").movedim(1, -1)


def singles(images: Iterable[Tensor]) -> list[Tensor]:
    """All images of all batches, each (1, H, W, C)."""
    return [batch[index : index + 1] for batch in images for index in range(len(batch))]


def shuffled(items: Sequence[Item], seed: int, count: int | None = None) -> list[Item]:
    """The items in a random order, that of `count` items. Raises RunError if they are fewer."""
    count = len(items) if count is None else count
    if len(items) < count:
        raise RunError(f"there are {len(items)} for {count}", hint="give one for each")
    return [items[index] for index in twister(seed).permutation(count)]


def twister(seed: int) -> np.random.RandomState:
    """The generator that data sets take their random numbers from."""
    return np.random.RandomState(seed % _SEEDS)


def distinct(images: Sequence[Tensor], threshold: float) -> list[Tensor]:
    """The images (1, H, W, C) that are less alike than `threshold` (0..1) to each that was taken before.

    Two images are as alike as the share of their 8 x 8 parts that are brighter than the mean in both, or in none.
    """
    taken: list[Tensor] = []
    seen: list[np.ndarray[tuple[int], np.dtype[np.bool_]]] = []
    for image in images:
        check(image, "doubles are found among", 1, 3, 4)
        small = to_picture(image[0]).resize((_HASH_SIDE, _HASH_SIDE), Image.Resampling.LANCZOS).convert("L")
        levels = np.asarray(small).flatten()
        bright = levels > levels.mean()
        if all(1 - (bright != other).sum() / bright.size < threshold for other in seen):
            taken.append(image)
            seen.append(bright)
    return taken


def grid(images: Sequence[Tensor], columns: int, width: int, height: int, padding: int) -> Tensor:
    """Images (1, H, W, C) stretched into cells of a size, row by row on black: (1, H, W, 3)."""
    if not images:
        raise RunError("there is no image to show", hint="look at what the list was made of")
    rows = -(-len(images) // columns)
    size = rows * (height + padding) - padding, columns * (width + padding) - padding
    make_room("the grid", *size, 3, hint="use smaller cells")
    canvas = torch.zeros(1, *size, 3)
    for index, image in enumerate(images):
        check(image, "grids are made of", 3, 4)
        row, column = divmod(index, columns)
        top, left = row * (height + padding), column * (width + padding)
        cell = resample(image[..., :3].movedim(-1, 1), width, height, "lanczos").movedim(1, -1)
        canvas[:, top : top + height, left : left + width] = cell
    return canvas
