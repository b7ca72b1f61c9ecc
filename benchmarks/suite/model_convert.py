"""Conversions of a checkpoint with the names and shapes of Stable Diffusion 1.5, 4.3 GB in float32.

The peers: the disk's own copy of the same file, and what everybody writes, load_file and save_file with a cast between.
Seconds are of the clock, since writing is what takes them; memory is a process's largest resident set.
"""

from __future__ import annotations

import gzip
import json
import os
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

import torch

from benchmarks.measure import Result
from wftools.weights.writers import Outgoing, safetensors

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from torch import Tensor

SHAPES: Final = Path(__file__).parent.parent.parent / "tests/data/weights/shapes.json.gz"
PARTS: Final = {
    "unet sd1": "model.diffusion_model.",
    "vae": "first_stage_model.",
    "clip_l": "cond_stage_model.transformer.text_model.",
}
NAIVE: Final = """
import sys
from safetensors.torch import load_file, save_file
source, out, dtype = sys.argv[1:]
import torch
save_file({name: tensor.to(getattr(torch, dtype)) for name, tensor in load_file(source).items()}, out)
"""
TURNS: Final = 3


def run() -> list[Result]:
    """Each in turns with its peer; the best of a few."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        source = folder / "sd15.safetensors"
        _write(source)
        out = folder / "out"
        ours = [sys.executable, "-m", "wftools", "model", "convert", str(source)]
        copied = ["cp", str(source), str(out)]
        return [
            _compared("to .ckpt, nothing cast", [*ours, f"{out}.ckpt"], "cp", copied, folder),
            _compared("to fp16", [*ours, f"{out}.safetensors", "--dtype", "fp16"], "cp", copied, folder),
            _compared(
                "to fp16",
                [*ours, f"{out}.safetensors", "--dtype", "fp16"],
                "load_file and save_file",
                [sys.executable, "-c", NAIVE, str(source), f"{out}.safetensors", "float16"],
                folder,
            ),
            _compared(
                "to float8 with scales",
                [*ours, f"{out}.safetensors", "--dtype", "fp8_e4m3fn", "--scaled", "--rest", "fp16"],
                "cp",
                copied,
                folder,
            ),
        ]


def _write(path: Path) -> None:
    """The checkpoint: random weights, since the time does not depend on them."""
    known = json.loads(gzip.decompress(SHAPES.read_bytes()))
    shapes = {prefix + name: tuple(shape) for part, prefix in PARTS.items() for name, shape in known[part].items()}
    generator = torch.Generator().manual_seed(0)

    def outgoing(name: str, shape: tuple[int, ...]) -> Outgoing:
        def data() -> Iterator[Tensor]:
            yield torch.randn(shape, generator=generator).mul_(0.02)

        return Outgoing(name, "F32", shape, data)

    with path.open("wb") as stream:
        safetensors.write(stream, [outgoing(*each) for each in shapes.items()], {})


def _compared(what: str, ours: Sequence[str], peer: str, theirs: Sequence[str], folder: Path) -> Result:
    pairs = [(_process(ours, folder), _process(theirs, folder)) for _ in range(TURNS)]
    mine, others = min(pair[0] for pair in pairs), min(pair[1] for pair in pairs)
    return Result(
        f"conversion of 4.3 GB {what}, at most {mine[1] / 2**20:,.0f} MiB",
        f"{peer}, at most {others[1] / 2**20:,.0f} MiB",
        mine[0] / others[0],
        mine[0],
        others[0],
    )


def _process(command: Sequence[str], folder: Path) -> tuple[float, int]:
    """The seconds of a process, and the most bytes that it had in memory; what it wrote is removed."""
    start = time.perf_counter()
    number = os.posix_spawnp(command[0], list(command), os.environ)
    _, status, usage = os.wait4(number, 0)
    seconds = time.perf_counter() - start
    assert status == 0, command
    for path in folder.glob("out*"):
        path.unlink()
    return seconds, usage.ru_maxrss * 1024
