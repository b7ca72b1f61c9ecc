"""Nodes of the categories advanced/hooks, advanced/hooks/cond single and advanced/hooks/cond pair."""

from typing import Annotated

from wftools.catalog.declare import (
    CONDITIONING,
    HOOKS,
    MASK,
    OPTIONAL,
    TIMESTEPS_RANGE,
    Float,
    choice,
    node,
)

Strength = Annotated[float, Float(0.0, 10.0, step=0.01)]
Percent = Annotated[float, Float(0.0, 1.0, step=0.001)]
CondArea = Annotated[str, choice(("default", "mask bounds"), listed=True)]
Masked = Annotated[MASK | None, OPTIONAL]
Hooked = Annotated[HOOKS | None, OPTIONAL]
Timed = Annotated[TIMESTEPS_RANGE | None, OPTIONAL]


@node(
    "ConditioningSetProperties",
    category="advanced/hooks/cond single",
    display_name="Cond Set Props",
    experimental=True,
)
def conditioning_set_properties(
    *,
    cond_NEW: CONDITIONING,
    strength: Strength = 1.0,
    set_cond_area: CondArea,
    mask: Masked = None,
    hooks: Hooked = None,
    timesteps: Timed = None,
) -> CONDITIONING:
    """Where, when and with which hooks a text counts; `strength` is that of the mask."""
    from wftools.diffusion.conditioning.properties import with_properties

    return with_properties(
        cond_NEW, mask=mask, strength=strength, to_bounds=set_cond_area != "default", hooks=hooks, timesteps=timesteps
    )


@node(
    "ConditioningSetPropertiesAndCombine",
    category="advanced/hooks/cond single",
    display_name="Cond Set Props Combine",
    experimental=True,
)
def conditioning_set_properties_and_combine(
    *,
    cond: CONDITIONING,
    cond_NEW: CONDITIONING,
    strength: Strength = 1.0,
    set_cond_area: CondArea,
    mask: Masked = None,
    hooks: Hooked = None,
    timesteps: Timed = None,
) -> CONDITIONING:
    """The entries of one text, and those of another that counts where, when and with which hooks is said."""
    more = conditioning_set_properties(
        cond_NEW=cond_NEW, strength=strength, set_cond_area=set_cond_area, mask=mask, hooks=hooks, timesteps=timesteps
    )
    return (*cond, *more)


@node(
    "ConditioningSetDefaultCombine",
    category="advanced/hooks/cond single",
    display_name="Cond Set Default Combine",
    experimental=True,
)
def conditioning_set_default_combine(
    *,
    cond: CONDITIONING,
    cond_DEFAULT: CONDITIONING,
    hooks: Hooked = None,
) -> CONDITIONING:
    """The entries of one text, and those of another that counts where they leave something."""
    from wftools.diffusion.conditioning.properties import as_default

    return (*cond, *as_default(cond_DEFAULT, hooks))


@node(
    "PairConditioningSetProperties",
    category="advanced/hooks/cond pair",
    display_name="Cond Pair Set Props",
    outputs=("positive", "negative"),
    experimental=True,
)
def pair_conditioning_set_properties(
    *,
    positive_NEW: CONDITIONING,
    negative_NEW: CONDITIONING,
    strength: Strength = 1.0,
    set_cond_area: CondArea,
    mask: Masked = None,
    hooks: Hooked = None,
    timesteps: Timed = None,
) -> tuple[CONDITIONING, CONDITIONING]:
    """`ConditioningSetProperties` on both sides."""
    positive, negative = (
        conditioning_set_properties(
            cond_NEW=cond, strength=strength, set_cond_area=set_cond_area, mask=mask, hooks=hooks, timesteps=timesteps
        )
        for cond in (positive_NEW, negative_NEW)
    )
    return positive, negative


@node(
    "PairConditioningSetPropertiesAndCombine",
    category="advanced/hooks/cond pair",
    display_name="Cond Pair Set Props Combine",
    outputs=("positive", "negative"),
    experimental=True,
)
def pair_conditioning_set_properties_and_combine(
    *,
    positive: CONDITIONING,
    negative: CONDITIONING,
    positive_NEW: CONDITIONING,
    negative_NEW: CONDITIONING,
    strength: Strength = 1.0,
    set_cond_area: CondArea,
    mask: Masked = None,
    hooks: Hooked = None,
    timesteps: Timed = None,
) -> tuple[CONDITIONING, CONDITIONING]:
    """`ConditioningSetPropertiesAndCombine` on both sides."""
    more_positive, more_negative = pair_conditioning_set_properties(
        positive_NEW=positive_NEW,
        negative_NEW=negative_NEW,
        strength=strength,
        set_cond_area=set_cond_area,
        mask=mask,
        hooks=hooks,
        timesteps=timesteps,
    )
    return (*positive, *more_positive), (*negative, *more_negative)


@node(
    "PairConditioningSetDefaultCombine",
    category="advanced/hooks/cond pair",
    display_name="Cond Pair Set Default Combine",
    outputs=("positive", "negative"),
    experimental=True,
)
def pair_conditioning_set_default_combine(
    *,
    positive: CONDITIONING,
    negative: CONDITIONING,
    positive_DEFAULT: CONDITIONING,
    negative_DEFAULT: CONDITIONING,
    hooks: Hooked = None,
) -> tuple[CONDITIONING, CONDITIONING]:
    """`ConditioningSetDefaultCombine` on both sides."""
    from wftools.diffusion.conditioning.properties import as_default

    return (*positive, *as_default(positive_DEFAULT, hooks)), (*negative, *as_default(negative_DEFAULT, hooks))


@node(
    "PairConditioningCombine",
    category="advanced/hooks/cond pair",
    display_name="Cond Pair Combine",
    outputs=("positive", "negative"),
    experimental=True,
)
def pair_conditioning_combine(
    *,
    positive_A: CONDITIONING,
    negative_A: CONDITIONING,
    positive_B: CONDITIONING,
    negative_B: CONDITIONING,
) -> tuple[CONDITIONING, CONDITIONING]:
    """`ConditioningCombine` on both sides."""
    return (*positive_A, *positive_B), (*negative_A, *negative_B)


@node(
    "ConditioningTimestepsRange",
    category="advanced/hooks",
    display_name="Timesteps Range",
    outputs=("TIMESTEPS_RANGE", "BEFORE_RANGE", "AFTER_RANGE"),
    experimental=True,
)
def conditioning_timesteps_range(
    *, start_percent: Percent = 0.0, end_percent: Percent = 1.0
) -> tuple[TIMESTEPS_RANGE, TIMESTEPS_RANGE, TIMESTEPS_RANGE]:
    """A part of the way from noise to picture, what comes before it, and what comes after it."""
    return (start_percent, end_percent), (0.0, start_percent), (end_percent, 1.0)
