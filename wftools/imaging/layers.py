"""Compositions of layers: pictures placed on a canvas, each mixed with what lies below it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np
import torch
from PIL import Image

from wftools.errors import RunError
from wftools.imaging.boxes import boxes_of, has_elements
from wftools.imaging.checks import check
from wftools.imaging.eight_bits import in_nearest_bytes
from wftools.imaging.layer_modes import MODES, from_linear, lay, to_linear
from wftools.imaging.resample import resample
from wftools.memory import make_room
from wftools.values import Layer, Layers

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from torch import Tensor

    from wftools.imaging.boxes import Box
    from wftools.imaging.layer_modes import Floats
    from wftools.imaging.layer_state import State

MAX_LAYERS: Final = 50
MAX_SIDE: Final = 16384  # pixels of a canvas

_EMPTY: Final = (1, 64, 64, 3)  # what is composed of no layers
_OPAQUE: Final = 1 - 1e-3  # an alpha from which on nothing shines through


@dataclass(frozen=True, slots=True)
class Placed:
    """Where and how a picture is laid."""

    x: float
    y: float
    w: float
    h: float
    rotation: float = 0.0
    opacity: float = 1.0
    blend: str = "normal"
    visible: bool = True
    flip_h: bool = False
    flip_v: bool = False

    def bounds(self) -> tuple[int, int, int, int]:
        """Left, top, width and height of the upright rectangle around it, in whole pixels."""
        cos, sin = math.cos(self.rotation), math.sin(self.rotation)
        corners = [(dx, dy) for dx in (-self.w / 2, self.w / 2) for dy in (-self.h / 2, self.h / 2)]
        xs = [self.x + self.w / 2 + dx * cos - dy * sin for dx, dy in corners]
        ys = [self.y + self.h / 2 + dx * sin + dy * cos for dx, dy in corners]
        left, top = math.floor(min(xs)), math.floor(min(ys))
        return left, top, max(1, math.ceil(max(xs)) - left), max(1, math.ceil(max(ys)) - top)


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One picture of a layer (H, W, C), its opacity (H, W) if it is not opaque, and its place."""

    image: Tensor
    alpha: Tensor | None
    placed: Placed


def added(document: Layers | None, layers: Iterable[Layer], canvas: tuple[int, int] | None = None) -> Layers:
    """A composition with more layers, on a canvas of its own or another one."""
    if document is None:
        return Layers(tuple(layers), canvas)
    return replace(document, layers=(*document.layers, *layers), canvas=canvas or document.canvas)


def with_boxes(
    document: Layers | None,
    image: Tensor,
    bboxes: object,
    mask: Tensor | None,
    canvas: tuple[int, int],
    *,
    is_cropped: bool,
) -> Layers:
    """A composition with one more layer for each picture of a batch, scaled into its box.

    A picture without a box lies in the left upper corner. A box's metadata may say "name" or "desc", "z_index" (else
    the pictures lie above each other and all that was there), and "content_rect": left, top, width and height of what
    the picture really holds. With `is_cropped` only that is taken, and stays where it is. A canvas of 0 is none.
    """
    if has_elements(bboxes) and not all(canvas):
        raise RunError("elements lie in shares of the canvas", hint="give canvas_width and canvas_height")
    top = max((layer.z_index for layer in document.layers), default=-1) if document else -1
    layers = _layers_of_boxes(image, boxes_of(bboxes, *canvas), mask, top + 1, is_cropped)
    return added(document, layers, canvas if all(canvas) else None)


def _layers_of_boxes(
    image: Tensor, boxes: Sequence[Box], mask: Tensor | None, z_index: int, is_cropped: bool
) -> Iterator[Layer]:
    for index in range(len(image)):
        box = boxes[index] if index < len(boxes) else {}
        said = box.get("metadata", {})
        layer = Layer(
            image[index : index + 1],
            _of_frame(mask, index),
            next((text for key in ("name", "desc") if isinstance(text := said.get(key), str) and text), None),
            _whole(box.get("x")),
            _whole(box.get("y")),
            max(0, _whole(box.get("width"))) or None,
            max(0, _whole(box.get("height"))) or None,
            z_index=_whole(said.get("z_index"), z_index + index),
        )
        content = _content(said.get("content_rect"), layer.image) if is_cropped else None
        yield layer if content is None else _cut(layer, *content)


def _cut(layer: Layer, rows: slice, columns: slice) -> Layer:
    """A part of a layer, where it lies in it."""
    mask = None if layer.mask is None else layer.mask[:, rows, columns]
    return replace(layer, image=layer.image[:, rows, columns], mask=mask, x=columns.start, y=rows.start, w=None, h=None)


