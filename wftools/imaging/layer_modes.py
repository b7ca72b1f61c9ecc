"""How a layer is mixed with what lies below it: GIMP's layer modes, each in the light it is meant for.

Colours are (H, W, 3) and pixels (H, W, 4) of float32, in linear light and not multiplied by alpha. `below` is what a
layer lies on. numpy as in ComfyUI: "hard-mix" turns the last bit of a sum into black or white.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Floats = NDArray[np.float32]

_TINY: Final = 1e-6  # what nothing is divided by

_LUMINANCE: Final = (0.2224884, 0.71690369, 0.06060791)  # of linear sRGB, adapted to D50 as in ICC profiles


def to_linear(color: Floats) -> Floats:
    """SRGB (IEC 61966-2-1) as linear light."""
    high = ((np.maximum(color, 0.0) + 0.055) / 1.055) ** 2.4
    return np.where(color <= 0.04045, color / 12.92, high).astype(np.float32)


def from_linear(color: Floats) -> Floats:
    """Linear light as sRGB."""
    high = 1.055 * np.maximum(color, 0.0) ** (1.0 / 2.4) - 0.055
    return np.where(color <= 0.0031308, 12.92 * color, high).astype(np.float32)


def lay(mode: str, below: Floats, layer: Floats, opacity: float) -> Floats:
    """A layer on what is below, both pixels: "normal" covers it, the others change it where it is."""
    share = layer[..., 3:] * opacity
    if mode == "normal":
        return _covered(below, layer, share)
    if mode in _LINEAR:
        mixed = _LINEAR[mode](below[..., :3], layer[..., :3])
    else:
        mixed = to_linear(
            _PERCEPTUAL[mode](from_linear(below[..., :3]), from_linear(layer[..., :3])).astype(np.float32)
        )
    alpha = below[..., 3:]
    color = mixed * share + below[..., :3] * (1 - share)
    color = np.where((alpha == 0) | (share == 0), below[..., :3], color)
    return np.concatenate([color, alpha], axis=-1).astype(np.float32)


def _covered(below: Floats, layer: Floats, share: Floats) -> Floats:
    """Porter and Duff's "over"."""
    alpha = share + (1 - share) * below[..., 3:]
    ratio = np.where(alpha != 0, share / np.where(alpha != 0, alpha, 1), 0)
    color = ratio * (layer[..., :3] - below[..., :3]) + below[..., :3]
    color = np.where(below[..., 3:] == 0, layer[..., :3], color)
    color = np.where((share == 0) | (alpha == 0), below[..., :3], color)
    return np.concatenate([color, alpha], axis=-1).astype(np.float32)


def _divided(one: Floats, other: Floats) -> Floats:
    """0 where the divisor is."""
    result = np.zeros(np.broadcast_shapes(one.shape, other.shape), np.float32)
    np.divide(one, other, out=result, where=np.abs(other) >= _TINY)
    return result


def _dodge(below: Any, layer: Any) -> Any:
    lit = np.where(1 - layer <= _TINY, 1.0, np.minimum(_divided(below, 1 - layer), 1.0))
    return np.where(below <= 0, 0.0, lit)


def _burn(below: Any, layer: Any) -> Any:
    burnt = np.where(layer <= _TINY, 0.0, 1 - np.minimum(_divided(1 - below, layer), 1.0))
    return np.where(below >= 1, 1.0, burnt)


def _vivid_light(below: Any, layer: Any) -> Any:
    """Burnt by the dark half of the layer's values, dodged by the bright one."""
    dark = np.where(2 * layer <= _TINY, 0.0, np.maximum(1 - _divided(1 - below, 2 * layer), 0.0))
    bright = np.where(2 * (1 - layer) <= _TINY, 1.0, np.minimum(_divided(below, 2 * (1 - layer)), 1.0))
    return np.where(layer <= 0.5, np.where(below >= 1, 1.0, dark), np.where(below <= 0, 0.0, bright))


def _hard_light(below: Any, layer: Any) -> Any:
    bright = np.minimum(1 - (1 - below) * (1 - (layer - 0.5) * 2), 1)
    return np.where(layer > 0.5, bright, np.minimum(below * (layer * 2), 1))


def _spread(color: Floats) -> tuple[Floats, Floats]:
    """The largest of the three channels, and its distance from the smallest: (H, W) each."""
    largest = color.max(axis=-1)
    return largest, largest - color.min(axis=-1)


