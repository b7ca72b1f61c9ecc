"""wftools show"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from wftools.cli.options import catalogue_options
from wftools.cli.output import emit, note, show_error
from wftools.cli.progress import files_progress
from wftools.overview.reporters import REPORTERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wftools.catalog.lookup import Catalogue
    from wftools.cli.progress import FilesProgress
    from wftools.overview.files import Seen


@click.command("show", short_help="Say what workflows and pictures are: models, prompts, seeds, sizes.")
@click.argument("paths", nargs=-1)
@click.option(
    "--format",
    "--output-format",
    "output_format",
    type=click.Choice(REPORTERS.names()),
    default="text",
    show_default=True,
    help="parameters: the paragraph that other picture tools read; paths: the names of the files alone.",
)
@click.option("-l", "only_paths", is_flag=True, help="The same as --format paths.")
@click.option(
    "--where",
    metavar="EXPRESSION",
    help="Only files of which this is true: fields with =, !=, ~ (contains), <, <=, > or >=, joined by and, or, not.",
)
@catalogue_options("newest")
@click.pass_context
def command(
    ctx: click.Context,
    *,
    paths: tuple[str, ...],
    output_format: str,
    only_paths: bool,
    where: str | None,
    catalogue: Catalogue,
) -> None:
    """Say what workflows and pictures are, at a glance.

    PATHS are files, folders (without any: the current one), or - for standard input. For every output: the models,
    LoRAs and control models with their strengths, the prompts, seed, steps, cfg, sampler, scheduler and size, as far as
    links tell; then packs of custom nodes and node types. Where a picture holds the prompt that was run, that is told.

    \b
      wftools show picture.png
      wftools show output/ --where "sampler=euler and model~xl and steps>=20"
      wftools show output/ --where "prompt~'red fox' and not lora" -l
      wftools show picture.png --format parameters

    Fields of expressions: model (what makes the picture), checkpoint, encoder, vae, lora, control, prompt, negative,
    seed, steps, cfg, guidance, sampler, scheduler, denoise, width, height, batch, frames, service, input, node, nodes,
    pack, title, file, form, container.
    A field alone asks whether there is any.

    Exit status: 0 fine, 1 nothing is true of --where, 2 wrong usage, or a file that could not be looked at.
    """
    from wftools.overview.files import look_at_files
    from wftools.overview.where import parse

    expression = parse(where) if where is not None else None
    faults: list[Seen] = []
    shown = 0

    def picked(progress: FilesProgress) -> Iterator[Seen]:
        nonlocal shown
        for each in look_at_files(paths or (".",), catalogue, expression, progress.begin):
            if each.error is not None:
                faults.append(each)
                with progress.aside():
                    show_error(each.error)
            shown += each.overview is not None and each.is_picked
            if each.is_picked:
                yield each

    with files_progress() as progress:
        for piece in REPORTERS.load("paths" if only_paths else output_format).render(picked(progress)):
            with progress.aside():
                emit(piece)
    if not shown and not faults and where is None:
        note("no workflow files found")
    ctx.exit(2 if faults else 1 if where is not None and not shown else 0)
