"""A model file measured in every type, and the chart of it as a file."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, Final

from wftools.draw.formats.png import rasterised
from wftools.errors import InputError, Place, written
from wftools.tradeoff.chart import chart, size
from wftools.tradeoff.measuring import Tradeoff, measured, original, possible, sample_of
from wftools.tradeoff.page import page
from wftools.tradeoff.probe import Probe
from wftools.writing import write_atomically

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from wftools.folders import Folders
    from wftools.tradeoff.measuring import Point
    from wftools.weights.quantising.rules import Fallback

SHARPNESS: Final = 2.0  # pixels of a PNG for each of the picture


def tradeoff_of(
    path: Path,
    wanted: Sequence[str] = (),
    *,
    workflow: Path | None = None,
    folders: Folders,
    fallback: Fallback | None = None,
    told: Callable[[str], None] = lambda _: None,
) -> Tradeoff:
    """Measure a file in some types, or in all that change it; `told` hears of each type before it is measured.

    Raises InputError for a file, a workflow or a type that cannot be measured.
    """
    file = original(path)
    probe = Probe(workflow, path, folders) if workflow is not None else None
    counted: Counter[str] = Counter()
    for name, info in file.tensors.items():
        counted[info.dtype] += math.prod(file.shapes[name])
    bytes_now = sum(info.stop - info.start for info in file.tensors.values())
    points: list[Point] = []
    for name in wanted or possible(file):
        told(name)
        points += measured(path, [name], probe, fallback)
    changed = [each for each in points if wanted or (math.isfinite(each.snr) and each.bytes <= bytes_now)]
    return Tradeoff(
        path.name,
        counted.most_common(1)[0][0] if counted else "",
        bytes_now,
        counted.total(),
        tuple(sorted(changed, key=lambda each: (-each.bytes, -each.snr))),
        sample_of(file) is not None,
        str(workflow) if workflow is not None else None,
    )


def write_chart(tradeoff: Tradeoff, output: Path) -> None:
    """Write the chart; the name of the file says as what. Raises InputError if it says none."""
    render = renderer(output)
    with written(output):
        write_atomically(output, render(tradeoff))


def renderer(output: Path) -> Callable[[Tradeoff], bytes]:
    """What makes a file of that name. Raises InputError for a name that says no format."""
    found = _RENDERERS.get(output.suffix.lower())
    if found is None:
        hint = f"name a file that ends in {', '.join(sorted(_RENDERERS))}"
        raise InputError("the name does not say what to draw", place=Place(str(output)), hint=hint)
    return found


def _svg(tradeoff: Tradeoff) -> bytes:
    return chart(tradeoff).encode()


def _png(tradeoff: Tradeoff) -> bytes:
    width, height = size(tradeoff)
    return rasterised(chart(tradeoff), width * SHARPNESS, height * SHARPNESS, zoom=SHARPNESS)


_RENDERERS: Final = {".svg": _svg, ".png": _png, ".html": page, ".htm": page}
