"""The one paragraph that the web UI of AUTOMATIC1111 writes into its pictures, and other picture tools read.

    a red fox <lora:fur:0.8>
    Negative prompt: blurry
    Steps: 20, Sampler: DPM++ 2M Karras, Schedule type: Karras, CFG scale: 7, Seed: 5, Size: 512x768, Model: dream, …

A value with a comma, a colon or a line end is a JSON text; names of models are without folder and suffix. Of several
passes the first is the picture's, as there; one that refines it is told as "Hires" or "Refiner".
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from wftools.escaping import printable
from wftools.overview.model import From
from wftools.overview.prompts import shown
from wftools.overview.sampling import number
from wftools.overview.words import spelled

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from wftools.overview.files import Seen
    from wftools.overview.model import Output, Overview, Pass, Prompt, Told, UsedFile

VERSION: Final = "ComfyUI"
HASH: Final = 10  # letters of a SHA256 that name a model there

_SAMPLERS: Final[Mapping[str, str]] = {
    "euler": "Euler",
    "euler_ancestral": "Euler a",
    "heun": "Heun",
    "dpm_2": "DPM2",
    "dpm_2_ancestral": "DPM2 a",
    "lms": "LMS",
    "dpm_fast": "DPM fast",
    "dpm_adaptive": "DPM adaptive",
    "dpmpp_2s_ancestral": "DPM++ 2S a",
    "dpmpp_sde": "DPM++ SDE",
    "dpmpp_2m": "DPM++ 2M",
    "dpmpp_2m_sde": "DPM++ 2M SDE",
    "dpmpp_2m_sde_heun": "DPM++ 2M SDE Heun",
    "dpmpp_3m_sde": "DPM++ 3M SDE",
    "ddim": "DDIM",
    "ddpm": "DDPM",
    "lcm": "LCM",
    "uni_pc": "UniPC",
    "uni_pc_bh2": "UniPC",
    "deis": "DEIS",
    "ipndm": "iPNDM",
}
_SCHEDULES: Final[Mapping[str, str]] = {
    "normal": "Normal",
    "karras": "Karras",
    "exponential": "Exponential",
    "sgm_uniform": "SGM Uniform",
    "simple": "Simple",
    "ddim_uniform": "DDIM",
    "beta": "Beta",
    "kl_optimal": "KL Optimal",
    "linear_quadratic": "Linear Quadratic",
}
_IN_SAMPLER: Final = ("karras", "exponential")
"""Schedules that were part of the sampler's name, before they had a field of their own; some readers know only that."""

_LORA: Final = re.compile(r"<lora:([^:<>]+)")
_QUOTED: Final = re.compile(r"[,:\n]")
_MODELS: Final = ("checkpoints", "diffusion_models", "unet_gguf")


def render(files: Iterable[Seen]) -> Iterator[str]:
    """A paragraph for each output that is made by sampling, with an empty line between them."""
    first = True
    for each in files:
        if each.overview is None:
            continue
        made = {id(output.passes): output for output in each.overview.outputs if output.passes}
        for text in dict.fromkeys(_paragraph(each.overview, output) for output in made.values()):
            yield text if first else f"\n{text}"
            first = False


def _paragraph(file: Overview, output: Output) -> str:
    one = output.passes[0]
    fields = ", ".join(f"{name}: {_quoted(value)}" for name, value in _fields(file, output, one) if value != "")
    positive = _prompt(one.positive)
    loras = [each for each in one.models if each.kind == "loras"]
    named = {name.strip() for name in _LORA.findall(positive)}
    tags = [f"<lora:{stem(each.name)}:{_strength(each)}>" for each in loras if stem(each.name) not in named]
    lines = [" ".join(filter(None, [positive, *tags]))]
    negative = _prompt(one.negative)
    if negative:
        lines.append(f"Negative prompt: {negative}")
    return printable("\n".join([*lines, fields]), "\n")


