"""What stands in a picture: coloured shapes on a ground, described in words and in pixels.

Small pictures and a small model make the choices: eight outlines that no blur confuses, the eleven basic colours of
English (Berlin and Kay 1969), sizes and places with wide gaps between them.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from random import Random
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

PIXELS: Final = 128  # along one side

Colour = tuple[float, float, float]  # red, green, blue in 0..1

COLOURS: Final[Mapping[str, Colour]] = {
    name: (red / 255, green / 255, blue / 255)
    for name, (red, green, blue) in {
        "red": (215, 25, 30),
        "orange": (245, 130, 15),
        "yellow": (255, 230, 40),
        "green": (35, 150, 55),
        "blue": (30, 80, 215),
        "purple": (125, 45, 165),
        "pink": (250, 150, 190),
        "brown": (115, 70, 35),
        "black": (15, 15, 15),
        "white": (248, 248, 248),
        "gray": (128, 128, 128),
    }.items()
}
SHAPES: Final = ("circle", "square", "triangle", "star", "heart", "cross", "diamond", "moon")
FILLS: Final = ("solid", "outlined", "striped")
COUNTS: Final = ("one", "two", "three")

# Name -> the least and the greatest diameter: the longest side of a shape's bounding box, in pixels.
SIZES: Final[Mapping[str, tuple[float, float]]] = {"small": (32, 40), "medium": (54, 64), "large": (86, 96)}
SIZES_IN_ROW: Final[Mapping[str, tuple[float, float]]] = {"two": (40, 50), "three": (30, 34)}
GAP_IN_ROW: Final = (6.0, 9.0)

# Name -> column and row, each -1, 0 or 1.
PLACES: Final[Mapping[str, tuple[int, int]]] = {
    "top left": (-1, -1),
    "top": (0, -1),
    "top right": (1, -1),
    "left": (-1, 0),
    "center": (0, 0),
    "right": (1, 0),
    "bottom left": (-1, 1),
    "bottom": (0, 1),
    "bottom right": (1, 1),
}
# How far an object stands from the middle, as a share of the way to the edge.
OFFSET: Final = 0.75
OFFSET_JITTER: Final = 0.1

COLOUR_JITTER: Final = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What is said of a picture, or seen in it. None: not said, not seen, or without meaning."""

    shape: str | None = None
    colour: str | None = None
    fill: str | None = None
    count: str | None = None
    size: str | None = None  # without meaning for a row of objects, as is the place
    place: str | None = None
    ground: str | None = None  # of a gradient: its colour at the top
    ground_below: str | None = None  # a gradient's colour at the bottom; None for a plain ground

    def said(self) -> dict[str, str]:
        """The attributes that have a value."""
        return {name: value for name in ATTRIBUTES if (value := getattr(self, name)) is not None}


ATTRIBUTES: Final = tuple(field.name for field in fields(Words))

VALUES: Final[Mapping[str, tuple[str, ...]]] = {
    "shape": SHAPES,
    "colour": tuple(COLOURS),
    "fill": FILLS,
    "count": COUNTS,
    "size": tuple(SIZES),
    "place": tuple(PLACES),
    "ground": tuple(COLOURS),
    "ground_below": tuple(COLOURS),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A picture before it is drawn. Lengths in pixels, from the top left corner."""

    words: Words
    diameter: float
    centres: tuple[tuple[float, float], ...]  # (x, y), one for each object
    colour: Colour
    ground: Colour  # at the top edge
    ground_below: Colour  # at the bottom edge


@dataclass(frozen=True, slots=True)
class Mix:
    """Which share of scenes has something beyond one solid shape on a plain ground; at most one thing each."""

    outlined: float = 0.0
    striped: float = 0.0
    row: float = 0.0
    gradient: float = 0.0


PLAIN: Final = Mix()
RICH: Final = Mix(outlined=0.12, striped=0.08, row=0.14, gradient=0.12)


def scene(seed: int, mix: Mix = PLAIN) -> Scene:
    """A scene from a seed: every shape, colour, size and place equally often."""
    random = Random(seed)
    return arranged(_words(random, mix), random)


def _words(random: Random, mix: Mix) -> Words:
    extra = random.choices(
        ("outlined", "striped", "row", "gradient", None),
        (mix.outlined, mix.striped, mix.row, mix.gradient, 1 - mix.outlined - mix.striped - mix.row - mix.gradient),
    )[0]
    ground, colour, below = random.sample(list(COLOURS), 3)
    size = {"outlined": random.choice(("medium", "large")), "striped": "large", "row": None}.get(
        str(extra), random.choice(list(SIZES))
    )
    return Words(
        shape=random.choice(SHAPES),
        colour=colour,
        fill=extra if extra in FILLS else "solid",
        count=random.choice(COUNTS[1:]) if extra == "row" else "one",
        size=size,
        place=None if extra == "row" else random.choice(list(PLACES)),
        ground=ground,
        ground_below=below if extra == "gradient" else None,
    )


def arranged(words: Words, random: Random) -> Scene:
    """A scene of these words, all that have a meaning said; what they leave open is drawn from `random`."""
    if words.count == "one":
        assert words.size is not None
        assert words.place is not None
        diameter = random.uniform(*SIZES[words.size])
        centres: tuple[tuple[float, float], ...] = (_centre(words.place, diameter, random),)
    else:
        assert words.count is not None
        diameter = random.uniform(*SIZES_IN_ROW[words.count])
        centres = _row(COUNTS.index(words.count) + 1, diameter, random)
    ground = _shade(words.ground, random)
    return Scene(
        words=words,
        diameter=diameter,
        centres=centres,
        colour=_shade(words.colour, random),
        ground=ground,
        ground_below=ground if words.ground_below is None else _shade(words.ground_below, random),
    )


def _centre(place: str, diameter: float, random: Random) -> tuple[float, float]:
    room = (PIXELS - diameter) / 2
    x, y = (
        PIXELS / 2 + room * (OFFSET * side + random.uniform(-OFFSET_JITTER, OFFSET_JITTER)) for side in PLACES[place]
    )
    return x, y


def _row(count: int, diameter: float, random: Random) -> tuple[tuple[float, float], ...]:
    """Centres of a row around the middle of the picture, its objects apart."""
    stride = diameter + random.uniform(*GAP_IN_ROW)
    x, y = (PIXELS / 2 + random.uniform(-2, 2) for _ in range(2))
    return tuple((x + (index - (count - 1) / 2) * stride, y) for index in range(count))


def _shade(name: str | None, random: Random) -> Colour:
    assert name is not None
    red, green, blue = (
        min(1.0, max(0.0, channel + random.uniform(-COLOUR_JITTER, COLOUR_JITTER))) for channel in COLOURS[name]
    )
    return red, green, blue
