"""Colours: written as text, and in the spaces Y'CbCr, CIE L*a*b* and linear light. Images are (B, H, W, C)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import torch

from wftools.errors import RunError, shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor


# ITU-R BT.601 luma, and the scales of its colour differences as JPEG and OpenCV have them.
LUMA: Final = (0.299, 0.587, 0.114)
_CB, _CR = 0.564, 0.713

# Linear sRGB to CIE XYZ with white at D65 (Hall 1989), its inverse, and the white point.
_XYZ: Final = ((0.412453, 0.357580, 0.180423), (0.212671, 0.715160, 0.072169), (0.019334, 0.119193, 0.950227))
_RGB: Final = (
    (3.2404813432005266, -1.5371515162713185, -0.4985363261688878),
    (-0.9692549499965682, 1.8759900014898907, 0.0415559265582928),
    (0.0556466391351772, -0.2040413383665112, 1.0573110696453443),
)
_WHITE: Final = (0.95047, 1.0, 1.08883)

_DARK: Final = 0.008856  # of white: below, lightness is linear (CIE 15)
_DARK_ROOT: Final = 0.2068966  # its cube root
_SLOPE, _OFFSET = 7.787, 4 / 29

_HEX: Final = re.compile(r"#[0-9a-f]{6}", re.IGNORECASE)


def rgb_of(text: str, otherwise: tuple[int, int, int]) -> tuple[int, int, int]:
    """The three bytes of "#rrggbb", also without the hash; `otherwise` if the text is none."""
    digits = text.lstrip("#")
    return _bytes(digits) if _HEX.fullmatch("#" + digits) else otherwise


def rgba_of(text: str) -> tuple[int, float]:
    """0xRRGGBB and the opacity in 0..1 of "#rrggbb" or "#rrggbbaa". Raises RunError for another text."""
    if not re.fullmatch(r"#([0-9a-f]{6}|[0-9a-f]{8})", text, re.IGNORECASE):
        raise RunError(f"{shown(text)} is no colour", hint='colours are written "#rrggbb" or "#rrggbbaa"')
    return int(text[1:7], 16), int(text[7:] or "ff", 16) / 255


def _bytes(digits: str) -> tuple[int, int, int]:
    return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)


def rgb_to_ycbcr(image: Tensor) -> Tensor:
    """Luma and colour differences of RGB in 0..1, the differences around 0.5."""
    luma = luma_of(image)
    return torch.stack([luma, (image[..., 2] - luma) * _CB + 0.5, (image[..., 0] - luma) * _CR + 0.5], dim=-1)


def ycbcr_to_rgb(image: Tensor) -> Tensor:
    """The inverse, clamped to 0..1."""
    luma, blueness, redness = image.unbind(-1)
    blueness, redness = blueness - 0.5, redness - 0.5
    red = luma + redness / _CR
    blue = luma + blueness / _CB
    green = luma - LUMA[0] / LUMA[1] / _CR * redness - LUMA[2] / LUMA[1] / _CB * blueness
    return torch.stack([red, green, blue], dim=-1).clamp(0, 1)


def merged(images: Sequence[Tensor]) -> Tensor:
    """One image whose channels are the greys, the means of red, green and blue, of others.

    Raises RunError if these are not of one size.
    """
    if len(sizes := {image.shape[:3] for image in images}) > 1:
        described = " and ".join(sorted(f"{count} of {width} x {height}" for count, height, width in sizes))
        raise RunError(f"images as different as {described} are no channels of one", hint="scale them to one size")
    return torch.stack([image[..., :3].mean(dim=-1) for image in images], dim=-1)


def luma_of(image: Tensor) -> Tensor:
    """The grey of an RGB image: (…, 3) -> (…)."""
    red, green, blue = image.unbind(-1)
    return LUMA[0] * red + LUMA[1] * green + LUMA[2] * blue


def rgb_to_lab(image: Tensor) -> Tensor:
    """SRGB in 0..1 as CIE L*a*b* under D65: lightness in 0..100, a* and b* about -128..127."""
    linear = torch.where(image > 0.04045, ((image + 0.055).clamp(min=0) / 1.055) ** 2.4, image / 12.92)
    xyz = _transformed(linear, _XYZ) / torch.tensor(_WHITE).to(image)
    root = torch.where(xyz > _DARK, xyz.clamp(min=_DARK) ** (1 / 3), _SLOPE * xyz + _OFFSET)
    x, y, z = root.unbind(-1)
    return torch.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], dim=-1)


def lab_to_rgb(image: Tensor) -> Tensor:
    """The inverse, clamped to 0..1."""
    lightness, a, b = image.unbind(-1)
    y = (lightness + 16) / 116
    root = torch.stack([a / 500 + y, y, (y - b / 200).clamp(min=0)], dim=-1)
    xyz = torch.where(root > _DARK_ROOT, root**3, (root - _OFFSET) / _SLOPE) * torch.tensor(_WHITE).to(image)
    linear = _transformed(xyz, _RGB)
    return torch.where(
        linear > 0.0031308, 1.055 * linear.clamp(min=0.0031308) ** (1 / 2.4) - 0.055, 12.92 * linear
    ).clamp(0, 1)


def _transformed(image: Tensor, matrix: tuple[tuple[float, ...], ...]) -> Tensor:
    return image @ torch.tensor(matrix).to(image).T
