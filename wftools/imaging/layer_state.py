"""What was changed by hand in the editor of compositions: its state, as workflow files keep it.

It is taken only for the pictures it was made of, which it knows by fingerprints.
"""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from wftools.imaging.color import rgb_of
from wftools.imaging.eight_bits import in_nearest_bytes
from wftools.imaging.layers import Placed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wftools.imaging.layers import Frame

_WHITE: Final = (255, 255, 255)
_DIGITS: Final = 16  # of a fingerprint


@dataclass(frozen=True, slots=True)
class State:
    """A composition as it was left in the editor."""

    canvas: tuple[int, int]  # width, height
    layers: Sequence[Any]  # what the file says of each picture
    order: Sequence[int]  # of the pictures, from below
    background: tuple[tuple[int, int, int], float] | None  # its colour and opacity, if it is shown

    def placed(self, index: int, frame: Frame) -> Placed:
        """Where and how a picture was laid."""
        entry = _mapping(self.layers[index] if index < len(self.layers) else None)
        transform = _mapping(entry.get("transform"))
        height, width = frame.image.shape[:2]
        blend = entry.get("blend")
        return Placed(
            _number(transform, "x", 0.0),
            _number(transform, "y", 0.0),
            _number(transform, "w", width),
            _number(transform, "h", height),
            _number(transform, "rotation", 0.0),
            _number(entry, "opacity", 1.0),
            blend if isinstance(blend, str) else "normal",
            visible=bool(entry.get("visible", True)),
            flip_h=bool(entry.get("flipH", False)),
            flip_v=bool(entry.get("flipV", False)),
        )


def state_of(given: object, frames: Sequence[Frame]) -> State | None:
    """The state that a file has, text or JSON; None if there is none, or if it is one of other pictures."""
    if isinstance(given, str):
        try:
            given = json.loads(given)
        except ValueError:
            return None
    state = _mapping(given)
    canvas, layers = _mapping(state.get("canvas")), state.get("layers")
    if state.get("version", 1) not in (None, 1) or not isinstance(layers, list) or not layers:
        return None
    try:
        width, height = (round(float(canvas[side])) for side in ("w", "h"))
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
    if min(width, height) <= 0 or state.get("inputs") != [fingerprint(frame) for frame in frames]:
        return None
    return State(
        (width, height),
        layers,
        _order(state.get("order"), len(layers), len(frames)),
        _background(state.get("background")),
    )


def fingerprint(frame: Frame) -> str:
    """What tells the editor one picture and its place from others."""
    digest = hashlib.sha256(repr((1, *frame.image.shape)).encode())
    digest.update(in_nearest_bytes(frame.image[..., :3]).tobytes())
    if frame.alpha is not None:
        digest.update(in_nearest_bytes(frame.alpha).tobytes())
    placed = frame.placed
    place = (placed.x, placed.y, placed.w, placed.h, placed.rotation)
    said = (*place, placed.opacity, placed.blend, placed.visible, placed.flip_h, placed.flip_v)
    digest.update(repr(said).encode())
    return digest.hexdigest()[:_DIGITS]


def _order(given: object, layers: int, pictures: int) -> Sequence[int]:
    """The order given, if it names each layer once; else that of the pictures."""
    if isinstance(given, list) and all(type(i) is int for i in given) and sorted(given) == list(range(layers)):
        return given
    return range(pictures)


def _background(given: object) -> tuple[tuple[int, int, int], float] | None:
    entry = _mapping(given)
    opacity = min(max(_number(entry, "opacity", 1.0), 0.0), 1.0)
    if not entry or not entry.get("visible", True) or not opacity:
        return None
    text = entry.get("color")
    text = text.strip() if isinstance(text, str) else ""
    if len(text) == 4:  # "#rgb"
        text = "#" + "".join(digit * 2 for digit in text[1:])
    return (rgb_of(text, _WHITE) if text.startswith("#") else _WHITE), opacity


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _number(entry: Mapping[str, Any], name: str, otherwise: float) -> float:
    value = entry.get(name)
    return float(value) if isinstance(value, int | float) and math.isfinite(value) else float(otherwise)
