"""Blocks and numbers to try, some of them odd."""

from __future__ import annotations

import numpy as np

from wftools.weights.quant.blocks import BLOCKS


def odd_blocks(kind: str, count: int) -> np.ndarray:
    """Any bytes, so every scale that a block can have; and blocks of one byte each, all zero among them."""
    packed = np.random.default_rng(7).integers(0, 256, (count, BLOCKS[kind].bytes), dtype=np.uint8)
    packed[1::9] = np.arange(len(packed[1::9]), dtype=np.uint8)[:, None]
    return packed


def odd_numbers(count: int) -> dict[str, np.ndarray]:
    """Numbers of many kinds, each float32 (count,), by name."""
    random = np.random.default_rng(8)
    normal = random.standard_normal(count)
    place = np.arange(count)
    made = {
        "normal": normal * 0.05,
        "zeros": np.zeros(count),
        "constant": np.full(count, -0.37),
        "ties": np.where(place % 3, 1.0, -1.0) * 0.25,
        "halves": np.round(normal * 8) / 16,  # many of them half way between two quants
        "one spike": np.where(place % 256 == 77, -3.0, 0.0),
        "spikes": np.where(place % 16 == 3, normal * 40, normal * 0.01),
        "tiny": normal * 1e-20,
        "large": normal * 1e4,
        "huge": np.clip(normal, -1, 1) * 3e38,
        "cauchy": random.standard_cauchy(count),
        "positive": np.abs(normal),
        "negative": -np.abs(normal),
        "subnormal": normal * 1e-40,
        "all magnitudes": normal * 2.0 ** random.integers(-140, 120, count).repeat(1),
        "magnitudes by block": normal * 2.0 ** (-140 + 260 * (place // 256) / max(1, count // 256)),
        "sparse": np.where(random.random(count) < 0.9, 0.0, normal),
    }
    return {name: values.astype(np.float32) for name, values in made.items()}
