"""Blocks whose quants are numbers of an entry in a codebook: IQ1_S to IQ4_XS.

An entry is eight values, or four, each an int8; they are laid side by side, get their signs, and are scaled. Entries of
sixteen values, IQ4_NL and IQ4_XS, are those of single quants.
"""

from __future__ import annotations

import lzma
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import torch

from wftools.weights.quant.decoding.words import each, half, looked_up, pairs

if TYPE_CHECKING:
    from torch import Tensor

FILE: Final = Path(__file__).with_name("codebooks.txt.xz")
SCALES: Final = {  # what a digit in the file means
    "IQ2_XXS": (8, 25, 43),
    "IQ2_XS": (8, 25, 43),
    "IQ2_S": (8, 25, 43),
    "IQ3_XXS": (4, 12, 20, 28, 36, 44, 52, 62),
    "IQ3_S": (1, 3, 5, 7, 9, 11, 13, 15),
    "IQ1_S": (-8, 0, 8),  # eighths: each of them is moved by one
}
UNEVEN: Final = (-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113)  # of IQ4_NL and IQ4_XS


def iq2_xxs(packed: Tensor, out: Tensor) -> None:
    """d; for each 32 elements four entries, a byte each, and 28 bits of signs with a scale of four bits above them."""
    fields = packed[:, 2:].contiguous().view(torch.int32).view(-1, 8, 2)
    entries = looked_up(_codebook("IQ2_XXS", packed.device), fields[:, :, 0].contiguous().view(torch.uint8))
    signs, scale = _signs_and_scale(fields[:, :, 1])
    _put(out, entries, signs, half(packed, 0) * (scale + 0.5) / 4)


def iq2_xs(packed: Tensor, out: Tensor) -> None:
    """d; 32 times nine bits of an entry and seven of its signs; for each 16 elements a scale of four bits."""
    fields = packed.view(torch.int16)[:, 1:33].int()  # (blocks, 32)
    entries = looked_up(_codebook("IQ2_XS", packed.device), fields & 0x1FF)
    signs = looked_up(_even_signs(packed.device), (fields >> 9) & 0x7F)
    _put(out, entries, signs, half(packed, 0) * (_nibbles(packed[:, 66:]) + 0.5) / 4)


def iq2_s(packed: Tensor, out: Tensor) -> None:
    """d; low bytes of 32 entries, a byte of signs for each, their two high bits; for each 16 elements a scale."""
    entries = looked_up(_codebook("IQ2_S", packed.device), packed[:, 2:34].int() | _parts(packed[:, 66:74], 2) << 8)
    signs = looked_up(_signs(packed.device), packed[:, 34:66])
    _put(out, entries, signs, half(packed, 0) * (_nibbles(packed[:, 74:]) + 0.5) / 4)


def iq3_xxs(packed: Tensor, out: Tensor) -> None:
    """d; 64 entries, a byte each; for each 32 elements 28 bits of signs with a scale of four bits above them."""
    entries = looked_up(_codebook("IQ3_XXS", packed.device), packed[:, 2:66])
    signs, scale = _signs_and_scale(packed[:, 66:].contiguous().view(torch.int32))
    _put(out, entries, signs, half(packed, 0) * (scale + 0.5) / 2)


def iq3_s(packed: Tensor, out: Tensor) -> None:
    """d; low bytes of 64 entries, their ninth bits, a byte of signs for each two; for each 32 elements a scale."""
    entries = looked_up(_codebook("IQ3_S", packed.device), packed[:, 2:66].int() | _parts(packed[:, 66:74], 1) << 8)
    signs = looked_up(_signs(packed.device), packed[:, 74:106])
    _put(out, entries, signs, half(packed, 0) * (2 * _nibbles(packed[:, 106:]) + 1))


def iq1_s(packed: Tensor, out: Tensor) -> None:
    """d; low bytes of 32 entries; for each 32 elements their three high bits each, a scale of three, and which way."""
    fields = packed.view(torch.int16)[:, 17:].int()  # (blocks, 8)
    entries = looked_up(_codebook("IQ1_S", packed.device), packed[:, 2:34].int() | _threes(fields) << 8)
    eighth = torch.where(fields < 0, -1, 1)  # (blocks, 8)
    _put_moved(out, entries, eighth, half(packed, 0) * (2 * ((fields >> 12) & 0x07) + 1))


def iq1_m(packed: Tensor, out: Tensor) -> None:
    """Low bytes of 32 entries; their three high bits and which way; four times four scales of three bits.

    The float16 d is in the top bits of these four, lowest first.
    """
    fields = packed.view(torch.int16)[:, 24:].int()  # (blocks, 4)
    top = (fields >> 12 & 0x0F) << torch.tensor([0, 4, 8, 12], dtype=torch.int32, device=packed.device)
    d = top.sum(1, keepdim=True).to(torch.int16).view(torch.float16).float()
    highs = _parts(packed[:, 32:48], 4)  # (blocks, 32)
    entries = looked_up(_codebook("IQ1_S", packed.device), packed[:, :32].int() | (highs & 0x07) << 8)
    _put_moved(out, entries, torch.where(highs & 0x08 > 0, -1, 1), d * (2 * _threes(fields) + 1))


