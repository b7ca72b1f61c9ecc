"""What a model file holds, by names, shapes and metadata. No torch, and no tensor is read but a few of one number.

    description = describe(file)
    description.kind            "checkpoint", "diffusion model", "LoRA" … or "unknown"
    description.components      the networks in it, and which tensors are theirs
    description.adapter         what a LoRA, or one of its kin, changes

signs.py, known/      how networks are told
unets.py              which of Stable Diffusion's families a UNet is of
adapters.py           LoRA and its kin
amounts.py            how many bytes in which types, and what that means
hierarchy.py          the names as a tree, with what repeats in one line
metadata.py           what trainers and ComfyUI leave in files
graphs.py             what an ONNX file says beside its tensors
hashes.py             by what sites know a file
report.py, telling.py the same for programs, and for people

Why a table of signs beside `weights.families`: that finds what can be run, and has to know every tensor of it. What a
file is called takes a few names only, and people have files that nothing here runs yet.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from wftools.errors import InputError
from wftools.weights.inspecting.adapters import Adapter, adapter_in
from wftools.weights.inspecting.known import SIGNS
from wftools.weights.inspecting.known.autoencoders import SHARED
from wftools.weights.inspecting.known.denoisers import FAMILIES, UNET
from wftools.weights.inspecting.known.denoisers import KIND as DENOISER
from wftools.weights.inspecting.signs import Component, Names, found_by, has_below

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from wftools.weights.tensorfile import TensorFile

CHECKPOINT: Final = "checkpoint"
UNKNOWN: Final = "unknown"

# What may stand before the names of a network. A longer prefix may be there beside a shorter one.
PREFIXES: Final = (
    "",
    "model.diffusion_model.",
    "model.model.",
    "model.",
    "net.",
    "module.",
    "diffusion_model.",
    "transformer.",
    "unet.",
    "control_model.",
    "first_stage_model.",
    "vae.",
    "audio_vae.",
    "vocoder.",
    "vocoder.vocoder.",
    "pretransform.model.",
    "cond_stage_model.",
    "cond_stage_model.transformer.",
    "cond_stage_model.model.",
    "cond_stage_model.model.visual.",
    "embedder.model.visual.",
    "conditioner.main_image_encoder.model.",
    "text_encoder.",
    "language_model.model.",
    "model.language_model.",
    "visual.",
    "params_ema.",
    "params.",
)
OF_CHECKPOINTS: Final = ("", "model.diffusion_model.")  # below which families look for their UNets themselves
# The same where a number or a name is in it, and what may stand behind that.
_NAMED: Final = re.compile(r"(?:conditioner\.embedders|text_encoders)\.[^.]+\.")
_BEHIND: Final = ("", "transformer.", "transformer.model.", "model.", "encoder.", "open_clip.model.visual.")

# Tensors that belong to no network that is run.
LEFTOVERS: Final[Mapping[str, str]] = {
    "model_ema.": "averaged weights of the training (EMA)",
    "loss.": "losses of the training",
    "optimizer": "state of the training",
    "visual.": "image encoder beside the text encoder",
    "cond_stage_model.": "text encoder that is not known",
    "conditioner.": "text encoder that is not known",
    "first_stage_model.": "VAE that is not known",
    "text_embedding_projection.": "projection of the text",
    "vocoder.": "vocoder",
}


@dataclass(frozen=True, slots=True)
class Described:
    """What a file holds."""

    kind: str
    components: tuple[Component, ...]
    adapter: Adapter | None = None
    notes: tuple[str, ...] = ()  # what kept it from being told more exactly

    @property
    def family(self) -> str:
        """Whose models it belongs to; "" if nothing tells."""
        if self.adapter is not None:
            return self.adapter.family
        first = self.main
        return f"{first.name} {first.variant}".strip() if first is not None else ""

    @property
    def main(self) -> Component | None:
        """The network that a file is known by: the one that denoises, if there is one."""
        denoisers = (each for each in self.components if each.kind == DENOISER)
        return next(denoisers, self.components[0] if self.components else None)


def describe(file: TensorFile) -> Described:
    """What a file holds; what nothing tells is "unknown". Raises no error for any file that could be opened."""
    adapter = adapter_in(file)
    if adapter is not None:
        return Described(adapter.kind, (), adapter)
    notes: list[str] = []
    found = tuple(_components(file))
    components = _of_one_family(tuple(_with_family(each, file, found, notes) for each in found))
    if not components:
        from wftools.weights.inspecting.single import single_in  # start-up

        components = single_in(file)
    return Described(_kind(components), components, notes=tuple(notes))


def owners(file: TensorFile, components: Sequence[Component]) -> dict[str, str]:
    """For each tensor the prefix of the network that it is of, or of what is left over; "?" for what is neither."""
    prefixes = sorted({*(each.prefix for each in components), *LEFTOVERS}, key=len, reverse=True)
    return {name: next((each for each in prefixes if name.startswith(each)), "?") for name in file.tensors}


def _components(file: TensorFile) -> Iterator[Component]:
    shapes, names = file.shapes, sorted(file.tensors)
    for prefix in _prefixes(names):
        found = found_by(SIGNS, Names(shapes, prefix, file.metadata))
        if found is not None:
            yield found


def _prefixes(names: Sequence[str]) -> Iterator[str]:
    """Those that are there, in the order of `PREFIXES`."""
    yield from (prefix for prefix in PREFIXES if has_below(names, prefix))
    named = dict.fromkeys(match[0] for name in names if (match := _NAMED.match(name)))
    yield from (prefix + behind for prefix in named for behind in _BEHIND if has_below(names, prefix + behind))


def _with_family(
    component: Component, file: TensorFile, components: Sequence[Component], notes: list[str]
) -> Component:
    """A UNet by the name of its family, of which its shapes alone tell little."""
    if component.name != UNET:
        return component
    from wftools.weights.inspecting.unets import family_of_unet  # imports all families

    try:
        family, variant = family_of_unet(_with_unet(component, file, components))
    except InputError as error:
        notes.append(f"the UNet cannot be built: {error.message}")
        return component
    return replace(component, name=family, variant=variant) if family else component


def _with_unet(component: Component, file: TensorFile, components: Sequence[Component]) -> TensorFile:
    """The UNet as families know it, and what some of them have beside it; without the other networks: it takes time."""
    if component.prefix not in OF_CHECKPOINTS:
        return file.below(component.prefix)
    others = tuple(each.prefix for each in components if not component.prefix.startswith(each.prefix))
    return file.renamed({name: name for name in file.tensors if not name.startswith(others)})


def _of_one_family(components: tuple[Component, ...]) -> tuple[Component, ...]:
    """The autoencoder that several families share, as that of the UNet beside it."""
    unet = next((each.name for each in components if each.name in FAMILIES.values()), "")
    return tuple(
        replace(each, variant=f"of {unet}") if unet and each.variant == SHARED else each for each in components
    )


def _kind(components: Sequence[Component]) -> str:
    kinds = [each.kind for each in components]
    if DENOISER in kinds and len(set(kinds)) > 1:
        return CHECKPOINT
    return kinds[0] if kinds else UNKNOWN
