"""Pictures back to words, by measuring pixels: what stands in a picture, without a network.

A plain or graded ground is fitted to the picture's border. What differs from it is the object; its coverage of each
pixel follows from the two colours. Runs of covered columns are the objects of a row. The bounding box tells size and
place, and the box's content is compared with every shape in every fill.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from random import Random
from typing import TYPE_CHECKING, Final

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor

from wftools.mini.render import render
from wftools.mini.scene import COLOURS, COUNTS, FILLS, OFFSET, PIXELS, PLACES, SHAPES, SIZES, Words, arranged

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

BORDER: Final = 3  # pixels of the frame that the ground is fitted to
FIT_ROUNDS: Final = 4  # of leaving out what fits worst, for objects that touch the frame
KEPT_SHARE: Final = 0.7
LEAST_CONTRAST: Final = 0.15  # distance in RGB below which there is no object
COVERED: Final = 0.25  # share of a pixel; what is between the bars of a striped shape counts
LEAST_RUN: Final = 6  # columns; a narrower run is a speck
TEMPLATE: Final = 32  # pixels along one side of a compared box
LEAST_MATCH: Final = 0.65  # intersection over union below which a shape is none of ours


def see(picture: Tensor) -> Words:
    """What stands in a picture (128, 128, 3) in 0..1. Without an object only the ground is named."""
    ground = _fitted_ground(picture)
    above, below = (_nearest(ground[row].mean(0)) for row in (0, -1))
    words = {"ground": above, "ground_below": below if below != above else None}
    distance = (picture - ground).norm(dim=-1)
    highest = distance.flatten().quantile(0.99) if distance.max() > LEAST_CONTRAST else distance.max()
    if highest < LEAST_CONTRAST:
        return Words(**words)
    colour = picture[distance > 0.8 * highest].median(0).values
    boxes = list(_boxes(_coverage(picture, ground, colour)))
    return Words(**words, colour=_nearest(colour), **_seen_objects(boxes))


def wrong(wanted: Words, seen: Words) -> set[str]:
    """The attributes that were asked for and are not so. What is not asked for must be as usual."""
    asked = {"count": "one", "fill": "solid", **wanted.said()}
    if wanted.ground is not None:
        asked.setdefault("ground_below", "")
    return {name for name, value in asked.items() if (getattr(seen, name) or "") != value}


@dataclass(frozen=True, slots=True)
class _Box:
    """One object: how much of each pixel in its bounding box it covers."""

    cover: Tensor  # (height, width)
    middle: tuple[float, float]  # x, y

    @property
    def diameter(self) -> int:
        return max(self.cover.shape)


def _fitted_ground(picture: Tensor) -> Tensor:
    """The ground behind everything, as colours that change evenly from top to bottom: like the picture."""
    down = torch.linspace(0, 1, PIXELS)[:, None].expand(PIXELS, PIXELS)
    basis = torch.stack([1 - down, down], -1)  # weights of the colours at the top and at the bottom
    frame = torch.ones(PIXELS, PIXELS, dtype=torch.bool)
    frame[BORDER:-BORDER, BORDER:-BORDER] = False
    known, known_basis = picture[frame], basis[frame]
    ends = torch.linalg.lstsq(known_basis, known).solution
    for _ in range(FIT_ROUNDS):
        error = (known_basis @ ends - known).norm(dim=-1)
        fits = error <= error.quantile(KEPT_SHARE)
        ends = torch.linalg.lstsq(known_basis[fits], known[fits]).solution
    ground: Tensor = (basis @ ends).clamp(0, 1)
    return ground


def _nearest(colour: Tensor) -> str:
    """The name of a colour (3,)."""
    distances = (torch.tensor(list(COLOURS.values())) - colour).norm(dim=-1)
    return list(COLOURS)[int(distances.argmin())]


def _coverage(picture: Tensor, ground: Tensor, colour: Tensor) -> Tensor:
    """Where each pixel stands on the way from the ground's colour to the object's: (128, 128) in 0..1."""
    way = colour - ground
    along = ((picture - ground) * way).sum(-1) / way.square().sum(-1).clamp(min=1e-4)
    return along.clamp(0, 1)


def _boxes(cover: Tensor) -> Iterator[_Box]:
    """The objects from left to right, each a run of columns that something covers."""
    for start, stop in _runs(cover.amax(0) > COVERED):
        rows = torch.nonzero(cover[:, start:stop].amax(1) > COVERED)[:, 0]
        top, bottom = int(rows[0]), int(rows[-1]) + 1
        yield _Box(cover[top:bottom, start:stop], ((start + stop) / 2, (top + bottom) / 2))


def _runs(covered: Tensor) -> Iterator[tuple[int, int]]:
    flags = [False, *covered.tolist(), False]
    starts = [i for i in range(1, len(flags)) if flags[i] and not flags[i - 1]]
    stops = [i for i in range(1, len(flags)) if flags[i - 1] and not flags[i]]
    yield from ((start - 1, stop - 1) for start, stop in zip(starts, stops, strict=True) if stop - start >= LEAST_RUN)


def _seen_objects(boxes: Sequence[_Box]) -> dict[str, str | None]:
    if not boxes or len(boxes) > len(COUNTS):
        return {}
    kinds = {_shape_and_fill(box) for box in boxes}
    shape, fill = kinds.pop() if len(kinds) == 1 else (None, None)
    seen = {"count": COUNTS[len(boxes) - 1], "shape": shape, "fill": fill}
    if len(boxes) == 1:
        diameter = boxes[0].diameter
        seen["size"] = min(SIZES, key=lambda name: max(SIZES[name][0] - diameter, diameter - SIZES[name][1]))
        seen["place"] = _place(boxes[0])
    return seen


def _place(box: _Box) -> str:
    """The nearest place, measured as a share of the room that an object of that size has."""
    room = (PIXELS - box.diameter) / 2 + 1
    x, y = ((middle - PIXELS / 2) / room / OFFSET for middle in box.middle)
    return min(PLACES, key=lambda name: (PLACES[name][0] - x) ** 2 + (PLACES[name][1] - y) ** 2)


def _shape_and_fill(box: _Box) -> tuple[str | None, str | None]:
    """The best match among all templates, by intersection over union of the covered areas."""
    content = _squared(box.cover)
    kinds, templates = _templates()
    matches = torch.minimum(content, templates).sum((1, 2)) / torch.maximum(content, templates).sum((1, 2))
    best = int(matches.argmax())
    return kinds[best] if matches[best] >= LEAST_MATCH else (None, None)


def _squared(cover: Tensor) -> Tensor:
    """A box in the middle of a square of TEMPLATE pixels, its proportions kept."""
    height, width = cover.shape
    missing = max(height, width) - height, max(height, width) - width
    pad = (missing[1] // 2, missing[1] - missing[1] // 2, missing[0] // 2, missing[0] - missing[0] // 2)
    square = F.pad(cover, pad)[None, None]
    return F.interpolate(square, (TEMPLATE, TEMPLATE), mode="bilinear", antialias=True, align_corners=False)[0, 0]


@cache
def _templates() -> tuple[list[tuple[str, str]], Tensor]:
    """Every shape in every fill, at several sizes: what it is, and its box (templates, TEMPLATE, TEMPLATE)."""
    kinds = [(shape, fill, size) for shape in SHAPES for fill in FILLS for size in SIZES]
    scenes = [
        arranged(
            Words(
                shape=shape,
                fill=fill,
                size=size,
                colour="white",
                ground="black",
                place="center",
                count="one",
            ),
            Random(0),
        )
        for shape, fill, size in kinds
    ]
    covers = [
        _coverage(picture, torch.tensor(scene.ground), torch.tensor(scene.colour))
        for scene, picture in zip(scenes, render(scenes), strict=True)
    ]
    return [kind[:2] for kind in kinds], torch.stack([_squared(next(_boxes(cover)).cover) for cover in covers])
