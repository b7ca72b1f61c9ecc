"""The figures of a chart as a table."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from wftools.errors import size_of
from wftools.weights.quantising.telling import table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wftools.tradeoff.measuring import Point, Tradeoff


def columns(tradeoff: Tradeoff) -> tuple[str, ...]:
    """The heads of the table."""
    probed = ("picture PSNR", "SSIM", "mean", "largest") if tradeoff.workflow is not None else ()
    return ("type", "bits a weight", "size", "weights SNR", "error", *probed)


def rows(tradeoff: Tradeoff) -> Iterator[tuple[Point, tuple[str, ...]]]:
    """Each type with its cells."""
    for point in tradeoff.points:
        cells: tuple[str, ...] = (
            point.type,
            f"{point.bits:.2f}",
            size_of(point.bytes),
            f"{point.snr:.1f} dB" if math.isfinite(point.snr) else "exact",
            f"{point.error:.2%}",
        )
        picture = point.picture
        if picture is not None:
            psnr = f"{picture.psnr:.1f} dB" if picture.psnr is not None else "the same"
            cells += (psnr, f"{picture.ssim:.4f}", f"{picture.mean:.2f}", f"{picture.largest:.0f}")
        yield point, cells


def lines(tradeoff: Tradeoff) -> Iterator[str]:
    """The table for a terminal."""
    yield from table([columns(tradeoff), *(cells for _, cells in rows(tradeoff))])
