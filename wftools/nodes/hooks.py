"""Nodes of the categories advanced/hooks/create, scheduling, combine and clip."""

import logging
from collections.abc import Sequence
from typing import Annotated

from wftools.catalog.declare import (
    BOOLEAN,
    CLIP,
    CONTEXT,
    HOOK_KEYFRAMES,
    HOOKS,
    OPTIONAL,
    Float,
    Int,
    Socket,
    choice,
    files,
    node,
)
from wftools.values import Hooks, Keyframe

Strength = Annotated[float, Float(-20.0, 20.0, step=0.01)]
Percent = Annotated[float, Float(0.0, 1.0, step=0.001)]
InterpolatedStrength = Annotated[float, Float(0.0, 10.0, step=0.001)]
OtherHooks = Annotated[HOOKS | None, OPTIONAL]
OtherKeyframes = Annotated[HOOK_KEYFRAMES | None, OPTIONAL]
Floats = Annotated[
    float | Sequence[float], Socket("FLOATS", {"default": -1, "min": -1, "step": 0.001, "forceInput": True})
]

log = logging.getLogger(__name__)


@node("CreateHookLora", category="advanced/hooks/create", display_name="Create Hook LoRA", experimental=True)
def create_hook_lora(
    *,
    lora_name: Annotated[str, files("loras", listed=True)],
    strength_model: Strength = 1.0,
    strength_clip: Strength = 1.0,
    prev_hooks: OtherHooks = None,
    context: CONTEXT,
) -> HOOKS:
    """Weights change as an adapter file says."""
    from wftools.diffusion.conditioning.hooks import adapter_hooks

    return adapter_hooks(lora_name, context, prev_hooks, strength_model=strength_model, strength_clip=strength_clip)


@node(
    "CreateHookLoraModelOnly", category="advanced/hooks/create", display_name="Create Hook LoRA (MO)", experimental=True
)
def create_hook_lora_model_only(
    *,
    lora_name: Annotated[str, files("loras", listed=True)],
    strength_model: Strength = 1.0,
    prev_hooks: OtherHooks = None,
    context: CONTEXT,
) -> HOOKS:
    """The model's weights change as an adapter file says."""
    return create_hook_lora(
        lora_name=lora_name, strength_model=strength_model, strength_clip=0.0, prev_hooks=prev_hooks, context=context
    )


@node(
    "CreateHookModelAsLora",
    category="advanced/hooks/create",
    display_name="Create Hook Model as LoRA",
    experimental=True,
)
def create_hook_model_as_lora(
    *,
    ckpt_name: Annotated[str, files("checkpoints", listed=True)],
    strength_model: Strength = 1.0,
    strength_clip: Strength = 1.0,
    prev_hooks: OtherHooks = None,
    context: CONTEXT,
) -> HOOKS:
    """Weights go in the direction of those of a checkpoint; with a strength of 1 they are those."""
    from wftools.diffusion.conditioning.hooks import checkpoint_hooks

    return checkpoint_hooks(ckpt_name, context, prev_hooks, strength_model=strength_model, strength_clip=strength_clip)


@node(
    "CreateHookModelAsLoraModelOnly",
    category="advanced/hooks/create",
    display_name="Create Hook Model as LoRA (MO)",
    experimental=True,
)
def create_hook_model_as_lora_model_only(
    *,
    ckpt_name: Annotated[str, files("checkpoints", listed=True)],
    strength_model: Strength = 1.0,
    prev_hooks: OtherHooks = None,
    context: CONTEXT,
) -> HOOKS:
    """The model's weights go in the direction of those of a checkpoint."""
    return create_hook_model_as_lora(
        ckpt_name=ckpt_name, strength_model=strength_model, strength_clip=0.0, prev_hooks=prev_hooks, context=context
    )


@node("SetHookKeyframes", category="advanced/hooks/scheduling", display_name="Set Hook Keyframes", experimental=True)
def set_hook_keyframes(*, hooks: HOOKS, hook_kf: OtherKeyframes = None) -> HOOKS:
    """The hooks' strengths are multiplied by those of keyframes."""
    from wftools.diffusion.conditioning.hooks import with_keyframes

    return hooks if hook_kf is None else with_keyframes(hooks, hook_kf)


@node(
    "CreateHookKeyframe",
    category="advanced/hooks/scheduling",
    display_name="Create Hook Keyframe",
    outputs=("HOOK_KF",),
    experimental=True,
)
def create_hook_keyframe(
    *, strength_mult: Strength = 1.0, start_percent: Percent = 0.0, prev_hook_kf: OtherKeyframes = None
) -> HOOK_KEYFRAMES:
    """From a share of the way from noise to picture on, hooks have a strength, for a step at least."""
    from wftools.diffusion.conditioning.hooks import keyframes_with

    return keyframes_with(prev_hook_kf, [Keyframe(start_percent, strength_mult)])


