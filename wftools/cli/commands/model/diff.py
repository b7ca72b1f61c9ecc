"""wftools model diff"""

from __future__ import annotations

from pathlib import Path
from shutil import get_terminal_size

import click

from wftools.cli.commands.model.inspect import WIDTH
from wftools.cli.output import emit
from wftools.cli.progress import names_and_bytes
from wftools.errors import foreseen
from wftools.escaping import json_bytes

_FILE = click.Path(path_type=Path)


@click.command("diff", short_help="Say what differs between two model files, and how far their numbers are apart.")
@click.argument("first", metavar="A", type=_FILE)
@click.argument("second", metavar="B", type=_FILE)
@click.option(
    "--output-format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="text is for people; json: see `wftools schema report-model-diff`.",
)
@click.option(
    "--top",
    type=click.IntRange(min=0),
    default=10,
    show_default=True,
    help="How many names, blocks and tensors are listed.",
)
@click.option(
    "--fail-under-snr",
    type=float,
    metavar="DB",
    help="Take files as equal that have the same tensors, none with a signal to noise ratio below this.",
)
@click.option("-q", "--quiet", is_flag=True, help="Show no progress.")
@click.pass_context
def command(
    ctx: click.Context,
    *,
    first: Path,
    second: Path,
    output_format: str,
    top: int,
    fail_under_snr: float | None,
    quiet: bool,
) -> None:
    """Say what differs between two model files: names, shapes, types, metadata and numbers, by network and by block.

    The numbers are what networks compute with, be they stored in blocks or with scales, and the error is that of B. A
    checkpoint and a file of its UNet, or of another layout, are compared where they have the same tensors.

    \b
      wftools model diff model.safetensors model-q5_k_m.gguf
      wftools model diff old.safetensors new.safetensors --output-format json

    Exit status: 0 equal, or within --fail-under-snr; 1 different; 2 one of them is no model file that can be read.
    """
    from wftools.weights.comparing import compare
    from wftools.weights.tensorfile import open_tensors

    with foreseen(str(first)):
        one = open_tensors(first)
    with foreseen(str(second)):
        other = open_tensors(second)
    total = sum(info.stop - info.start for file in (one, other) for info in file.tensors.values())
    with names_and_bytes(total, quiet=quiet) as progress, foreseen(f"{first}, {second}"):
        found = compare(one, other, progress=progress)
    if output_format == "json":
        from wftools.weights.comparing.report import diff_report

        emit(json_bytes(diff_report(found, one, other)))
    else:
        from wftools.weights.comparing.telling import diff_text

        emit(diff_text(found, one, other, top=top, width=get_terminal_size(WIDTH).columns))
    is_fine = found.is_equal if fail_under_snr is None else found.is_within(fail_under_snr)
    ctx.exit(0 if is_fine else 1)
