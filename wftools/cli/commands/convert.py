"""wftools convert"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from wftools.cli.options import catalogue_options
from wftools.cli.output import emit, note, show_error
from wftools.errors import FAILED

if TYPE_CHECKING:
    from wftools.catalog.lookup import Catalogue
    from wftools.document import Form


LOST: Final = 1  # the exit status of --strict where values were lost


@click.command("convert", short_help="Turn UI workflows into API prompts and back, in and out of pictures.")
@click.argument("paths", nargs=-1, required=True)
@click.option(
    "--to",
    "form",
    type=click.Choice(["api", "ui"]),
    help="The form wanted: a prompt for the server, or a workflow for the editor.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE|FOLDER",
    help="Where to write. Without: standard output, for one workflow. Several go to a folder, each as NAME.json.",
)
@click.option(
    "--embed",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="PICTURE",
    help="Put the workflow into a copy of PICTURE (or of a video, sound …), which is written to -o. Without "
    "--to: both forms, as ComfyUI does.",
)
@click.option(
    "--from",
    "start",
    type=click.Choice(["workflow", "prompt"]),
    help="What to start from if a file holds both. Without: the one that has the wanted form.",
)
@catalogue_options("newest")
@click.option(
    "--prefer-named",
    is_flag=True,
    help="Take the values of widgets by name where a workflow has their names. The editor goes by place.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Decides choices in prompts: {red|green}.")
@click.option(
    "--strict", is_flag=True, help="Exit with status 1 if values were lost. Everything is written all the same."
)
@click.pass_context
def command(
    ctx: click.Context,
    *,
    paths: tuple[str, ...],
    form: Form | None,
    output: Path | None,
    embed: Path | None,
    start: str | None,
    catalogue: Catalogue,
    prefer_named: bool,
    seed: int,
    strict: bool,
) -> None:
    """Convert workflow files: what the editor saves to what the server runs, as the editor's own export does it, and
    prompts to workflows that the editor opens.

    PATHS are UI workflows, API prompts, files that have one of them embedded, folders, or - for standard input.

    \b
      wftools convert flow.json --to api > prompt.json
      wftools convert prompts/ --to ui -o workflows/
      wftools convert picture.png --to ui -o flow.json
      wftools convert flow.json --embed picture.png -o picture-with-workflow.png

    Warnings say what could not be kept, among it the values of nodes whose type is not known, where the file does not
    name them. Exit status: 0 all converted, 1 values were lost and --strict was given, 2 something was not converted.
    """
    from wftools.convert.files import Conversion, convert_files, embed_file

    starts: dict[str, Form] = {"workflow": "ui", "prompt": "api"}
    conversion = Conversion(catalogue, starts.get(start or ""), prefer_named=prefer_named, seed=seed)
    if embed is not None:
        if output is None or len(paths) != 1:
            raise click.UsageError("--embed takes one workflow and needs -o")
        files = iter((embed_file(conversion, paths[0], form, embed, output),))
    elif form is not None:
        files = convert_files(conversion, paths, form, output)
    else:
        raise click.UsageError("say --to api or --to ui")
    status = 0
    for file in files:
        for warning in file.warnings:
            note(f"{file.name}: {warning}")
        if file.error is not None:
            show_error(file.error)
            status = FAILED
            continue
        if file.lost and strict:
            status = max(status, LOST)
        if file.text is not None:
            emit(file.text.encode())
    ctx.exit(status)
