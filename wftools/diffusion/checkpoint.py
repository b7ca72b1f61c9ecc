"""Model files to handles: what the loader nodes do. Files are memory-mapped."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NoReturn

from wftools.diffusion.families import describe
from wftools.diffusion.loading import load
from wftools.diffusion.model import LatentDiffusion
from wftools.diffusion.networks.clip_text import ClipText
from wftools.diffusion.networks.unet import UNet
from wftools.diffusion.networks.vae import AutoencoderKL
from wftools.diffusion.text.clip import ClipL
from wftools.diffusion.text.tokenizer import END
from wftools.diffusion.text.tower import Tower
from wftools.diffusion.vae import ImageVae
from wftools.errors import InputError, Place, RunError
from wftools.weights.detect import detect
from wftools.weights.tensorfile import open_tensors

if TYPE_CHECKING:
    from wftools.context import Context
    from wftools.values import Clip, Model, Vae
    from wftools.weights.detect import Contents
    from wftools.weights.tensorfile import TensorFile


def load_checkpoint(name: str, context: Context) -> tuple[Model, Clip, Vae]:
    """The UNet, text encoder and VAE of a checkpoint. Raises RunError if it is not there, InputError if it is broken.

    What the checkpoint lacks is found out when it is used.
    """
    file = open_tensors(context.folders.find("checkpoints", name))
    found = detect(file)
    clip: Clip = _clip(file, found, context) if found.texts else Absent("text encoder", file.place, "CLIPLoader")
    vae: Vae = _vae(file, found, context) if found.vae else Absent("VAE", file.place, "VAELoader")
    return _model(file, found, context), clip, vae


def load_vae(name: str, context: Context) -> Vae:
    """A VAE from a file of its own."""
    file = open_tensors(context.folders.find("vae", name))
    return _vae(file, detect(file), context)


def load_clip(name: str, family: str, context: Context, *, on_cpu: bool = False) -> Clip:
    """A text encoder from a file of its own, as a family of models uses it. Raises RunError for another than SD1."""
    if family != "stable_diffusion":
        raise RunError(f"text encoders of the type {family!r} are not implemented in wftools yet")
    if on_cpu:
        context = replace(context, placement=replace(context.placement, device="cpu"))
    file = open_tensors(context.folders.find("text_encoders", name))
    return _clip(file, detect(file), context)


def _model(file: TensorFile, found: Contents, context: Context) -> Model:
    if found.unet is None or found.family is None:
        raise InputError("there is no diffusion model in the file that wftools knows", place=file.place)
    description = describe(found.family)
    if found.unet.config.in_channels != description.latent_format.channels:  # inpainting and instruction models
        raise RunError("UNets that take more than the latent are not implemented in wftools yet", place=file.place)
    network = load(UNet, found.unet, context.placement)
    return LatentDiffusion(network, description.latent_format, description.parametrisation, context.placement)


def _vae(file: TensorFile, found: Contents, context: Context) -> Vae:
    if found.vae is None:
        raise InputError("there is no VAE in the file that wftools knows", place=file.place)
    return ImageVae(load(AutoencoderKL, found.vae, context.placement), context.placement)


def _clip(file: TensorFile, found: Contents, context: Context) -> Clip:
    if "clip_l" not in found.texts:
        raise InputError("there is no text encoder in the file that wftools knows", place=file.place)
    network = load(ClipText, found.texts["clip_l"], context.placement)
    return ClipL(Tower(network, END, context.placement), context.folders)


@dataclass(frozen=True, slots=True)
class Absent:
    """Stands where a checkpoint has no text encoder or VAE, so that only using it is an error."""

    what: str
    place: Place
    loader: str

    def encode(self, *_: object, **__: object) -> NoReturn:
        """Raise RunError."""
        raise RunError(f"the checkpoint has no {self.what}", place=self.place, hint=f"load one with {self.loader}")

    decode = encode