@node(
    "CreateHookKeyframesInterpolated",
    category="advanced/hooks/scheduling",
    display_name="Create Hook Keyframes Interp.",
    outputs=("HOOK_KF",),
    experimental=True,
)
def create_hook_keyframes_interpolated(
    *,
    strength_start: InterpolatedStrength = 1.0,
    strength_end: InterpolatedStrength = 1.0,
    interpolation: Annotated[str, choice(("linear", "ease_in", "ease_out", "ease_in_out"), listed=True)],
    start_percent: Percent = 0.0,
    end_percent: Percent = 1.0,
    keyframes_count: Annotated[int, Int(2, 100, step=1)] = 5,
    print_keyframes: BOOLEAN = False,
    prev_hook_kf: OtherKeyframes = None,
) -> HOOK_KEYFRAMES:
    """Keyframes at equal distances whose strengths go from one to another."""
    from wftools.diffusion.conditioning.hooks import interpolated

    strengths = interpolated(strength_start, strength_end, keyframes_count, interpolation)
    return create_hook_keyframes_from_floats(
        floats_strength=strengths,
        start_percent=start_percent,
        end_percent=end_percent,
        print_keyframes=print_keyframes,
        prev_hook_kf=prev_hook_kf,
    )


@node(
    "CreateHookKeyframesFromFloats",
    category="advanced/hooks/scheduling",
    display_name="Create Hook Keyframes From Floats",
    outputs=("HOOK_KF",),
    experimental=True,
)
def create_hook_keyframes_from_floats(
    *,
    floats_strength: Floats = -1,
    start_percent: Percent = 0.0,
    end_percent: Percent = 1.0,
    print_keyframes: BOOLEAN = False,
    prev_hook_kf: OtherKeyframes = None,
) -> HOOK_KEYFRAMES:
    """Keyframes at equal distances, one for each strength."""
    from wftools.diffusion.conditioning.hooks import keyframes_between, keyframes_with

    strengths = floats_strength if isinstance(floats_strength, Sequence) else [float(floats_strength)]
    frames = keyframes_between(strengths, start_percent, end_percent)
    if print_keyframes:
        for frame in frames:
            log.info("from %.3f of the way on hooks have the strength %.3f", frame.start_percent, frame.strength)
    return keyframes_with(prev_hook_kf, frames)


@node("CombineHooks2", category="advanced/hooks/combine", display_name="Combine Hooks [2]", experimental=True)
def combine_hooks_2(*, hooks_A: OtherHooks = None, hooks_B: OtherHooks = None) -> HOOKS | None:
    """All hooks as one group."""
    return _combined(hooks_A, hooks_B)


@node("CombineHooks4", category="advanced/hooks/combine", display_name="Combine Hooks [4]", experimental=True)
def combine_hooks_4(
    *,
    hooks_A: OtherHooks = None,
    hooks_B: OtherHooks = None,
    hooks_C: OtherHooks = None,
    hooks_D: OtherHooks = None,
) -> HOOKS | None:
    """All hooks as one group."""
    return _combined(hooks_A, hooks_B, hooks_C, hooks_D)


@node("CombineHooks8", category="advanced/hooks/combine", display_name="Combine Hooks [8]", experimental=True)
def combine_hooks_8(
    *,
    hooks_A: OtherHooks = None,
    hooks_B: OtherHooks = None,
    hooks_C: OtherHooks = None,
    hooks_D: OtherHooks = None,
    hooks_E: OtherHooks = None,
    hooks_F: OtherHooks = None,
    hooks_G: OtherHooks = None,
    hooks_H: OtherHooks = None,
) -> HOOKS | None:
    """All hooks as one group."""
    return _combined(hooks_A, hooks_B, hooks_C, hooks_D, hooks_E, hooks_F, hooks_G, hooks_H)


def _combined(*groups: Hooks | None) -> Hooks | None:
    """None if there is no group."""
    from wftools.diffusion.conditioning.hooks import combined

    return combined(*groups) if any(group is not None for group in groups) else None


@node("SetClipHooks", category="advanced/hooks/clip", display_name="Set CLIP Hooks", experimental=True)
def set_clip_hooks(
    *, clip: CLIP, apply_to_conds: BOOLEAN = True, schedule_clip: BOOLEAN = False, hooks: OtherHooks = None
) -> CLIP:
    """Prompts are encoded with hooks, once for each stretch of their keyframes if `schedule_clip`."""
    from wftools.diffusion.conditioning.clip_hooks import hooked

    return hooked(clip, hooks, is_scheduled=schedule_clip, of_conds=apply_to_conds)
