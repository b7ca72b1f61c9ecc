"""Nodes of the category "model/conditioning/transform"."""

from dataclasses import replace
from typing import Annotated, Final

from wftools.catalog.declare import CONDITIONING, MASK, Float, Int, choice, node
from wftools.nodes._widgets import MAX_RESOLUTION
from wftools.values import Area

CELL: Final = 8  # pixels along one side of a latent cell, as nodes count

Side = Annotated[int, Int(64, MAX_RESOLUTION, step=8)]
Corner = Annotated[int, Int(0, MAX_RESOLUTION, step=8)]
SideShare = Annotated[float, Float(0, 1.0, step=0.01)]
Strength = Annotated[float, Float(0.0, 10.0, step=0.01)]
Percent = Annotated[float, Float(0.0, 1.0, step=0.001)]


@node("ConditioningCombine", category="model/conditioning/transform", display_name="Conditioning (Combine)")
def conditioning_combine(*, conditioning_1: CONDITIONING, conditioning_2: CONDITIONING) -> CONDITIONING:
    """The entries of both: the network's answers to them are averaged."""
    return (*conditioning_1, *conditioning_2)


@node("ConditioningAverage", category="model/conditioning/transform", display_name="Conditioning (Average)")
def conditioning_average(
    *,
    conditioning_to: CONDITIONING,
    conditioning_from: CONDITIONING,
    conditioning_to_strength: Annotated[float, Float(0.0, 1.0, step=0.01)] = 1.0,
) -> CONDITIONING:
    """What lies between two texts."""
    from wftools.diffusion.conditioning.mixing import averaged

    return averaged(conditioning_to, conditioning_from, conditioning_to_strength)


@node("ConditioningConcat", category="model/conditioning/transform", display_name="Conditioning (Concat)")
def conditioning_concat(*, conditioning_to: CONDITIONING, conditioning_from: CONDITIONING) -> CONDITIONING:
    """Two texts behind one another, as one."""
    from wftools.diffusion.conditioning.mixing import concatenated

    return concatenated(conditioning_to, conditioning_from)


@node("ConditioningMultiply", category="model/conditioning/transform", display_name="Conditioning (Multiply)")
def conditioning_multiply(
    *, conditioning: CONDITIONING, multiplier: Annotated[float, Float(-100.0, 100.0, step=0.01)] = 1.0
) -> CONDITIONING:
    """The text's vectors times a factor."""
    from wftools.diffusion.conditioning.mixing import scaled

    return scaled(conditioning, multiplier)


@node("ConditioningZeroOut", category="model/conditioning/transform", display_name="Conditioning Zero Out")
def conditioning_zero_out(*, conditioning: CONDITIONING) -> CONDITIONING:
    """Zeros in the place of the text's vectors."""
    from wftools.diffusion.conditioning.mixing import zeroed

    return zeroed(conditioning)


@node("ConditioningSetArea", category="model/conditioning/transform", display_name="Conditioning (Set Area)")
def conditioning_set_area(
    *,
    conditioning: CONDITIONING,
    width: Side = 64,
    height: Side = 64,
    x: Corner = 0,
    y: Corner = 0,
    strength: Strength = 1.0,
) -> CONDITIONING:
    """The text counts in a rectangle of the picture, given in pixels."""
    area = Area((height // CELL, width // CELL), (y // CELL, x // CELL))
    return tuple(replace(cond, area=area, strength=strength, set_area_to_bounds=False) for cond in conditioning)


@node(
    "ConditioningSetAreaPercentage",
    category="model/conditioning/transform",
    display_name="Conditioning (Set Area with Percentage)",
)
def conditioning_set_area_percentage(
    *,
    conditioning: CONDITIONING,
    width: SideShare = 1.0,
    height: SideShare = 1.0,
    x: SideShare = 0,
    y: SideShare = 0,
    strength: Strength = 1.0,
) -> CONDITIONING:
    """The text counts in a rectangle of the picture, given as shares of its sides."""
    area = Area((height, width), (y, x), is_share=True)
    return tuple(replace(cond, area=area, strength=strength, set_area_to_bounds=False) for cond in conditioning)


@node(
    "ConditioningSetAreaPercentageVideo",
    category="model/conditioning/transform",
    display_name="Conditioning (Set Area with Percentage for Video)",
)
def conditioning_set_area_percentage_video(
    *,
    conditioning: CONDITIONING,
    width: SideShare = 1.0,
    height: SideShare = 1.0,
    temporal: SideShare = 1.0,
    x: SideShare = 0,
    y: SideShare = 0,
    z: SideShare = 0,
    strength: Strength = 1.0,
) -> CONDITIONING:
    """The text counts in a box of the video, given as shares of its length and sides."""
    area = Area((temporal, height, width), (z, y, x), is_share=True)
    return tuple(replace(cond, area=area, strength=strength, set_area_to_bounds=False) for cond in conditioning)


@node(
    "ConditioningSetAreaStrength",
    category="model/conditioning/transform",
    display_name="Conditioning (Set Area Strength)",
)
def conditioning_set_area_strength(*, conditioning: CONDITIONING, strength: Strength = 1.0) -> CONDITIONING:
    """How much the text counts beside others of its side."""
    return tuple(replace(cond, strength=strength) for cond in conditioning)


@node("ConditioningSetMask", category="model/conditioning/transform", display_name="Conditioning (Set Mask)")
def conditioning_set_mask(
    *,
    conditioning: CONDITIONING,
    mask: MASK,
    strength: Strength = 1.0,
    set_cond_area: Annotated[str, choice(("default", "mask bounds"), listed=True)],
) -> CONDITIONING:
    """The text counts as much as a mask says; the network sees the whole picture, or the bounds of the mask."""
    from wftools.diffusion.conditioning.properties import masked

    return masked(conditioning, mask, strength, to_bounds=set_cond_area != "default")


@node("ConditioningSetTimestepRange", category="model/conditioning/transform")
def conditioning_set_timestep_range(
    *, conditioning: CONDITIONING, start: Percent = 0.0, end: Percent = 1.0
) -> CONDITIONING:
    """The text counts on a part of the way from noise to picture."""
    return tuple(replace(cond, start_percent=start, end_percent=end) for cond in conditioning)
