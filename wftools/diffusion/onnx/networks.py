"""Sessions that stand where networks stand.

They take what our networks take, and give it to the graph by the names that diffusers and optimum have for it. Their
weights are nobody's to change: what needs them is refused (`Closed`).
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Final

import torch
from torch import Tensor

from wftools.diffusion.networks.unet import MAX_PERIOD, MEMORY_OF_A_CELL
from wftools.diffusion.ops import Closed
from wftools.diffusion.patches import NO_PATCHES, Control, Patches
from wftools.errors import InputError, RunError
from wftools.weights.networks.unet import UNetConfig
from wftools.weights.onnx.roles import SAID_LATENT_RATIO, channels, fixed

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wftools.diffusion.onnx.session import Session

NUMBER_WIDTH: Final = 256  # of the embedding of each of the numbers beside the text
XL_TEXT, XL_NUMBERS = 1280, 6  # of SDXL, where a file says neither: the text's width, and how many numbers
PROBE: Final = 8  # cells along one side, of what is decoded to learn the ratio
PROBED_PICTURE: Final = 64  # pixels along one side, of what is made larger to learn the scale

_DOWN, _MIDDLE = re.compile(r"down_block\D*(\d+)"), re.compile(r"mid_block")


def read_config(session: Session) -> UNetConfig:
    """What families ask a UNet's config for, as inputs and outputs tell it. Raises InputError if they do not."""
    sample, text, pooled = (session.input(name) for name in ("sample", "encoder_hidden_states", "text_embeds"))
    made = channels(session.facts.outputs[0])
    width = None if text is None else fixed(text, -1)
    seen = None if sample is None else channels(sample)
    if seen is None or width is None:
        raise InputError(
            "nothing tells how many channels the latents of the model have, or how wide its text is",
            place=session.place,
        )
    vector = None if pooled is None else (fixed(pooled, -1) or XL_TEXT) + _numbers(session) * NUMBER_WIDTH
    return UNetConfig(in_channels=seen, out_channels=made or min(seen, 4), context_dim=width, pooled_dim=vector)


class OnnxUNet(Closed):
    """Predicts what the parametrisation says from a noisy latent, its time and the prompt."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.config = read_config(session)
        names = session.inputs
        self.skips = _numbered(names)
        self.middle = next((name for name in names if _MIDDLE.search(name)), None)

    def memory_of(self, x: Tensor) -> int:
        """How many bytes a call for x needs beside the weights, about."""
        return MEMORY_OF_A_CELL * self.config.model_channels * x[:, 0].numel() * x.itemsize

    def forward(
        self,
        x: Tensor,
        timesteps: Tensor,
        context: Tensor,
        y: Tensor | None = None,
        concat: Tensor | None = None,
        *,
        patches: Patches = NO_PATCHES,
    ) -> Tensor:
        """As `networks.unet.UNet.forward`. Raises RunError for patches other than what control networks add."""
        if replace(patches, control=None).reach_inside:
            raise RunError("the model is in ONNX, and cannot be patched", hint="load it from another format")
        given = _denoising(
            self.session, self.config, x if concat is None else torch.cat([x, concat], dim=1), timesteps, context, y
        )
        (output,) = self.session.in_batches({**given, **self._control(patches.control, x)}, self.session.outputs[:1])
        return output.to(x)

    def _control(self, control: Control | None, x: Tensor) -> dict[str, Tensor]:
        if control is None:
            return {}
        if not self.skips or any(each is not None for each in control.input) or len(control.skips) > len(self.skips):
            raise RunError(
                "the model is in ONNX, and its graph has no inputs for what the control network adds",
                hint="export it with `wftools model export-onnx`, which makes them, or load it from another format",
            )
        added = {name: each for name, each in zip(self.skips, control.skips, strict=False) if each is not None}
        if control.middle is not None and self.middle is not None:
            added[self.middle] = control.middle
        return {name: each.expand(len(x), *each.shape[1:]) for name, each in added.items()}


class OnnxControlNet(Closed):
    """What is to be added to a UNet's features; it sees its picture at every step."""

    union = None  # it knows one kind of pictures

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.config = read_config(session)
        picture = session.input("controlnet_cond")
        self.hint_channels = (None if picture is None else channels(picture)) or 3
        self.middle = next((name for name in session.outputs if _MIDDLE.search(name)), session.outputs[-1])
        self.skips = [name for name in session.outputs if name != self.middle]

    def seen(self, picture: Tensor, types: Sequence[int] = ()) -> Tensor:  # noqa: ARG002  there is one
        """The picture (B, hint_channels, 8 h, 8 w) itself."""
        return picture

    def control(
        self,
        x: Tensor,
        timesteps: Tensor,
        context: Tensor,
        y: Tensor | None,
        *,
        seen: Tensor,
        types: Sequence[int] = (),  # noqa: ARG002  there is one
    ) -> Control:
        """As `networks.controlnet.ControlNet.control`."""
        given = _denoising(self.session, self.config, x, timesteps, context, y)
        given["controlnet_cond"] = seen.expand(len(x), *seen.shape[1:])
        if self.session.takes("conditioning_scale"):
            given["conditioning_scale"] = torch.ones(())
        *skips, middle = self.session.in_batches(given, [*self.skips, self.middle])
        return Control(skips=tuple(each.to(x) for each in skips), middle=middle.to(x))


