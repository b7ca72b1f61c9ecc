"""Latents and conditionings to train on: made of pictures and captions, sorted by size, kept in a folder of shards.

A shard is one of torch's files, as ComfyUI writes it: {"latents": [{"samples": …}], "conditioning": [[[…, {…}]]]}, with
a `metadata.json` beside them that says how many there are.
"""

from __future__ import annotations

import json
import re
from dataclasses import fields
from typing import TYPE_CHECKING, Any, Final

import torch

from wftools.errors import InputError, RunError, shown
from wftools.folders.names import inside
from wftools.values import Area, Cond, Latent
from wftools.weights.tensorfile import open_tensors
from wftools.writing import atomically, write_atomically

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from torch import Tensor

    from wftools.context import Context
    from wftools.values import Clip, Conditioning, Vae
    from wftools.weights.tensorfile import TensorFile

FOLDER: Final = "datasets"
COLOURS: Final = 3  # channels of a picture that are encoded

_FIELDS: Final = {field.name for field in fields(Cond)} - {"tensor", "extras", "area", "hooks", "control", "gligen"}

TENSOR: Final = ""  # by which a cond's own tensor is named here

_SAMPLES: Final = re.compile(r"latents\.(\d+)\.samples")
_COND: Final = re.compile(r"conditioning\.(\d+)\.(\d+)\.(?:0|1\.(.+))")

Pairs = tuple[list[Latent], list["Conditioning"]]


def encoded(images: Sequence[Tensor], texts: Sequence[str], vae: Vae, clip: Clip) -> Pairs:
    """Pictures (B, H, W, C) as latents and captions as conditionings; one caption, or none, is for all.

    Raises RunError for another number of captions.
    """
    texts = texts or [""]
    if len(texts) == 1:
        texts = list(texts) * len(images)
    if len(texts) != len(images):
        raise RunError(
            f"there are {len(texts)} texts for {len(images)} images",
            hint=f"give {len(images)} texts, or one for all, or none",
        )
    latents = [Latent(vae.encode(image[..., :COLOURS])) for image in images]
    return latents, [clip.encode(clip.tokenised(text)) for text in texts]


def bucketed(latents: Sequence[Latent], conditionings: Sequence[Conditioning]) -> Pairs:
    """Samples of one size together, each with its entry of the conditioning; sizes in the order of the first of each.

    Raises RunError if there are not as many conditionings as latents, or not as many entries as samples.
    """
    _check_counts(latents, conditionings)
    samples: dict[tuple[int, ...], list[Tensor]] = {}
    conds: dict[tuple[int, ...], list[Cond]] = {}
    for latent, conditioning in zip(latents, conditionings, strict=True):
        if len(conditioning) < len(latent.samples):
            raise RunError(
                f"a conditioning of {len(conditioning)} entries goes with {len(latent.samples)} latents in a batch",
                hint="give an entry for each, with ConditioningCombine",
            )
        for sample, cond in zip(latent.samples, conditioning, strict=False):
            size = tuple(sample.shape[-2:])
            samples.setdefault(size, []).append(sample)
            conds.setdefault(size, []).append(cond)
    return [Latent(torch.stack(each)) for each in samples.values()], [tuple(each) for each in conds.values()]


def save(
    name: str, latents: Sequence[Latent], conditionings: Sequence[Conditioning], shard_size: int, context: Context
) -> None:
    """Write a data set into a folder of that name, in place of one that has its shards' names.

    Raises RunError for a conditioning that no file can hold, or if the folder cannot be written.
    """
    _check_counts(latents, conditionings)
    folder = context.folders.roots(FOLDER)[0] / inside(name)
    starts = range(0, len(latents), shard_size)
    said = {"num_samples": len(latents), "num_shards": len(starts), "shard_size": shard_size}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for number, start in enumerate(starts):
            context.step(number, len(starts))
            shard = slice(start, start + shard_size)
            content = {
                "latents": [{"samples": latent.samples} for latent in latents[shard]],
                "conditioning": [[[cond.tensor, _plain(cond)] for cond in each] for each in conditionings[shard]],
            }
            with atomically(folder / f"shard_{number:04}.pkl") as stream:
                torch.save(content, stream)
        write_atomically(folder / "metadata.json", json.dumps(said, indent=2).encode())
    except OSError as error:
        raise RunError(f"cannot save to {folder}: {error.strerror or error}") from error


def load(name: str, context: Context) -> Pairs:
    """A data set, its shards by their names. Raises RunError if it is not there, InputError for a broken shard."""
    folders = [root / inside(name) for root in context.folders.roots(FOLDER)]
    found = next((folder for folder in folders if folder.is_dir()), None)
    shards = sorted(found.glob("shard_*.pkl")) if found else []
    if not shards:
        searched = ", ".join(map(str, folders))
        raise RunError(f"data set {shown(name)} is not there", hint=f"SaveTrainingDataset writes into {searched}")
    latents: list[Latent] = []
    conditionings: list[Conditioning] = []
    for path in shards:
        of_shard = _read(open_tensors(path))
        latents += of_shard[0]
        conditionings += of_shard[1]
    return latents, conditionings


def _read(file: TensorFile) -> Pairs:
    """The samples and the conds of a shard, by the ways to them. Raises InputError if they are not as many."""
    latents = {int(match[1]): Latent(file.read(name)) for name in file.tensors if (match := _SAMPLES.fullmatch(name))}
    said: dict[int, dict[int, dict[str, Any]]] = {}
    for name in (*file.tensors, *file.metadata):
        match = _COND.fullmatch(name)
        if match:
            value = file.read(name) if name in file.tensors else _value(file.metadata[name])
            said.setdefault(int(match[1]), {}).setdefault(int(match[2]), {})[match[3] or TENSOR] = value
    conds = {number: [entries[index] for index in sorted(entries)] for number, entries in said.items()}
    if latents.keys() != conds.keys() or not all(TENSOR in entry for entries in conds.values() for entry in entries):
        raise InputError("a latent of the data set has no conditioning, or the other way round", place=file.place)
    return (
        [latents[number] for number in sorted(latents)],
        [tuple(map(_cond, conds[number])) for number in sorted(conds)],
    )


def _value(text: str) -> Any:
    """A plain value of a file: texts are there as they are, others as JSON."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def _cond(said: Mapping[str, Any]) -> Cond:
    """A cond from what is said of it by name."""
    typed = {name: value for name, value in said.items() if name in _FIELDS}
    extras = {name: value for name, value in said.items() if name not in {*_FIELDS, TENSOR, "area"}}
    area = Area.of(tuple(said["area"])) if "area" in said else None
    return Cond(said[TENSOR], **typed, area=area, extras=extras)


def _check_counts(latents: Sequence[Latent], conditionings: Sequence[Conditioning]) -> None:
    if len(latents) != len(conditionings):
        raise RunError(f"there are {len(latents)} latents and {len(conditionings)} conditionings")


def _plain(cond: Cond) -> dict[str, Any]:
    """What a cond says beside its tensor, as far as it is numbers, texts and tensors."""
    said = dict(cond.named())
    for name, value in said.items():
        if not isinstance(value, (torch.Tensor, bool, int, float, str, list, tuple)):
            raise RunError(f"the conditioning says {name} by a {type(value).__name__}, which no data set can hold")
    return said
