"""Our networks with the inputs and outputs that diffusers and optimum give them, so that any reader knows a file."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import torch
from torch import Tensor, nn

from wftools.diffusion.networks.rrdb import Rrdb
from wftools.diffusion.networks.unet import sinusoidal_embedding
from wftools.diffusion.onnx.networks import NUMBER_WIDTH, XL_NUMBERS
from wftools.diffusion.patches import Patches
from wftools.diffusion.text.tokenizer import END, START
from wftools.errors import RunError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wftools.diffusion.networks.clip_text import ClipText
    from wftools.diffusion.networks.compact import Compact
    from wftools.diffusion.networks.controlnet import ControlNet
    from wftools.diffusion.networks.unet import UNet, UNetEncoder
    from wftools.diffusion.networks.vae import AutoencoderKL
    from wftools.diffusion.patches import At

CHUNK: Final = 77
REFINER_VECTOR, REFINER_NUMBERS = 2560, 5  # of SDXL's refiner, which is told how good the picture is

Axes = dict[int, str]

_LATENT: Final[Axes] = {0: "batch_size", 2: "height", 3: "width"}
_PICTURE: Final[Axes] = {0: "batch_size", 2: "image_height", 3: "image_width"}


@dataclass(frozen=True, slots=True)
class Side:
    """One input or output: its name, and the dimensions that may have any size, by name."""

    name: str
    axes: Axes = field(default_factory=dict)
    is_optional: bool = False  # an input that is zeros where nothing is given


@dataclass(frozen=True, slots=True, eq=False)
class Wrapped:
    """A network as a file will have it."""

    module: nn.Module
    inputs: tuple[Side, ...]
    outputs: tuple[Side, ...]
    # Inputs for a batch of so many, of a height and width in cells, or in pixels where there are none.
    sample: Callable[[int, int, int], tuple[Tensor, ...]]


def _batch(*names: str) -> tuple[Side, ...]:
    return tuple(Side(name, {0: "batch_size"}) for name in names)


def _drawn(*shape: int, seed: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


class _Denoising(nn.Module):
    """What a UNet and a control network are given, by optimum's names."""

    def __init__(self, network: UNetEncoder) -> None:
        super().__init__()
        self.network = network
        config = network.config
        if config.is_temporal or config.classes is not None:
            raise RunError("networks of videos, and of classes in place of a text, are not exported to ONNX yet")

    @property
    def is_xl(self) -> bool:
        """Whether it is given a vector beside the text."""
        return self.network.config.pooled_dim is not None

    def vector(self, more: Sequence[Tensor], like: Tensor) -> Tensor | None:
        """The pooled text and the embedded numbers, of `text_embeds` and `time_ids`."""
        if not self.is_xl:
            return None
        text, numbers = more[:2]
        embedded = sinusoidal_embedding(numbers.reshape(-1), NUMBER_WIDTH).reshape(text.shape[0], -1)
        return torch.cat([text, embedded.to(like.dtype)], dim=1)

    def sides(self) -> tuple[Side, ...]:
        """The inputs."""
        return (
            Side("sample", _LATENT),
            Side("timestep", {0: "steps"}),
            Side("encoder_hidden_states", {0: "batch_size", 1: "sequence_length"}),
            *(_batch("text_embeds", "time_ids") if self.is_xl else ()),
        )

    def given(self, batch: int, height: int, width: int) -> tuple[Tensor, ...]:
        """Some inputs."""
        config = self.network.config
        found = [
            _drawn(batch, config.in_channels, height, width, seed=0),
            torch.tensor([421.0]),
            _drawn(batch, CHUNK, config.context_dim, seed=1),
        ]
        if config.pooled_dim is not None:
            numbers = REFINER_NUMBERS if config.pooled_dim == REFINER_VECTOR else XL_NUMBERS
            found.append(_drawn(batch, config.pooled_dim - numbers * NUMBER_WIDTH, seed=2))
            found.append(torch.tensor([1024.0, 768.0, 0.0, 16.0, 1024.0, 768.0])[:numbers].expand(batch, -1))
        return tuple(found)


class _UNet(_Denoising):
    network: UNet

    def forward(self, sample: Tensor, timestep: Tensor, encoder_hidden_states: Tensor, *more: Tensor) -> Tensor:
        y = self.vector(more, sample)
        *skips, middle = more[2:] if self.is_xl else more

        # Not as `Control`, whose sizes are compared with the features': what is traced has none.
        def beside(h: Tensor, skip: Tensor, at: At) -> tuple[Tensor, Tensor]:
            return h, skip + skips[-1 - at.block]

        patches = Patches(output=(beside,), middle=(lambda h, _at: h + middle,))
        times = timestep.expand(sample.shape[0])
        return self.network(sample, times, encoder_hidden_states, y, patches=patches)


def wrapped_unet(network: UNet) -> Wrapped:
    """A UNet; what a control network adds may be left out."""
    module = _UNet(network)
    names = [f"down_block_additional_residual_{index}" for index in range(len(network.widths))]
    names.append("mid_block_additional_residual")
    anything = {0: "control_batch", 1: "control_channels", 2: "control_height", 3: "control_width"}
    optional = tuple(
        Side(name, {axis: f"{said}_{index}" for axis, said in anything.items()}, is_optional=True)
        for index, name in enumerate(names)
    )

    def sample(batch: int, height: int, width: int) -> tuple[Tensor, ...]:
        return (*module.given(batch, height, width), *(torch.zeros(1, 1, 1, 1) for _ in names))

    return Wrapped(module, (*module.sides(), *optional), (Side("out_sample", _LATENT),), sample)


