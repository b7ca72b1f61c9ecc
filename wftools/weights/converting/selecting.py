"""Some of a file's tensors: without what a training left, with its averaged weights, or the networks one by one."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

from wftools.errors import InputError
from wftools.weights.families import facts_of, recognise
from wftools.weights.families._stable_diffusion import clip_text, text_alone
from wftools.weights.keymaps import diffusers_unet, diffusers_vae

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from wftools.weights.families import Parts
    from wftools.weights.networks import Part
    from wftools.weights.networks.clip_text import ClipTextConfig
    from wftools.weights.tensorfile import TensorFile, TensorInfo

AVERAGED: Final = "model_ema."
_TRAINED: Final = "model."  # what is averaged stands below it

# What a training leaves in its checkpoints, and why no picture needs it.
LEAVINGS: Final = (
    (re.compile(r"model_ema\..*"), "the averaged copy of the weights"),
    (re.compile(r"(optimizer|optimizer_states?|lr_schedulers?|callbacks|loops|scaler)\..*"), "state of a training"),
    (re.compile(r".*\.(exp_avg|exp_avg_sq|momentum_buffer)"), "state of a training"),
    (re.compile(r"(.*\.)?loss\..*"), "what a training measures its errors with"),
    (re.compile(r".*_extra_state|(.*\.)?accum_.*"), "state of a training"),
)
STATES: Final = ("optimizer_states", "lr_schedulers", "callbacks", "loops")  # the same among metadata

# What stands before the names of a folder's tensors.
UNET_FOLDER: Final = "unet."
VAE_FOLDER: Final = "vae."
TEXT_FOLDERS: Final = ("text_encoder.", "text_encoder_2.")

# What is no weight, and yet in files of one layout or the other: positions, the temperature of a training.
BESIDE: Final = re.compile(r"(.*\.)?position_ids|logit_scale")


@dataclass(frozen=True)
class Sections:
    """The networks of a file, each under its own names: "unet", "vae", and text encoders as "clip_l"."""

    family: str
    parts: Parts
    files: Mapping[str, TensorFile]

    @property
    def texts(self) -> tuple[str, ...]:
        """Which of them are text encoders."""
        return tuple(name for name in self.files if name not in ("unet", "vae"))


def pruned(file: TensorFile) -> tuple[TensorFile, dict[str, str]]:
    """A file without what a training left, and what that was: name -> why."""
    left = {name: why for name in file.tensors if (why := _why_left(name))}
    return file.renamed({name: name for name in file.tensors if name not in left}), left


def _why_left(name: str) -> str:
    return next((why for pattern, why in LEAVINGS if pattern.fullmatch(name)), "")


def averaged(file: TensorFile) -> TensorFile:
    """A file whose weights are the averaged ones, under the names of those that they are averages of.

    Latent diffusion keeps them under the names of the network without dots. Raises InputError if it has none.
    """
    names = {name: name for name in file.tensors}
    swapped = 0
    for name in file.tensors:
        own = AVERAGED + name.removeprefix(_TRAINED).replace(".", "")
        if name.startswith(_TRAINED) and own in file.tensors:
            names[name], swapped = own, swapped + 1
    if not swapped:
        raise InputError("the file has no averaged weights", place=file.place, hint="leave out --ema")
    return file.renamed(names)


def sections(file: TensorFile) -> Sections:
    """The networks of a file, or of a folder of diffusers. Raises InputError if no family knows it."""
    of_parts = _of_folder(file) if any(name.startswith(UNET_FOLDER) for name in file.tensors) else None
    found = of_parts or _in_one_file(file)
    if found is None:
        raise InputError(
            "no known family of models: its networks cannot be told apart",
            place=file.place,
            hint="`wftools model inspect` says what the file holds",
        )
    return found


def _in_one_file(file: TensorFile) -> Sections | None:
    found = recognise(file)
    if found is None:
        return None
    files: dict[str, TensorFile] = {}
    if found.parts.network is not None:
        files["unet"] = _below(file, found.parts.network, diffusers_unet.as_original)
    if found.parts.vae is not None:
        files["vae"] = _below(file, found.parts.vae, diffusers_vae.as_original)
    for name, part in found.parts.texts.items():
        files[name] = _below(file, part, text_alone)
    return Sections(found.family, found.parts, files)


def _of_folder(file: TensorFile) -> Sections | None:
    """The networks of a folder, whose names begin with those of their own folders: the UNet's says whose they are."""
    unet = _in_one_file(file.below(UNET_FOLDER))
    if unet is None or unet.parts.network is None:
        return None
    files, parts = {"unet": unet.files["unet"]}, unet.parts
    vae = _in_one_file(file.below(VAE_FOLDER))
    if vae is not None and vae.parts.vae is not None:
        files["vae"], parts = vae.files["vae"], replace(parts, vae=vae.parts.vae)
    texts: dict[str, Part[ClipTextConfig]] = {}
    for folder in TEXT_FOLDERS:
        below = file.below(folder)
        for name in facts_of(unet.family).SAVED.texts:
            part = clip_text(below, name) if name not in files else None
            if part is not None:
                texts[name], files[name] = part, _below(below, part, text_alone)
                break
    return Sections(unet.family, replace(parts, texts=texts), files)


def _below(file: TensorFile, part: Part[Any], layout: Callable[[TensorFile], TensorFile]) -> TensorFile:
    """What stands where a part was found: its tensors, and what is no weight but belongs to it."""
    whole = layout(file.below(part.prefix))
    kept = {name: name for name in whole.tensors if name in part.tensors.tensors or BESIDE.fullmatch(name)}
    return whole.renamed(kept)


def left_out(file: TensorFile, used: Iterable[TensorFile], why: str) -> dict[str, str]:
    """The tensors of a file of which other views of it have nothing, by where they stand in it."""
    starts: dict[Path, list[int]] = {}
    for info in chain.from_iterable(each.tensors.values() for each in used):
        starts.setdefault(info.file or file.path, []).append(info.start)
    for each in starts.values():
        each.sort()

    def is_used(info: TensorInfo) -> bool:
        own = starts.get(info.file or file.path, [])
        index = bisect_left(own, info.start)
        return index < len(own) and own[index] < max(info.stop, info.start + 1)

    return {name: why for name, info in sorted(file.tensors.items()) if not is_used(info)}
