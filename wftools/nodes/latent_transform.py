"""Nodes of the category model/latent/transform."""

from dataclasses import replace
from typing import Annotated, Final

from wftools.catalog.declare import LATENT, Int, choice, node
from wftools.nodes._widgets import MAX_RESOLUTION

_QUARTER_TURNS: Final = ("none", "90 degrees", "180 degrees", "270 degrees")
_FLIPS: Final = ("x-axis: vertically", "y-axis: horizontally")

Side = Annotated[int, Int(64, MAX_RESOLUTION, step=8)]
At = Annotated[int, Int(0, MAX_RESOLUTION, step=8)]


@node("LatentRotate", category="model/latent/transform", display_name="Rotate Latent")
def latent_rotate(*, samples: LATENT, rotation: Annotated[str, choice(_QUARTER_TURNS, listed=True)]) -> LATENT:
    """The latent turned clockwise."""
    return replace(samples, samples=samples.samples.rot90(_QUARTER_TURNS.index(rotation), (3, 2)))


@node("LatentFlip", category="model/latent/transform", display_name="Flip Latent")
def latent_flip(*, samples: LATENT, flip_method: Annotated[str, choice(_FLIPS, listed=True)]) -> LATENT:
    """The latent mirrored at the x axis, upside down, or at the y axis, left to right."""
    return replace(samples, samples=samples.samples.flip(2 if flip_method.startswith("x") else 3))


@node("LatentCrop", category="model/latent/transform", display_name="Crop Latent")
def latent_crop(*, samples: LATENT, width: Side = 512, height: Side = 512, x: At = 0, y: At = 0) -> LATENT:
    """The rectangle of so many pixels from (x, y) on."""
    from wftools.diffusion.latent_arithmetic import cropped

    return cropped(samples, width, height, x, y)
