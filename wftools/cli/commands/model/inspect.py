"""wftools model inspect"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Any

import click

from wftools.cli.output import emit, show_error
from wftools.errors import FAILED, WftoolsError, foreseen
from wftools.escaping import json_bytes, printable

if TYPE_CHECKING:
    from wftools.weights.inspecting.inspection import Inspection

WIDTH = (100, 24)  # of what is no terminal


@click.command("inspect", short_help="Tell what model files hold: architecture, parts, types, metadata, hashes.")
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
@click.option(
    "--output-format",
    type=click.Choice(["text", "json", "tree"]),
    default="text",
    show_default=True,
    help="text and tree are for people; json: see `wftools schema report-model-inspect`.",
)
@click.option("--tensors", "lists_tensors", is_flag=True, help="List the tensors, too.")
@click.option("--keys", metavar="GLOB", help="List only tensors whose whole name is like this: '*.attn1.to_q.weight'.")
@click.option(
    "--hash", "with_hashes", is_flag=True, help="Compute sha256, AutoV1, AutoV2 and AutoV3: reads all of a file."
)
@click.option("-v", "--verbose", is_flag=True, help="Say by which names a network was told.")
@click.pass_context
def command(
    ctx: click.Context,
    *,
    files: tuple[Path, ...],
    output_format: str,
    lists_tensors: bool,
    keys: str | None,
    with_hashes: bool,
    verbose: bool,
) -> None:
    """Tell what model files hold: .safetensors, .ckpt, .pt, .pth, .bin, .gguf, .onnx, or a folder of diffusers.

    Only names, shapes and metadata are read, so a file of any size is told at once. What is not known is said to be
    unknown. "Compressed" are floats of fewer bits; "quantised" are whole numbers that share scales.

    \b
      wftools model inspect models/checkpoints/sd_xl_base_1.0.safetensors
      wftools model inspect models/loras/*.safetensors --output-format json
      wftools model inspect model.gguf --output-format tree --keys 'double_blocks.*'

    Exit status: 0 all were told; 2 one of them is no model file that can be read.
    """
    reports: list[Any] = []
    is_failed = False
    for path in files:
        name = str(path)
        try:
            with foreseen(name):
                found = _inspected(path, keys or "*", with_hashes=with_hashes)
                told = _told(
                    found, name, output_format, lists_tensors=lists_tensors or keys is not None, is_verbose=verbose
                )
        except WftoolsError as error:
            is_failed = True
            show_error(error)
            if output_format == "json":
                from wftools.weights.inspecting.report import refused

                reports.append(refused(name, error))
            continue
        if output_format == "json":
            reports.append(told)
        else:
            emit(f"{printable(name)}\n{told}\n")
    if output_format == "json":
        from wftools.weights.inspecting.report import report_of

        emit(json_bytes(report_of(reports)))
    ctx.exit(FAILED if is_failed else 0)


def _inspected(path: Path, keys: str, *, with_hashes: bool) -> Inspection:
    from wftools.weights.inspecting.inspection import inspect

    if not with_hashes or not path.is_file():
        return inspect(path, keys=keys, with_hashes=with_hashes)
    from wftools.cli.progress import names_and_bytes

    with names_and_bytes(path.stat().st_size, quiet=False) as progress:
        return inspect(path, keys=keys, with_hashes=True, progress=partial(progress, path.name))


def _told(found: Inspection, name: str, output_format: str, *, lists_tensors: bool, is_verbose: bool) -> Any:
    if output_format == "json":
        from wftools.weights.inspecting.report import inspected

        return inspected(name, found, lists_tensors=lists_tensors)
    from wftools.weights.inspecting.telling import text_of, tree_text

    width = get_terminal_size(WIDTH).columns
    if output_format == "tree":
        return tree_text(found, width)
    return text_of(found, width, is_verbose=is_verbose, lists_tensors=lists_tensors)
