"""Write images as OpenEXR files: linear light in 32-bit floats, not compressed, one line of pixels a block.

    https://openexr.com/en/latest/OpenEXRFileLayout.html

The light of a file is that of the scene, so that what is coded for a screen is decoded first. Which primaries its
red, green and blue are says `chromaticities`.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

import torch

from wftools.errors import RunError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from torch import Tensor

# CIE 1931 x and y of red, green, blue and white (D65)
BT709: Final = (0.64, 0.33, 0.30, 0.60, 0.15, 0.06, 0.3127, 0.3290)
BT2020: Final = (0.708, 0.292, 0.170, 0.797, 0.131, 0.046, 0.3127, 0.3290)

MAGIC: Final = 20000630
VERSION: Final = 2
LONG_NAMES: Final = 0x400  # names of attributes may have 255 bytes, not only 31
FLOAT: Final = 2  # the type of a channel
CHANNELS: Final = {1: "Y", 3: "RGB", 4: "RGBA"}


def exr(image: Tensor, texts: Mapping[str, str], color_space: str) -> bytes:
    """An image (H, W, C) of 1, 3 or 4 channels in a colour space of `TO_LIGHT`; `texts` are string attributes."""
    height, width, channels = image.shape
    if channels not in CHANNELS or not height or not width:
        raise RunError(f"an image of {width} x {height} pixels and {channels} channels cannot be saved as EXR")
    light = image.float().cpu()
    light = torch.cat([TO_LIGHT[color_space](light[..., :3]), light[..., 3:]], -1)
    names = sorted(CHANNELS[channels])
    planes = light[..., [CHANNELS[channels].index(name) for name in names]].movedim(-1, 1)  # (H, C, W)
    attributes = {**_geometry(names, width, height, BT2020 if color_space == "HDR" else BT709)}
    attributes |= {name: ("string", text.encode()) for name, text in texts.items()}
    header = struct.pack("<2i", MAGIC, VERSION | LONG_NAMES * any(len(name.encode()) > 31 for name in texts))
    header += b"".join(_attributes(attributes)) + b"\0"
    line = 4 * channels * width  # bytes
    first = len(header) + 8 * height
    table = struct.pack(f"<{height}Q", *(first + y * (8 + line) for y in range(height)))
    pixels = planes.reshape(height, -1).numpy().astype("<f4")
    blocks = (struct.pack("<2i", y, line) + pixels[y].tobytes() for y in range(height))
    return b"".join([header, table, *blocks])


def _geometry(
    names: list[str], width: int, height: int, chromaticities: tuple[float, ...]
) -> dict[str, tuple[str, bytes]]:
    """What every file has to say, by name: a type and a value."""
    window = struct.pack("<4i", 0, 0, width - 1, height - 1)
    channels = b"".join(name.encode() + b"\0" + struct.pack("<iB3xii", FLOAT, 0, 1, 1) for name in names)
    return {
        "channels": ("chlist", channels + b"\0"),
        "chromaticities": ("chromaticities", struct.pack("<8f", *chromaticities)),
        "compression": ("compression", b"\0"),
        "dataWindow": ("box2i", window),
        "displayWindow": ("box2i", window),
        "lineOrder": ("lineOrder", b"\0"),
        "pixelAspectRatio": ("float", struct.pack("<f", 1)),
        "screenWindowCenter": ("v2f", struct.pack("<2f", 0, 0)),
        "screenWindowWidth": ("float", struct.pack("<f", 1)),
    }


def _attributes(values: Mapping[str, tuple[str, bytes]]) -> Iterator[bytes]:
    for name, (kind, value) in values.items():
        yield name.encode() + b"\0" + kind.encode() + b"\0" + struct.pack("<i", len(value)) + value


def _srgb_to_light(value: Tensor) -> Tensor:
    """IEC 61966-2-1."""
    return torch.where(value <= 0.04045, value / 12.92, ((value.clamp(min=0) + 0.055) / 1.055) ** 2.4)


def _hlg_to_light(value: Tensor) -> Tensor:
    """ITU-R BT.2100, table 5: the inverse of the camera's curve."""
    a, b, c = 0.17883277, 0.28466892, 0.55991072928
    return torch.where(value <= 0.5, value**2 / 3, (((value.clamp(min=0.5) - c) / a).exp() + b) / 12)


# What is coded in each colour space -> the light of the scene.
TO_LIGHT: Final[Mapping[str, Callable[[Tensor], Tensor]]] = {
    "sRGB": _srgb_to_light,
    "HDR": _hlg_to_light,
    "linear": lambda value: value,
}
