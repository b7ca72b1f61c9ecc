"""ONNX files to handles: what the loader nodes do."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor

from wftools.diffusion import families
from wftools.diffusion.control.net import UNetControl
from wftools.diffusion.latents import ScaledLatents
from wftools.diffusion.model import LatentDiffusion
from wftools.diffusion.onnx.networks import PROBED_PICTURE, OnnxControlNet, OnnxUNet, OnnxVae, read_config
from wftools.diffusion.onnx.session import Session, open_session
from wftools.diffusion.sampling.levels import DiscreteLevels
from wftools.diffusion.sampling.parametrise import Eps, Velocity
from wftools.diffusion.tiles import in_tiles
from wftools.diffusion.upscaling import padded
from wftools.diffusion.vae import ImageVae
from wftools.errors import InputError, Place, RunError, shown
from wftools.weights.families import FAMILIES, facts_of
from wftools.weights.formats.onnx import graph_facts
from wftools.weights.onnx.roles import (
    SAID_CELL,
    SAID_PREDICTION,
    SAID_ZERO_SNR,
    Role,
    channels,
    family_of,
    fixed,
    role_of,
)

if TYPE_CHECKING:
    from pathlib import Path

    from wftools.context import Context
    from wftools.values import Parametrisation
    from wftools.weights.onnx.judging import Facts

NODES: Final = {
    "unet": "UNETLoader",
    "controlnet": "ControlNetLoader",
    "text_encoder": "CLIPLoader",
    "vae_decoder": "VAELoader",
    "vae_encoder": "VAELoader",
    "upscaler": "UpscaleModelLoader",
}
_OVERLAP: Final = 16  # pixels, of tiles of a fixed size


def load_onnx_model(path: Path, context: Context) -> LatentDiffusion:
    """The network that denoises. Raises ModelFileError or InputError as `open_session` does."""
    facts = _checked(path, "unet")
    name = family_of(facts)
    session = open_session(path)
    if name not in FAMILIES:
        said = f"it says {shown(name)}" if name is not None else f"its text is {read_config(session).context_dim} wide"
        raise InputError(f"nothing tells which family the model is of: {said}", place=session.place)
    running = families.family(name)
    return LatentDiffusion(
        OnnxUNet(session),
        running,
        ScaledLatents(facts_of(name).LATENT_FORM),
        _parametrisation(facts),
        context.placement,
    )


def load_onnx_vae(path: Path, context: Context) -> ImageVae:
    """An autoencoder, of whose graphs one is named, and the other lies where exporters put it."""
    _checked(path, "vae_decoder", "vae_encoder")
    found: dict[str, Session] = {}
    for each in (path, *_siblings(path)):
        role = role_of(graph_facts(each))
        if role in {"vae_decoder", "vae_encoder"} and role not in found:
            found[role] = open_session(each)
    return ImageVae(OnnxVae(found.get("vae_decoder"), found.get("vae_encoder")), context.placement)


def load_onnx_control_net(path: Path, context: Context, *, is_averaged: bool) -> UNetControl:
    """A control network."""
    _checked(path, "controlnet")
    return UNetControl(OnnxControlNet(open_session(path)), context.placement, is_averaged)


def load_onnx_upscaler(path: Path) -> OnnxUpscaler:
    """A network that makes pictures larger."""
    _checked(path, "upscaler")
    return OnnxUpscaler(open_session(path))


def _checked(path: Path, *roles: Role) -> Facts:
    """The facts of a model that does one of these. Raises InputError for any other."""
    facts = graph_facts(path)
    role = role_of(facts)
    if role not in roles:
        names = ", ".join(each.name for each in facts.inputs)
        raise InputError(
            f"there is no {roles[0].replace('_', ' ')} in the file: it takes {shown(names)}",
            place=Place(str(path)),
            hint=None if role is None else f"it is a {role.replace('_', ' ')}, which {NODES[role]} loads",
        )
    return facts


def _siblings(path: Path) -> list[Path]:
    """Where the other graph of a VAE may lie: beside it, or in a folder beside its own."""
    swaps = (("decoder", "encoder"), ("encoder", "decoder"))
    named = [path.with_name(path.name.replace(a, b)) for a, b in swaps if a in path.name]
    folders = [
        path.parent.with_name(path.parent.name.replace(a, b)) / path.name for a, b in swaps if a in path.parent.name
    ]
    return [each for each in (*named, *folders) if each != path and each.is_file()]


def _parametrisation(facts: Facts) -> Parametrisation:
    levels = DiscreteLevels(zero_terminal_snr=facts.metadata.get(SAID_ZERO_SNR) == "true")
    return Velocity(levels) if facts.metadata.get(SAID_PREDICTION) == "v_prediction" else Eps(levels)


@dataclass(frozen=True, eq=False)
class OnnxUpscaler:
    """A network that makes pictures larger: a kind of `values.Upscaler`."""

    session: Session

    @cached_property
    def scale(self) -> float:
        """How many times larger pictures become, along one side: as the file says, or as one tells that is tried."""
        sizes = fixed(self.session.facts.inputs[0], -1), fixed(self.session.facts.outputs[0], -1)
        if sizes[0] and sizes[1]:
            return sizes[1] / sizes[0]
        height, width = self._sides or (PROBED_PICTURE, PROBED_PICTURE)
        tried = torch.zeros(1, channels(self.session.facts.inputs[0]) or 3, height, width)
        return self._run(tried).shape[-1] / width

    @property
    def _sides(self) -> tuple[int, int] | None:
        """Height and width of the pictures that it takes; None: any."""
        given = self.session.facts.inputs[0]
        height, width = fixed(given, -2), fixed(given, -1)
        return None if height is None or width is None else (height, width)

    def __call__(self, picture: Tensor) -> Tensor:
        """(1, C, H, W) to (1, C, scale * H, scale * W) in 0..1, float32. Raises RunError for other channels."""
        colours = channels(self.session.facts.inputs[0]) or picture.shape[1]
        if picture.shape[1] != colours:
            raise RunError(f"the upscale model takes pictures of {colours} channels, not {picture.shape[1]}")
        if self._sides is None:
            height, width = picture.shape[-2:]
            said = self.session.facts.metadata.get(SAID_CELL, "")
            larger = self._run(padded(picture, int(said) if said.isdecimal() and int(said) else 1))
            return larger[..., : round(height * self.scale), : round(width * self.scale)]
        overlap = min(_OVERLAP, *(side // 4 for side in self._sides))
        return in_tiles(picture, self._filled, self._sides, overlap, self.scale)

    def _filled(self, picture: Tensor) -> Tensor:
        """What is made of a picture that is no larger than those that the graph takes."""
        height, width = picture.shape[-2:]
        down, right = (least - side for least, side in zip(self._sides or (0, 0), (height, width), strict=True))
        larger = self._run(F.pad(picture, (0, right, 0, down), mode="replicate"))
        return larger[..., : round(height * self.scale), : round(width * self.scale)]

    def _run(self, picture: Tensor) -> Tensor:
        (made,) = self.session({self.session.facts.inputs[0].name: picture}, self.session.outputs[:1])
        return made.float().clamp(0.0, 1.0)