def _denoising(  # noqa: PLR0917
    session: Session, config: UNetConfig, x: Tensor, timesteps: Tensor, context: Tensor, y: Tensor | None
) -> dict[str, Tensor]:
    """The inputs that a UNet and a control network have in common."""
    given = {"sample": x, "timestep": _times(session, timesteps), "encoder_hidden_states": context}
    if config.pooled_dim is not None and y is not None:
        numbers = _numbers(session)
        width = config.pooled_dim - numbers * NUMBER_WIDTH
        given["text_embeds"] = y[:, :width]
        if numbers:
            given["time_ids"] = numbers_of(y[:, width:].reshape(len(y), numbers, NUMBER_WIDTH))
    return given


def _numbers(session: Session) -> int:
    """How many numbers a model of SDXL is given beside the text."""
    times = session.input("time_ids")
    return 0 if times is None else fixed(times, -1) or XL_NUMBERS


def _times(session: Session, timesteps: Tensor) -> Tensor:
    """The times (B,), or the one that all have, as the graph takes them."""
    value = session.input("timestep")
    is_scalar = value is not None and value.shape == ()
    size = None if value is None or is_scalar else fixed(value, 0)
    if not is_scalar and size is None:
        return timesteps
    if (timesteps != timesteps[0]).any() and size != len(timesteps):
        raise RunError("the model takes one time for all latents of a batch", place=session.place)
    return timesteps[0] if is_scalar else timesteps[:1].expand(size or 1)


def numbers_of(embedded: Tensor) -> Tensor:
    """Numbers (…) of their sinusoidal embeddings (…, width), from 0 to some 20,000, as of pictures' sizes.

    The slowest of the frequencies turns by less than half a circle on the way, so that its angle tells the number.
    """
    half = embedded.shape[-1] // 2
    slowest = math.exp(-math.log(MAX_PERIOD) * (half - 1) / half)
    cosine, sine = embedded[..., half - 1].double(), embedded[..., -1].double()
    return ((torch.atan2(sine, cosine) / slowest) * 100).round() / 100


def _numbered(names: Iterable[str]) -> list[str]:
    found = {int(match[1]): name for name in names if (match := _DOWN.search(name))}
    return [found[index] for index in sorted(found)]


@dataclass(frozen=True, eq=False)
class OnnxVae:
    """Pictures to latents and back, each by a graph of its own: a kind of `vae.Autoencoder`."""

    decoder: Session | None
    encoder: Session | None

    is_temporal = False

    @cached_property
    def ratio(self) -> int:
        """Pixels a latent cell, along one side: as the file says, or as a small latent tells that is decoded."""
        sessions = [each for each in (self.decoder, self.encoder) if each is not None]
        for session in sessions:
            said = session.facts.metadata.get(SAID_LATENT_RATIO, "")
            if said.isdecimal() and int(said):
                return int(said)
            before, after = session.facts.inputs[0], session.facts.outputs[0]
            sides = fixed(before, -1), fixed(after, -1)
            if sides[0] and sides[1]:
                return max(sides[0], sides[1]) // min(sides[0], sides[1])
        if self.decoder is None:
            picture = torch.zeros(1, self.image_channels, PROBED_PICTURE, PROBED_PICTURE)
            return PROBED_PICTURE // self.encode(picture).shape[-1]
        return self.decode(torch.zeros(1, self.latent_channels, PROBE, PROBE)).shape[-1] // PROBE

    @property
    def image_channels(self) -> int:
        """Channels of a picture."""
        return next(filter(None, self._channels(picture=True)), 3)

    @property
    def latent_channels(self) -> int:
        """Channels of a latent."""
        return next(filter(None, self._channels(picture=False)), 4)

    def _channels(self, *, picture: bool) -> list[int | None]:
        found: list[int | None] = []
        if self.decoder is not None:
            found.append(channels((self.decoder.facts.outputs if picture else self.decoder.facts.inputs)[0]))
        if self.encoder is not None and picture:
            found.append(channels(self.encoder.facts.inputs[0]))
        return found

    def decode(self, z: Tensor) -> Tensor:
        """Latents to pictures of about -1..1. Raises RunError if there is no decoder."""
        return self._run(self.decoder, z, "decode latents")

    def encode(self, x: Tensor) -> Tensor:
        """Pictures in -1..1 to the mean of their latents. Raises RunError if there is no encoder."""
        made = self._run(self.encoder, x, "encode pictures")
        # Mean and logarithm of the variance side by side, unless the graph has drawn a latent itself.
        is_both = self.encoder is not None and (
            "parameters" in self.encoder.outputs[0]
            or "moments" in self.encoder.outputs[0]
            or made.shape[1] == 2 * self.latent_channels
        )
        return made.chunk(2, dim=1)[0] if is_both else made

    def _run(self, session: Session | None, x: Tensor, what: str) -> Tensor:
        if session is None:
            raise RunError(
                f"the VAE has no graph to {what}",
                hint="put vae_encoder/model.onnx and vae_decoder/model.onnx into one folder, as exporters write them",
            )
        (made,) = session.in_batches({session.facts.inputs[0].name: x}, session.outputs[:1])
        return made.to(x)