class _ControlNet(_Denoising):
    network: ControlNet

    def forward(
        self, sample: Tensor, timestep: Tensor, encoder_hidden_states: Tensor, controlnet_cond: Tensor, *more: Tensor
    ) -> tuple[Tensor, ...]:
        y = self.vector(more, sample)
        seen = self.network.seen(controlnet_cond)
        times = timestep.expand(sample.shape[0])
        control = self.network.control(sample, times, encoder_hidden_states, y, seen=seen)
        return tuple(each for each in (*control.skips, control.middle) if each is not None)  # all of them


def wrapped_controlnet(network: ControlNet) -> Wrapped:
    """A control network. Raises RunError for one that knows several kinds of pictures."""
    if network.union is not None:
        raise RunError("control networks for several kinds of pictures are not exported to ONNX yet")
    module = _ControlNet(network)
    first, rest = module.sides()[:3], module.sides()[3:]
    names = [*(f"down_block_res_sample_{index}" for index in range(len(network.widths))), "mid_block_res_sample"]

    def sample(batch: int, height: int, width: int) -> tuple[Tensor, ...]:
        given = module.given(batch, height, width)
        picture = _drawn(batch, network.hint_channels, 8 * height, 8 * width, seed=3).sigmoid()
        return (*given[:3], picture, *given[3:])

    outputs = tuple(
        Side(name, {0: "batch_size", 2: f"height_{index}", 3: f"width_{index}"}) for index, name in enumerate(names)
    )
    return Wrapped(module, (*first, Side("controlnet_cond", _PICTURE), *rest), outputs, sample)


class _Decoder(nn.Module):
    def __init__(self, network: AutoencoderKL) -> None:
        super().__init__()
        self.network = network

    def forward(self, latent_sample: Tensor) -> Tensor:
        return self.network.decode(latent_sample)


class _Encoder(_Decoder):
    def forward(self, sample: Tensor) -> Tensor:
        return torch.cat(self.network.posterior(sample), dim=1)


def wrapped_decoder(network: AutoencoderKL) -> Wrapped:
    """Latents to pictures in -1..1."""
    _check_vae(network)
    return Wrapped(
        _Decoder(network),
        (Side("latent_sample", {0: "batch_size", 2: "latent_height", 3: "latent_width"}),),
        (Side("sample", _PICTURE),),
        lambda batch, height, width: (_drawn(batch, network.latent_channels, height, width, seed=0),),
    )


def wrapped_encoder(network: AutoencoderKL) -> Wrapped:
    """Pictures in -1..1 to mean and logarithm of the variance, side by side."""
    _check_vae(network)
    ratio = network.ratio
    return Wrapped(
        _Encoder(network),
        (Side("sample", _PICTURE),),
        (Side("latent_parameters", {0: "batch_size", 2: "latent_height", 3: "latent_width"}),),
        lambda batch, height, width: (
            _drawn(batch, network.image_channels, ratio * height, ratio * width, seed=0).tanh(),
        ),
    )


def _check_vae(network: AutoencoderKL) -> None:
    if network.is_temporal:
        raise RunError("VAEs of videos are not exported to ONNX yet")


class _Text(nn.Module):
    """As transformers has it: the last states, normalised; the whole text; each layer's states."""

    def __init__(self, network: ClipText) -> None:
        super().__init__()
        self.network = network

    def forward(self, input_ids: Tensor) -> tuple[Tensor, ...]:
        network, dtype = self.network, self.network.final_layer_norm.weight.dtype
        positions = torch.arange(input_ids.shape[1], device=input_ids.device)
        h = network.embed(input_ids, dtype) + network.embeddings.position_embedding(positions, dtype)
        states = [h]
        for layer in network.encoder.layers:
            h = layer(h)
            states.append(h)
        last = network.final_layer_norm(h)
        end = (input_ids == END).int().argmax(dim=-1)[:, None, None]  # the first end mark
        whole = last.gather(1, end.expand(-1, -1, network.config.width))[:, 0]
        if network.text_projection is None:
            return (last, whole, *states)
        return (network.text_projection(whole), last, *states)


def wrapped_text(network: ClipText) -> Wrapped:
    """A text encoder: token ids to states."""
    axes = {0: "batch_size", 1: "sequence_length"}
    layers = tuple(Side(f"hidden_states.{index}", axes) for index in range(network.config.layers + 1))
    last = Side("last_hidden_state", axes)
    first = (last, *_batch("pooler_output")) if network.text_projection is None else (*_batch("text_embeds"), last)

    def sample(batch: int, height: int, width: int) -> tuple[Tensor, ...]:
        generator = torch.Generator().manual_seed(height)
        ids = torch.randint(0, START, (batch, CHUNK), generator=generator)
        ids[:, 0], ids[:, width:] = START, END
        return (ids,)

    return Wrapped(_Text(network), (Side("input_ids", axes),), (*first, *layers), sample)


class _Upscaler(nn.Module):
    def __init__(self, network: Rrdb | Compact) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: Tensor) -> Tensor:
        return self.network.larger(x) if isinstance(self.network, Rrdb) else self.network(x)


def wrapped_upscaler(network: Rrdb | Compact) -> Wrapped:
    """What makes pictures larger, which are of whole cells where the network sees cells."""
    cell = network.config.unshuffle if isinstance(network, Rrdb) else 1
    colours = network.config.in_channels // cell**2

    def sample(batch: int, height: int, width: int) -> tuple[Tensor, ...]:
        return (_drawn(batch, colours, cell * height, cell * width, seed=0).sigmoid(),)

    larger = {0: "batch_size", 2: "larger_height", 3: "larger_width"}
    return Wrapped(_Upscaler(network), (Side("input", _PICTURE),), (Side("output", larger),), sample)
