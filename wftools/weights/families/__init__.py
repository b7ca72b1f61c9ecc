"""Families of models: how their files are recognised, and what all their files have in common. No torch.

A family is two modules of one name, and a network if it is new: the one here says what a file holds, the one in
`diffusion.families` how it runs. `FAMILIES` names them; without the second a family is recognised, but not run yet.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, Protocol, cast

from wftools.errors import RunError, shown
from wftools.weights.formats.onnx import graph_facts
from wftools.weights.networks import Part
from wftools.weights.onnx.roles import encoder_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wftools.weights.tensorfile import TensorFile

# The order is the precedence: of several families that find something in a file, the first has it.
FAMILIES: Final = (
    "zero123",
    "sd1",
    "sd2",
    "sd2_unclip",
    "playground",
    "cosxl",
    "sdxl",
    "sdxl_refiner",
    "sd_x4",
    "svd",
    "sv3d_u",
    "sv3d_p",
)

PLAIN_TYPE: Final = "stable_diffusion"  # what loaders call CLIP's text encoders, each by itself
READ_OTHERWISE: Final = frozenset({"sd3", "hidream", "stable_cascade"})  # models that read one of them in another way


@dataclass(frozen=True, slots=True)
class LatentForm:
    """The latents of a family in numbers: their shape, and how the network's scale follows from the VAE's.

    A latent is (B, channels, …) with `dimensions` axes of time and space: 2 for pictures, 3 for videos, whose first
    is time. The network sees (latent - shift - mean) * scale / deviation.
    """

    channels: int
    ratio: int  # pixels a cell, along one side
    dimensions: int = 2
    temporal_ratio: int = 1  # frames a cell; the first frame of a video has a cell of its own
    scale: float = 1.0
    shift: float = 0.0
    means: tuple[float, ...] = ()  # of each channel; empty: 0
    deviations: tuple[float, ...] = ()  # of each channel; empty: 1


@dataclass(frozen=True, slots=True)
class CheckpointForm:
    """How checkpoints of a family are written: what stands before the names of a network's tensors, and what else."""

    texts: Mapping[str, str]  # by text encoder: CLIP's ViT-L as in transformers, the others as in OpenCLIP
    network: str = "model.diffusion_model."
    vae: str = "first_stage_model."
    vision: str | None = None
    apart: tuple[str, ...] = ()  # how the network's names begin that stand without what is put before the others
    architecture: str | None = None  # its name in Stability AI's model specification
    has_position_ids: bool = False  # whether CLIP's ViT-L has the numbers of the positions as a tensor


@dataclass(frozen=True, slots=True)
class Parts:
    """The networks of one family in a file."""

    network: Part[Any] | None = None  # the one that denoises
    vae: Part[Any] | None = None
    texts: Mapping[str, Part[Any]] = field(default_factory=dict)  # the name of a text encoder -> "clip_l"
    vision: Part[Any] | None = None  # what encodes pictures


class FamilyFacts(Protocol):
    """What a module of this package has."""

    LATENT_FORM: LatentForm
    CLIP_TYPES: tuple[str, ...]  # what loaders of text encoders call the family's
    SAVED: CheckpointForm

    def recognise(self, file: TensorFile, /) -> Parts | None:
        """The family's networks in a file; None if there are none, or if what denoises is another family's.

        Raises InputError if one of them is there and cannot be built.
        """
        ...


@dataclass(frozen=True, slots=True)
class Recognised:
    """What a file holds, and whose it is."""

    family: str
    parts: Parts


def facts_of(name: str) -> FamilyFacts:
    """What is known of the files of a family, which must be one of `FAMILIES`."""
    return cast("FamilyFacts", import_module(f"{__name__}.{name}"))


def check_clip_type(clip_type: str) -> None:
    """Raise RunError for what loaders may call several text encoders, but no family that is known here does."""
    if not _is_clip_type(clip_type):
        raise RunError(f"text encoders of the type {shown(clip_type)} are not implemented in wftools yet")


def _is_clip_type(clip_type: str) -> bool:
    return any(clip_type in facts_of(name).CLIP_TYPES for name in FAMILIES)


def recognise(file: TensorFile) -> Recognised | None:
    """Find the networks in a file; None if no family knows it. Raises InputError if one cannot be built."""
    for name in FAMILIES:
        parts = facts_of(name).recognise(file)
        if parts is not None:
            return Recognised(name, _with_all_texts(parts, facts_of(name).SAVED.texts))
    return None


def recognise_texts(files: Sequence[TensorFile], clip_type: str) -> Recognised | None:
    """Find the text encoders of one family in some files, each of which has one at least; None if they are not there.

    Only families whose text encoders are called so are asked. A file of one of CLIP's own is taken for what it is,
    whatever it is called, as in ComfyUI, except where other models read it in another way.
    """
    if len(files) == 1 and clip_type not in READ_OTHERWISE and not _is_clip_type(clip_type):
        clip_type = PLAIN_TYPE
    for name in FAMILIES:
        facts = facts_of(name)
        if clip_type in facts.CLIP_TYPES:
            found = [texts for file in files if (texts := _texts(file, facts))]
            texts = {text: part for each in found for text, part in each.items()}
            needed = facts.SAVED.texts.keys()
            if len(found) == len(files) and needed <= texts.keys():
                return Recognised(name, Parts(texts={text: texts[text] for text in needed}))
    return None


def _texts(file: TensorFile, facts: FamilyFacts) -> Mapping[str, Part[Any]]:
    """A family's text encoders in a file."""
    if file.format == "onnx":
        name = encoder_of(graph_facts(file.path))
        return {name: Part(None, file)} if name is not None and name in facts.SAVED.texts else {}
    parts = facts.recognise(file)
    return {} if parts is None else parts.texts


def _with_all_texts(parts: Parts, needed: Mapping[str, str]) -> Parts:
    """Without text encoders, if some are missing: one of two alone is of no use."""
    return parts if needed.keys() <= parts.texts.keys() else replace(parts, texts={})