def _whole(value: object, otherwise: int = 0) -> int:
    """A number without its fraction; another one for what is none."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return otherwise
    return int(value)


def _content(rectangle: object, picture: Tensor) -> tuple[slice, slice] | None:
    """Rows and columns of a rectangle as far as they lie in a picture; None if none do."""
    if not isinstance(rectangle, list | tuple) or len(rectangle) != 4:
        return None
    left, top, width, height = map(_whole, rectangle)
    left, top = min(max(left, 0), picture.shape[2]), min(max(top, 0), picture.shape[1])
    right, bottom = min(left + max(width, 0), picture.shape[2]), min(top + max(height, 0), picture.shape[1])
    return (slice(top, bottom), slice(left, right)) if right > left and bottom > top else None


def _of_frame(mask: Tensor | None, index: int) -> Tensor | None:
    """The mask (1, H, W) of a picture of a batch; one mask is that of all."""
    if mask is None or 1 < len(mask) <= index:
        return None
    return mask[:1] if len(mask) == 1 else mask[index : index + 1]


def frames_of(document: Layers) -> list[Frame]:
    """The pictures of a composition, from below. Raises RunError if they are too many, or have not 3 or 4 channels."""
    for layer in document.layers:
        check(layer.image, "layers are made of", 3, 4)
    frames = [
        _frame(layer, index)
        for layer in sorted(document.layers, key=lambda layer: layer.z_index)
        for index in range(len(layer.image))
    ]
    if len(frames) > MAX_LAYERS:
        raise RunError(f"a composition has at most {MAX_LAYERS} layers, not {len(frames)}")
    return frames


def _frame(layer: Layer, index: int) -> Frame:
    image = layer.image[index]
    height, width = image.shape[:2]
    alpha = image[..., 3] if image.shape[-1] == 4 else None
    mask = _of_frame(layer.mask, index)
    if mask is not None:
        if mask.shape[1:] != (height, width):
            mask = resample(mask.float().unsqueeze(1), width, height, "bilinear").squeeze(1)
        shown = (1 - mask[0].float()).clamp(0, 1)
        alpha = shown if alpha is None else alpha * shown
    placed = Placed(
        layer.x,
        layer.y,
        layer.w or width,
        layer.h or height,
        layer.rotation,
        layer.opacity,
        layer.blend_mode,
        flip_h=layer.flip_h,
        flip_v=layer.flip_v,
    )
    return Frame(image, alpha, placed)


def composed(
    frames: Sequence[Frame], canvas: tuple[int, int] | None, state: State | None = None
) -> tuple[Tensor, Tensor]:
    """The composition of pictures, (1, H, W, 3), or with alpha where something shines through, and a mask (1, H, W).

    The mask is 1 where the composition is transparent. `state`: what was changed by hand, if anything.
    """
    if not frames:
        return torch.zeros(_EMPTY), torch.zeros(_EMPTY[:3])
    width, height = state.canvas if state else canvas or _extent(frames)
    if max(width, height) > MAX_SIDE:
        raise RunError(
            f"the canvas is {width} x {height}, and at most {MAX_SIDE} x {MAX_SIDE} are composed",
            hint="move or scale the layers, or give the canvas a size",
        )
    make_room("the composition", height, width, 4)
    pixels = np.zeros((height, width, 4), np.float32)
    if state and state.background:
        color, opacity = state.background
        fill = np.append(to_linear(np.array(color, np.float32) / np.float32(255)), np.float32(1))
        pixels = lay("normal", pixels, np.broadcast_to(fill, pixels.shape), opacity)
    for index in state.order if state else range(len(frames)):
        if index < len(frames):
            _lay(pixels, frames[index], state.placed(index, frames[index]) if state else frames[index].placed)

    light, alpha = pixels[..., :3].clip(0, 1), pixels[..., 3:].clip(0, 1)
    image = torch.from_numpy(np.concatenate([from_linear(light), alpha], axis=-1))[None]
    if (image[..., 3] >= _OPAQUE).all():
        return image[..., :3], torch.zeros(image.shape[:3])
    return image, 1 - image[..., 3]


def _extent(frames: Iterable[Frame]) -> tuple[int, int]:
    """Width and height from the corner on as far as pictures reach."""
    width = height = 1
    for frame in frames:
        left, top, across, down = frame.placed.bounds()
        width, height = max(width, left + across), max(height, top + down)
    return width, height


def _lay(pixels: Floats, frame: Frame, placed: Placed) -> None:
    """Lay a picture on the pixels (H, W, 4) of a canvas."""
    if not placed.visible:
        return
    left, top, width, height = placed.bounds()
    canvas_height, canvas_width = pixels.shape[:2]
    rows = slice(max(top, 0), min(top + height, canvas_height))
    columns = slice(max(left, 0), min(left + width, canvas_width))
    if rows.start >= rows.stop or columns.start >= columns.stop:
        return
    make_room("a layer", height, width, 4, hint="make the layer smaller")
    layer = _centered(_bitmap(frame, placed), width, height)
    part = layer[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left]
    mode = placed.blend if placed.blend in MODES else "normal"
    pixels[rows, columns] = lay(mode, pixels[rows, columns], part, min(max(placed.opacity, 0.0), 1.0))


def _bitmap(frame: Frame, placed: Placed) -> Image.Image:
    """A picture mirrored, scaled and turned, in 8 bits."""
    picture = Image.fromarray(in_nearest_bytes(frame.image[..., :3])).convert("RGBA")
    if frame.alpha is not None:
        picture.putalpha(Image.fromarray(in_nearest_bytes(frame.alpha)))
    if placed.flip_h:
        picture = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    if placed.flip_v:
        picture = picture.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    size = max(1, round(placed.w)), max(1, round(placed.h))
    if picture.size != size:
        picture = picture.resize(size, Image.Resampling.LANCZOS)
    if placed.rotation:
        degrees = -math.degrees(placed.rotation)
        picture = picture.rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=(0, 0, 0, 0))
    return picture


def _centered(picture: Image.Image, width: int, height: int) -> Floats:
    """The pixels of a picture in the middle of a size, cut or surrounded by nothing: (height, width, 4)."""
    values = np.asarray(picture, np.float32) / np.float32(255)
    own_height, own_width = values.shape[:2]
    x, y = (width - own_width) // 2, (height - own_height) // 2
    inner = values[max(-y, 0) : max(-y, 0) + height, max(-x, 0) : max(-x, 0) + width]
    rows, columns = inner.shape[:2]
    pixels = np.zeros((height, width, 4), np.float32)
    place = pixels[max(y, 0) : max(y, 0) + rows, max(x, 0) : max(x, 0) + columns]
    place[..., :3] = to_linear(inner[..., :3])
    place[..., 3] = inner[..., 3]
    return pixels
