"""Model files to handles: what the loader nodes do. Files are memory-mapped."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NoReturn

from wftools.diffusion import families
from wftools.diffusion.latents import ScaledLatents
from wftools.diffusion.loading import load_network
from wftools.diffusion.model import LatentDiffusion
from wftools.errors import InputError, Place, RunError
from wftools.weights.dialects import understood
from wftools.weights.families import Recognised, check_clip_type, facts_of, recognise
from wftools.weights.tensorfile import open_tensors

if TYPE_CHECKING:
    from wftools.context import Context
    from wftools.values import Clip, Model, Vae
    from wftools.weights.source import Weight
    from wftools.weights.tensorfile import TensorFile


def load_checkpoint(name: str, context: Context) -> tuple[Model, Clip, Vae]:
    """The network, text encoders and VAE of a checkpoint. Raises RunError if it is not there, InputError if broken.

    What the checkpoint lacks is found out when it is used.
    """
    file, found = _recognised("checkpoints", name, context)
    if found is None or found.parts.network is None:
        raise InputError("there is no diffusion model in the file that wftools knows", place=file.place)
    with file.blamed():
        running, parts = families.family(found.family), found.parts
        model = LatentDiffusion(
            load_network(running.network, found.parts.network, context.placement),
            running,
            ScaledLatents(facts_of(found.family).LATENT_FORM),
            running.parametrisation(file, found.parts.network),
            context.placement,
        )
        no_clip, no_vae = Absent("text encoder", file.place, "CLIPLoader"), Absent("VAE", file.place, "VAELoader")
        clip: Clip = running.clip(parts.texts, context) if parts.texts else no_clip
        vae: Vae = running.vae(parts.vae, context) if parts.vae else no_vae
    return model, clip, vae


def load_vae(name: str, context: Context) -> Vae:
    """A VAE from a file of its own."""
    file, found = _recognised("vae", name, context)
    if found is None or found.parts.vae is None:
        raise InputError("there is no VAE in the file that wftools knows", place=file.place)
    with file.blamed():
        return families.family(found.family).vae(found.parts.vae, context)


def load_clip(name: str, clip_type: str, context: Context, *, on_cpu: bool = False) -> Clip:
    """Text encoders from a file of their own, as the models of a type use them. Raises RunError for another type."""
    check_clip_type(clip_type)
    if on_cpu:
        context = replace(context, placement=replace(context.placement, device="cpu"))
    file, found = _recognised("text_encoders", name, context, clip_type)
    if found is None or not found.parts.texts:
        raise InputError("there is no text encoder in the file that wftools knows", place=file.place)
    with file.blamed():
        return families.family(found.family).clip(found.parts.texts, context)


def _recognised(
    folder: str, name: str, context: Context, clip_type: str | None = None
) -> tuple[TensorFile, Recognised | None]:
    file = understood(open_tensors(context.folders.find(folder, name)))
    return file, recognise(file, clip_type)


@dataclass(frozen=True, slots=True)
class Absent:
    """Stands where a checkpoint has no text encoder or VAE, so that only using it is an error."""

    what: str
    place: Place
    loader: str

    def encode(self, *_: object, **__: object) -> NoReturn:
        """Raise RunError."""
        raise RunError(f"the checkpoint has no {self.what}", place=self.place, hint=f"load one with {self.loader}")

    decode = tokenised = with_options = with_weights = with_bypasses = encode

    @property
    def options(self) -> NoReturn:
        """Raise RunError."""
        self.encode()

    def weights(self) -> dict[str, Weight]:
        """None: what changes weights leaves it as it is."""
        return {}