def _fields(file: Overview, output: Output, one: Pass) -> Iterator[tuple[str, str]]:
    told = one.settings
    sampler, scheduler = (_constant(told.get(name)) for name in ("sampler", "scheduler"))
    yield "Steps", _constant(told.get("steps"))
    yield "Sampler", _sampler(sampler, scheduler)
    yield "Schedule type", _SCHEDULES.get(scheduler, scheduler) if sampler else ""
    yield "CFG scale", _constant(told.get("cfg"))
    yield "Distilled CFG Scale", _constant(told.get("guidance"))
    yield "Seed", _constant(told.get("seed"))
    yield "Size", _size(one, output, file)
    model = next((each for kind in _MODELS for each in one.models if each.kind == kind), None)
    if model is not None:
        yield "Model hash", model.sha256[:HASH] if model.sha256 else ""
        yield "Model", stem(model.name)
    elif one.service:
        yield "Model", one.service
    yield "VAE", next((stem(each.name) for each in output.models if each.kind == "vae"), "")
    yield "Clip skip", _constant(told.get("clip_skip"))
    denoise = number(told.get("denoise"))
    if denoise is not None and denoise != 1:
        yield "Denoising strength", spelled(denoise)
    yield from _later(output.passes, one)
    for index, each in enumerate(each for each in one.models if each.kind == "controlnet"):
        yield f"ControlNet {index}", f"Model: {stem(each.name)}, Weight: {_strength(each)}"
    hashes = [f"{stem(each.name)}: {each.sha256[:HASH]}" for each in one.models if each.kind == "loras" and each.sha256]
    yield "Lora hashes", ", ".join(hashes)
    yield "Version", VERSION


def _later(passes: Sequence[Pass], first: Pass) -> Iterator[tuple[str, str]]:
    """What the next pass does with what the first one made: refine the picture, or go on with another model."""
    if len(passes) < 2:
        return
    told = passes[1].settings
    start, steps = number(told.get("start")), number(told.get("steps"))
    if start and steps:
        model = next((each for kind in _MODELS for each in passes[1].models if each.kind == kind), None)
        if model is not None and model not in first.models:
            yield "Refiner", stem(model.name)
            yield "Refiner switch at", spelled(round(start / steps, 3))
        return
    denoise = number(told.get("denoise"))
    if denoise is not None and denoise < 1:
        if number(first.settings.get("denoise")) in (None, 1):
            yield "Denoising strength", spelled(denoise)
        widths = number(first.size.width), number(passes[1].size.width)
        if widths[0] and widths[1]:
            yield "Hires upscale", spelled(round(widths[1] / widths[0], 3))
        yield "Hires steps", _constant(told.get("steps"))


def _size(one: Pass, output: Output, file: Overview) -> str:
    for size in (one.size, output.size):
        width, height = number(size.width), number(size.height)
        if width is not None and height is not None:
            return f"{int(width)}x{int(height)}"
    return f"{file.picture[0]}x{file.picture[1]}" if file.picture is not None else ""


def _sampler(sampler: str, scheduler: str) -> str:
    bare = sampler.removesuffix("_gpu")
    name = _SAMPLERS.get(bare, sampler)
    return f"{name} {_SCHEDULES[scheduler]}" if scheduler in _IN_SAMPLER and bare in _SAMPLERS else name


def _prompt(prompts: Sequence[Prompt]) -> str:
    return "\n".join(filter(None, dict.fromkeys(shown(prompt.text).strip() for prompt in prompts)))


def _constant(value: Told | None) -> str:
    return "" if value is None or isinstance(value, From) else spelled(value)


def _strength(file: UsedFile) -> str:
    return _constant(dict(file.strengths).get("strength", 1)) or "1"


def stem(name: str) -> str:
    """The name of a model without its folder and suffix."""
    base = name.replace("\\", "/").rpartition("/")[2]
    return re.sub(r"\.(safetensors|sft|ckpt|pt|pth|bin|gguf|onnx)$", "", base, flags=re.IGNORECASE)


def _quoted(value: str) -> str:
    return json.dumps(value, ensure_ascii=False) if _QUOTED.search(value) else value