def _hue(below: Floats, layer: Floats) -> Floats:
    """The layer's hue with the saturation and the value (as in HSV) of what is below."""
    layer_value, layer_spread = _spread(layer)
    value, spread = _spread(below)
    is_grey = layer_spread <= _TINY
    saturation = np.where(value != 0, spread / np.where(value != 0, value, 1), 0)
    ratio = np.where(is_grey, 0, saturation * value / np.where(is_grey, 1, layer_spread))
    offset = value - layer_value * ratio
    return np.where(is_grey[..., None], below, layer * ratio[..., None] + offset[..., None])


def _saturation(below: Floats, layer: Floats) -> Floats:
    """The layer's saturation (as in HSV) with the hue and the value of what is below."""
    layer_value, layer_spread = _spread(layer)
    value, spread = _spread(below)
    is_grey = spread <= _TINY
    saturation = np.where(layer_value != 0, layer_spread / np.where(layer_value != 0, layer_value, 1), 0)
    ratio = np.where(is_grey, 0, saturation * value / np.where(is_grey, 1, spread))
    offset = (1 - ratio) * value
    return np.where(is_grey[..., None], value[..., None], below * ratio[..., None] + offset[..., None])


def _color(below: Floats, layer: Floats) -> Floats:
    """The layer's hue and saturation (as in HSL) with the lightness of what is below."""
    lightness = (below.min(axis=-1) + below.max(axis=-1)) / 2
    layer_lightness = (layer.min(axis=-1) + layer.max(axis=-1)) / 2
    is_extreme = (np.abs(layer_lightness) <= _TINY) | (np.abs(1 - layer_lightness) <= _TINY)
    room = np.minimum(lightness, 1 - lightness)
    ratio = room / np.where(is_extreme, 1, np.minimum(layer_lightness, 1 - layer_lightness))
    offset = np.where(lightness > 0.5, 1 - 2 * room, 0) + np.where(layer_lightness > 0.5, 2 * room - ratio, 0)
    mixed: Floats = layer * ratio[..., None] + offset[..., None]
    return np.where(is_extreme[..., None], lightness[..., None], mixed)


def _luminosity(below: Floats, layer: Floats) -> Floats:
    """The layer's luminance with the chromaticity of what is below."""
    luminances: list[Floats] = [
        color[..., 0] * _LUMINANCE[0] + color[..., 1] * _LUMINANCE[1] + color[..., 2] * _LUMINANCE[2]
        for color in (below, layer)
    ]
    ratio = _divided(luminances[1], luminances[0])
    return below * ratio[..., None]


# What is made of the colours below and of the layer, in linear light …
_LINEAR: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "multiply": lambda below, layer: below * layer,
    "darken": np.minimum,
    "lighten": np.maximum,
    "linear-dodge": lambda below, layer: below + layer,
    "subtract": lambda below, layer: np.maximum(below - layer, 0),
    "divide": lambda below, layer: np.clip(below / np.maximum(layer, _TINY), 0, 1),
    "luminosity": _luminosity,
}

# … and in sRGB, whose steps look alike.
_PERCEPTUAL: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "screen": lambda below, layer: 1 - (1 - below) * (1 - layer),
    "overlay": lambda below, layer: np.where(below < 0.5, 2 * below * layer, 1 - 2 * (1 - layer) * (1 - below)),
    "color-dodge": _dodge,
    "color-burn": _burn,
    "hard-light": _hard_light,
    "soft-light": lambda below, layer: (1 - below) * (below * layer) + below * (1 - (1 - below) * (1 - layer)),
    "difference": lambda below, layer: np.abs(below - layer),
    "exclusion": lambda below, layer: 0.5 - 2 * (below - 0.5) * (layer - 0.5),
    "linear-burn": lambda below, layer: below + layer - 1,
    "vivid-light": _vivid_light,
    "pin-light": lambda below, layer: np.where(
        layer > 0.5, np.maximum(below, 2 * (layer - 0.5)), np.minimum(below, 2 * layer)
    ),
    "linear-light": lambda below, layer: below + 2 * layer - 1,
    "hard-mix": lambda below, layer: np.where(below + layer < 1, 0.0, 1.0),
    "grain-extract": lambda below, layer: below - layer + 0.5,
    "grain-merge": lambda below, layer: below + layer - 0.5,
    "hue": _hue,
    "saturation": _saturation,
    "color": _color,
}

MODES: Final = frozenset({"normal", *_LINEAR, *_PERCEPTUAL})
