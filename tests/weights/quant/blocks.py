"""Blocks and numbers to try, some of them odd: the same ones everywhere, made of whole numbers by exact operations."""

from __future__ import annotations

import numpy as np

from wftools.weights.quant.blocks import BLOCKS


def odd_blocks(kind: str, count: int) -> np.ndarray:
    """Any bytes, so every scale that a block can have; and blocks of one byte each, all zero among them."""
    size = BLOCKS[kind].bytes
    packed = _raw(7, count * size).astype(np.uint8).reshape(count, size)
    packed[1::9] = np.arange(len(packed[1::9])).astype(np.uint8)[:, None]
    return packed


def numbers(seed: int, count: int) -> dict[str, np.ndarray]:
    """Numbers of many kinds, each float32 (count,), by name."""
    bell = _raw(seed, 4 * count).reshape(4, count).astype(np.uint16).astype(np.float64).sum(0) / 2**15 - 4
    even = (_raw(seed + 1, count) >> np.uint64(40)).astype(np.float64) / 2**24
    place = np.arange(count)
    exponents = (_raw(seed + 2, count) % np.uint64(260)).astype(int) - 140
    made = {
        "bell": bell / 16,
        "zeros": np.zeros(count),
        "constant": np.full(count, -0.375),
        "ties": np.where(place % 3, 1.0, -1.0) / 4,
        "halves": np.round(bell * 8) / 16,  # many of them half way between two quants
        "one spike": np.where(place % 256 == 77, -3.0, 0.0),
        "spikes": np.where(place % 16 == 3, bell * 40, bell / 64),
        "tiny": bell * 1e-20,
        "large": bell * 1e4,
        "huge": np.clip(bell, -1, 1) * 3e38,
        "long tails": bell / (even + 2.0**-12),
        "positive": np.abs(bell),
        "negative": -np.abs(bell),
        "subnormal": bell * 2.0**-132,
        "all magnitudes": np.ldexp(bell, exponents),
        "magnitudes by block": np.ldexp(bell, -140 + place // 256 % 260),
        "sparse": np.where(even < 0.9, 0.0, bell),
    }
    return {name: values.astype(np.float32) for name, values in made.items()}


def _raw(seed: int, count: int) -> np.ndarray:
    """What numpy promises to be the same in every version."""
    return np.asarray(np.random.PCG64(seed).random_raw(count))
