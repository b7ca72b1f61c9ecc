"""How values, sizes and strengths are spelled for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wftools.overview.model import From

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wftools.overview.model import Size, Told, UsedFile

_KINDS: Final[Mapping[str, str]] = {
    "checkpoints": "checkpoint",
    "diffusion_models": "model",
    "unet_gguf": "model",
    "text_encoders": "encoder",
    "clip_gguf": "encoder",
    "clip_vision": "vision",
    "vae": "VAE",
    "loras": "LoRA",
    "controlnet": "control",
    "upscale_models": "upscaler",
    "latent_upscale_models": "upscaler",
    "embeddings": "embedding",
    "style_models": "style",
    "model_patches": "patch",
    "ultralytics_bbox": "detector",
    "ultralytics_segm": "detector",
    "sams": "SAM",
    "animatediff_models": "motion",
    "": "file",
}


def kind_name(kind: str) -> str:
    """What models of a folder are called."""
    return _KINDS.get(kind, kind.replace("_", " "))


def is_main(kind: str) -> bool:
    """Whether what is in a folder makes the picture: a checkpoint, a diffusion model, or what only a pack knows."""
    return _KINDS.get(kind, "model") in ("checkpoint", "model", "file")


def spelled(value: Told) -> str:
    """A value as people read it: no digits that say nothing."""
    if isinstance(value, From):
        return f"{value}: {value.text}" if value.text else str(value)
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:.10g}"
    return str(value)


def size_text(size: Size) -> str:
    """`1024x768, 4 at once, 81 frames`"""
    parts = []
    if size.width is not None and size.height is not None:
        sides = spelled(size.width), spelled(size.height)
        if isinstance(size.width, From) or isinstance(size.height, From):
            parts.append(f"size {sides[0]}" if sides[0] == sides[1] else f"width {sides[0]}, height {sides[1]}")
        else:
            parts.append("x".join(sides))
    for told, what in ((size.batch, "at once"), (size.frames, "frames")):
        if isinstance(told, From):
            parts.append(f"{what} {told}")
        elif told is not None and told != 1:
            parts.append(f"{spelled(told)} {what}")
    return ", ".join(parts)


def strength_text(file: UsedFile) -> str:
    """`0.8, clip 0.6, from 0.2 to 0.9`"""
    told = dict(file.strengths)
    parts = [spelled(told["strength"])] if "strength" in told else []
    if "clip" in told:
        parts.append(f"clip {spelled(told['clip'])}")
    if "start" in told or "end" in told:
        parts.append(f"from {spelled(told.get('start', 0))} to {spelled(told.get('end', 1))}")
    return ", ".join(parts)
