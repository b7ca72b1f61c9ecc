"""One model in every form of file: python -m benchmarks.forms

A sample workflow runs from each as a process of its own. What is printed is the table of the README: the size of the
files, the processor's seconds, the most memory that the process had, and how far the picture is from that of the
unchanged weights.
"""

from __future__ import annotations

import math
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

import click
from PIL import Image

from wftools.folders import BUILT_IN

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

WORKFLOW: Final = Path(__file__).parents[1] / "sample_workflows/model_formats.json"

# A network -> the folder of its files, and the input of the workflow that names one.
PARTS: Final[Mapping[str, tuple[str, str]]] = {
    "unet": ("diffusion_models", "1.unet_name"),
    "clip": ("text_encoders", "2.clip_name"),
    "vae": ("vae", "3.vae_name"),
}


@dataclass(frozen=True)
class Form:
    """How the three networks are written: the command for each, or the one for all, and what their files end in."""

    name: str
    suffix: str
    commands: Mapping[str, tuple[str, ...]]  # by network; what stands before the names of the files
    options: tuple[str, ...] = ()  # of the run


def _all(*command: str) -> dict[str, tuple[str, ...]]:
    return dict.fromkeys(PARTS, command)


def _unet(*command: str) -> dict[str, tuple[str, ...]]:
    """For the network that denoises; the others are halved."""
    return {"unet": command, "clip": ("convert", "--dtype", "fp16"), "vae": ("convert", "--dtype", "fp16")}


FORMS: Final = (
    Form("safetensors", ".safetensors", _all("convert")),
    Form("ckpt", ".ckpt", _all("convert")),
    Form("GGUF, Q8_0", ".gguf", _all("quantize", "--type", "q8_0")),
    Form("GGUF, Q5_K", ".gguf", _all("quantize", "--type", "q5_k")),
    Form("GGUF, Q4_0", ".gguf", _all("quantize", "--type", "q4_0")),
    Form("fp8, scaled", ".safetensors", _unet("convert", "--dtype", "fp8_e4m3fn", "--scaled")),
    Form("int8", ".safetensors", _unet("convert", "--dtype", "int8_row")),
    Form("int8, `--integers`", ".safetensors", _unet("convert", "--dtype", "int8_row"), ("--integers",)),
    Form(
        "ONNX, in float32",
        ".onnx",
        {
            "unet": ("export-onnx", "--part", "unet"),
            "clip": ("export-onnx", "--part", "clip"),
            "vae": ("export-onnx", "--part", "vae-decoder"),
        },
    ),
)


@dataclass(frozen=True)
class Measured:
    """A run from one form."""

    form: str
    size: int  # bytes of the files
    seconds: float  # of the processor, all cores together
    memory: int  # bytes, at most
    picture: Path

    def distance(self, other: Measured) -> float:
        """How far the picture is from another one: the signal-to-noise ratio in dB; infinite if they are equal."""
        with Image.open(self.picture) as mine, Image.open(other.picture) as its:
            error = sum((one - two) ** 2 for one, two in zip(mine.tobytes(), its.tobytes(), strict=True))
            return 10 * math.log10(255**2 * len(mine.tobytes()) / error) if error else math.inf


def measured(folder: Path, forms: Sequence[Form] = FORMS) -> Iterator[Measured]:
    """Write the embedded model in each form below a folder, and run the workflow from it."""
    plain = folder / "plain"
    plain.mkdir()
    for part in PARTS:
        _wftools("model", "convert", BUILT_IN, plain / f"{part}.safetensors", "--only", part)
    for number, form in enumerate(forms):
        models, output = folder / f"models{number}", folder / f"output{number}"
        settings: list[str] = []
        size = 0
        for part, (kind, name) in PARTS.items():
            (models / kind).mkdir(parents=True, exist_ok=True)
            path = models / kind / (part + form.suffix)
            command, *options = form.commands[part]
            source = BUILT_IN if command == "export-onnx" else plain / f"{part}.safetensors"
            _wftools("model", command, source, path, *options, "--quiet")
            settings += ["--set", f"{name}={path.name}"]
            size += path.stat().st_size
        seconds, memory = _wftools(
            *("run", WORKFLOW, "--models-dir", models, "--output-dir", output, "--quiet", *settings, *form.options)
        )
        (picture,) = output.glob("*.png")
        yield Measured(form.name, size, seconds, memory, picture)


def _wftools(*arguments: object) -> tuple[float, int]:
    """Run the command; the seconds of the processor that it took, and the most memory that it had."""
    process = subprocess.Popen([sys.executable, "-m", "wftools", *map(str, arguments)], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, process.args)
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024


@click.command()
def main() -> None:
    """Print the table."""
    click.echo("| form | MB | seconds | memory, MB | picture, dB |\n|---|---|---|---|---|")
    with TemporaryDirectory() as folder:
        first: Measured | None = None
        for each in measured(Path(folder)):
            first = first or each
            distance = "same" if math.isinf(far := each.distance(first)) else f"{far:.0f}"
            click.echo(
                f"| {each.form} | {each.size / 1e6:.1f} | {each.seconds:.1f} | {each.memory / 1e6:.0f} | {distance} |"
            )


if __name__ == "__main__":
    main()
