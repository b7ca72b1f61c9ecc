"""Pictures made larger by a network: what UpscaleModelLoader and ImageUpscaleWithModel do.

ESRGAN's networks are our own. Others are those of the library spandrel, where it is installed: it is given tensors, and
reads no file.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import torch
import torch.nn.functional as F  # noqa: N812

from wftools.diffusion.loading import load_network
from wftools.diffusion.networks.compact import Compact
from wftools.diffusion.networks.rrdb import Rrdb
from wftools.diffusion.placing import device_of, network_input
from wftools.diffusion.tiles import in_tiles
from wftools.errors import InputError, RunError
from wftools.memory import make_room
from wftools.weights.dialects import understood
from wftools.weights.networks.upscaler import find_compact, find_rrdb, unwrapped
from wftools.weights.tensorfile import open_tensors

if TYPE_CHECKING:
    from torch import Tensor

    from wftools.context import Context, Placement
    from wftools.values import Upscaler
    from wftools.weights.tensorfile import TensorFile

FOLDER: Final = "upscale_models"

TILE: Final = 512  # pixels along one side
SMALLEST_TILE: Final = 128  # memory that does not suffice for this is an error
OVERLAP: Final = 32

LEAST_SIDE: Final = 2  # of what a network of ESRGAN sees


@dataclass(frozen=True, slots=True, eq=False)
class NetworkUpscaler:
    """One of our networks: a kind of `values.Upscaler`."""

    network: Rrdb | Compact
    placement: Placement

    @property
    def scale(self) -> float:
        """How many times larger pictures become, along one side."""
        return self.network.config.scale

    @torch.no_grad()
    def __call__(self, picture: Tensor) -> Tensor:
        """(1, C, H, W) to (1, C, scale * H, scale * W) in 0..1, float32. Raises RunError for other channels."""
        config, (height, width) = self.network.config, picture.shape[-2:]
        colours = config.in_channels
        if isinstance(self.network, Rrdb):
            colours //= self.network.config.unshuffle**2
            picture = padded(picture, 4 if self.network.config.unshuffle > 1 else 1)
        if picture.shape[1] != colours:
            raise RunError(f"the upscale model takes pictures of {colours} channels, not {picture.shape[1]}")
        larger = self.network(network_input(picture, self.placement)).float().cpu().clamp(0.0, 1.0)
        return larger[..., : round(height * self.scale), : round(width * self.scale)]


@dataclass(frozen=True, slots=True, eq=False)
class SpandrelUpscaler:
    """A network of the library spandrel: a kind of `values.Upscaler`."""

    descriptor: Any
    placement: Placement

    @property
    def scale(self) -> float:
        """How many times larger pictures become, along one side."""
        return float(self.descriptor.scale)

    @torch.no_grad()
    def __call__(self, picture: Tensor) -> Tensor:
        """(1, C, H, W) to (1, C, scale * H, scale * W) in 0..1, float32. Raises RunError for other channels."""
        if picture.shape[1] != self.descriptor.input_channels:
            raise RunError(
                f"the upscale model takes pictures of {self.descriptor.input_channels} channels, not {picture.shape[1]}"
            )
        larger: Tensor = self.descriptor(picture.to(device_of(self.placement.device)))
        return larger.float().cpu()


def load_upscaler(name: str, context: Context) -> Upscaler:
    """The network in a file. Raises RunError if it is not there, InputError if it is none that can be run."""
    path = context.folders.find(FOLDER, name)
    opened = open_tensors(path)
    if opened.format == "onnx":
        from wftools.diffusion.onnx.loading import load_onnx_upscaler

        return load_onnx_upscaler(path)
    file = understood(unwrapped(opened))
    if (rrdb := find_rrdb(file)) is not None:
        return NetworkUpscaler(load_network(Rrdb, rrdb, context.placement), context.placement)
    if (compact := find_compact(file)) is not None:
        return NetworkUpscaler(load_network(Compact, compact, context.placement), context.placement)
    return _of_spandrel(file, context.placement)


def upscaled(model: Upscaler, image: Tensor, context: Context) -> Tensor:
    """Pictures (B, H, W, C) in 0..1 made larger, in tiles, which are smaller where memory does not suffice."""
    pictures = image.movedim(-1, 1)
    height, width = (round(side * model.scale) for side in pictures.shape[-2:])
    make_room("the larger images", len(image), height, width, 3, hint="take fewer images, or smaller ones")
    tile = TILE
    while True:
        total = len(image) * math.prod(math.ceil(side / (tile - OVERLAP)) for side in pictures.shape[-2:])
        done = 0

        def larger(part: Tensor) -> Tensor:
            nonlocal done
            done += 1
            context.step(min(done, total), total)  # noqa: B023  it is called within this turn only
            answer = model(part)
            return answer.expand(-1, 3, -1, -1) if answer.shape[1] == 1 else answer

        try:
            return in_tiles(pictures, larger, (tile, tile), OVERLAP, model.scale).movedim(1, -1).clamp(0.0, 1.0)
        except torch.cuda.OutOfMemoryError:
            tile //= 2
            if tile < SMALLEST_TILE:
                raise


def padded(picture: Tensor, multiple: int) -> Tensor:
    """A picture whose sides are such multiples, and no shorter than a network can see: mirrored, then repeated."""
    height, width = picture.shape[-2:]
    down, right = (math.ceil(max(side, LEAST_SIDE) / multiple) * multiple - side for side in (height, width))
    if not down and not right:
        return picture
    mirrored = (0, min(right, width - 1), 0, min(down, height - 1))
    rest = (0, right - mirrored[1], 0, down - mirrored[3])
    return F.pad(F.pad(picture, mirrored, mode="reflect"), rest, mode="replicate")


def _of_spandrel(file: TensorFile, placement: Placement) -> SpandrelUpscaler:
    try:
        import spandrel
    except ImportError as error:
        raise InputError(
            "the upscale model is none of ESRGAN's, whose networks wftools has itself",
            place=file.place,
            hint="install the library spandrel, which has some forty others: pip install spandrel",
        ) from error
    try:
        descriptor = spandrel.ModelLoader().load_from_state_dict({name: file.tensor(name) for name in file.tensors})
    except (spandrel.UnsupportedModelError, RuntimeError, KeyError) as error:
        raise InputError("there is no upscale model in the file that spandrel knows", place=file.place) from error
    if not isinstance(descriptor, spandrel.ImageModelDescriptor):
        raise InputError("the model in the file does not make one picture of another", place=file.place)
    return SpandrelUpscaler(descriptor.to(device_of(placement.device)).eval(), placement)
