"""Nodes of the categories model/patch and model/patch/wan that show a model long latents in windows."""

from typing import Annotated, Final

from wftools.catalog.declare import BOOLEAN, MODEL, Int, String, choice, node
from wftools.nodes._widgets import MAX_RESOLUTION

_SCHEDULES: Final = ("standard_static", "standard_uniform", "looped_uniform", "batched")
_FUSINGS: Final = ("pyramid", "relative", "flat", "overlap-linear")
_TIME: Final = 2  # the axis of videos' latents (B, C, frames, h, w)

Schedule = Annotated[str, choice(_SCHEDULES)]
Stride = Annotated[int, Int(1)]
Fusing = Annotated[str, choice(_FUSINGS)]


@node("ContextWindowsManual", category="model/patch", display_name="Context Windows (Manual)", experimental=True)
def context_windows_manual(
    *,
    model: MODEL,
    context_length: Annotated[int, Int(1)] = 16,
    context_overlap: Annotated[int, Int(0)] = 4,
    context_schedule: Schedule = "standard_static",
    context_stride: Stride = 1,
    closed_loop: BOOLEAN = False,
    fuse_method: Fusing = "pyramid",
    dim: Annotated[int, Int(0, 5)] = 0,
    freenoise: BOOLEAN = False,
    cond_retain_index_list: Annotated[str, String()] = "",
    split_conds_to_windows: BOOLEAN = False,
    latent_retain_index_list: Annotated[str, String()] = "",
    causal_window_fix: BOOLEAN = True,
) -> MODEL:
    """The model sees a latent that is longer than `context_length` along `dim` in windows, which are fused."""
    from wftools.diffusion.conditioning.window_schedules import Spacing
    from wftools.diffusion.conditioning.windows import with_windows

    return with_windows(
        model,
        spacing=Spacing(context_length, context_overlap, context_stride, closed_loop),
        schedule=context_schedule,
        fusing=fuse_method,
        axis=dim,
        has_free_noise=freenoise,
        retained_in_inputs=cond_retain_index_list,
        retained_in_latents=latent_retain_index_list,
        splits_conds=split_conds_to_windows,
        has_anchor=causal_window_fix,
    )


@node("WanContextWindowsManual", category="model/patch/wan", display_name="Wan Context Windows", experimental=True)
def wan_context_windows_manual(
    *,
    model: MODEL,
    context_length: Annotated[int, Int(1, MAX_RESOLUTION, step=4)] = 81,
    context_overlap: Annotated[int, Int(0)] = 30,
    context_schedule: Schedule = "standard_uniform",
    context_stride: Stride = 1,
    closed_loop: BOOLEAN = False,
    fuse_method: Fusing = "pyramid",
    freenoise: BOOLEAN = True,
    retain_first_frame: BOOLEAN = False,
    split_conds_to_windows: BOOLEAN = False,
) -> MODEL:
    """The same for videos of Wan, whose latents have a frame for every four; lengths are those of the video."""
    return context_windows_manual(
        model=model,
        context_length=(context_length - 1) // 4 + 1,
        context_overlap=context_overlap // 4,
        context_schedule=context_schedule,
        context_stride=context_stride,
        closed_loop=closed_loop,
        fuse_method=fuse_method,
        dim=_TIME,
        freenoise=freenoise,
        cond_retain_index_list="0" if retain_first_frame else "",
        split_conds_to_windows=split_conds_to_windows,
    )


@node("LTXVContextWindows", category="model/patch", display_name="LTXV Context Windows", experimental=True)
def ltxv_context_windows(
    *,
    model: MODEL,
    context_length: Annotated[int, Int(1, MAX_RESOLUTION, step=8)] = 145,
    context_overlap: Annotated[int, Int(0, step=8)] = 40,
    context_schedule: Schedule = "standard_uniform",
    context_stride: Stride = 1,
    closed_loop: BOOLEAN = False,
    fuse_method: Fusing = "pyramid",
    freenoise: BOOLEAN = True,
    retain_first_frame: BOOLEAN = False,
    split_conds_to_windows: BOOLEAN = False,
) -> MODEL:
    """The same for videos of LTX, whose latents have a frame for every eight; lengths are those of the video."""
    first = "0" if retain_first_frame else ""
    return context_windows_manual(
        model=model,
        context_length=(context_length - 1) // 8 + 1,
        context_overlap=context_overlap // 8,
        context_schedule=context_schedule,
        context_stride=context_stride,
        closed_loop=closed_loop,
        fuse_method=fuse_method,
        dim=_TIME,
        freenoise=freenoise,
        cond_retain_index_list=first,
        split_conds_to_windows=split_conds_to_windows,
        latent_retain_index_list=first,
    )