def iq4_nl(packed: Tensor, out: Tensor) -> None:
    """d; nibbles as in Q4_0, whose values are not even."""
    for side, values in enumerate(pairs(packed[:, 2:], UNEVEN)):
        torch.mul(values, half(packed, 0), out=out.view(-1, 2, 16)[:, side])


def iq4_xs(packed: Tensor, out: Tensor) -> None:
    """d; for each 32 elements two high bits of a scale, four low ones; nibbles as in IQ4_NL."""
    places = torch.arange(0, 16, 2, dtype=torch.int32, device=packed.device)
    high = (packed.view(torch.int16)[:, 1:2].int() >> places) & 0x03
    scales = half(packed, 0) * ((_nibbles(packed[:, 4:8]) | high << 4) - 32)  # (blocks, 8)
    for side, values in enumerate(pairs(packed[:, 8:].reshape(-1, 16), UNEVEN)):
        torch.mul(values, scales.view(-1, 1), out=out.view(-1, 2, 16)[:, side])


def _put(out: Tensor, entries: Tensor, signs: Tensor, scales: Tensor) -> None:
    """Values > 0 of entries with the signs of each eight, (blocks, 32) words, times the scales of groups."""
    words = entries.view(torch.int64) ^ signs  # a byte ~v is -v - 1, and no sum goes beyond its byte
    values = words.add_(signs & each(0x01)).view(torch.int8)
    groups = scales.shape[1]
    out.view(len(out), groups, -1).copy_(values.view(len(out), groups, -1)).mul_(scales[:, :, None])


def _put_moved(out: Tensor, entries: Tensor, eighth: Tensor, scales: Tensor) -> None:
    """Eighths of entries, (blocks, 32) words, each moved by one, times the scales of groups."""
    parts, groups = eighth.shape[1], scales.shape[1]
    values = entries.view(torch.int8).view(len(out), parts, -1) + eighth.to(torch.int8)[:, :, None]
    out.view(len(out), groups, -1).copy_(values.view(len(out), groups, -1)).mul_(scales[:, :, None] / 8)


def _signs_and_scale(fields: Tensor) -> tuple[Tensor, Tensor]:
    """Of int32 (blocks, 8): masks for four times eight values, (blocks, 32), and four bits (blocks, 8)."""
    places = torch.arange(0, 28, 7, dtype=torch.int32, device=fields.device)
    numbers = ((fields[:, :, None] >> places) & 0x7F).view(len(fields), 32)
    return looked_up(_even_signs(fields.device), numbers), (fields >> 28) & 0x0F


def _nibbles(packed: Tensor) -> Tensor:
    """The low and high half of each byte, int32 (blocks, 2 * bytes)."""
    return _parts(packed, 4)


def _parts(packed: Tensor, bits: int) -> Tensor:
    """The parts of so many bits of each byte, the lowest first, int32 (blocks, 8 // bits * bytes)."""
    places = torch.arange(0, 8, bits, dtype=torch.int32, device=packed.device)
    return ((packed[:, :, None].int() >> places) & (1 << bits) - 1).view(len(packed), -1)


def _threes(fields: Tensor) -> Tensor:
    """The four parts of three bits of each number, the lowest first, (blocks, 4 * numbers)."""
    places = torch.arange(0, 12, 3, dtype=torch.int32, device=fields.device)
    return ((fields[:, :, None] >> places) & 0x07).view(len(fields), -1)


@cache
def _codebook(name: str, device: torch.device) -> Tensor:
    """A word for each entry: int64 of eight values, int32 of four."""
    lines = lzma.decompress(FILE.read_bytes()).decode().splitlines()
    entries = next(line for line in lines if line.startswith(f"{name} ")).split()[1:]
    digits = torch.tensor([[int(digit) for digit in entry] for entry in entries])
    values = torch.tensor(SCALES[name], dtype=torch.int8)[digits]
    return values.view(torch.int64 if digits.shape[1] == 8 else torch.int32).view(-1).to(device)


@cache
def _signs(device: torch.device) -> Tensor:
    """For each byte the mask of a word: a byte of ones where a bit is set, the lowest first."""
    bits = (torch.arange(256)[:, None] >> torch.arange(8)) & 1
    return (-bits).to(torch.int8).view(torch.int64).view(-1).to(device)


@cache
def _even_signs(device: torch.device) -> Tensor:
    """For each seven bits the mask of a word: the eighth sign makes their number even."""
    numbers = torch.arange(128)
    odd = ((numbers[:, None] >> torch.arange(7)) & 1).sum(1) & 1
    return _signs(device)[(numbers | odd << 7).to(device)]
