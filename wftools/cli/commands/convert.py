"""wftools convert"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from wftools.cli.options import catalogue_options
from wftools.cli.output import emit, note, show_error
from wftools.cli.progress import files_progress
from wftools.errors import FAILED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wftools.catalog.lookup import Catalogue
    from wftools.convert.files import ConvertedFile
    from wftools.document import Form


LOST: Final = 1  # the exit status of --strict where values were lost


@click.command("convert", short_help="Turn UI workflows into API prompts and back, in and out of pictures.")
@click.argument("paths", nargs=-1, required=True)
@click.option(
    "--to",
    "form",
    type=click.Choice(["api", "ui"]),
    help="The form wanted: a prompt for the server, or a workflow for the editor. Without: the other one.",
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
      wftools convert flow.json > prompt.json
      wftools convert prompts/ --to ui -o workflows/
      wftools convert picture.png --to ui -o flow.json
      wftools convert flow.json --embed picture.png -o picture-with-workflow.png

    Warnings say what could not be kept, among it the values of nodes whose type is not known, where the file does not
    name them. Exit status: 0 all converted, 1 values were lost and --strict was given, 2 something was not converted.
    """
    from wftools.convert.files import Conversion, convert_files, embed_file

    starts: dict[str, Form] = {"workflow": "ui", "prompt": "api"}
    conversion = Conversion(catalogue, starts.get(start or ""), prefer_named=prefer_named, seed=seed)
    if embed is not None and (output is None or len(paths) != 1):
        raise click.UsageError("--embed takes one workflow and needs -o")
    status = 0
    done: list[ConvertedFile] = []
    with files_progress() as progress:
        for file in (
            convert_files(conversion, paths, form, output, begin=progress.begin)
            if embed is None or output is None
            else (embed_file(conversion, paths[0], form, embed, output),)
        ):
            done.append(file)
            status = max(status, FAILED if file.error is not None else LOST if file.lost and strict else 0)
            if file.warnings or file.error is not None:
                with progress.aside():
                    _tell(file)
            if file.text is not None:
                emit(file.text.encode())
    if len(paths) > 1 or Path(paths[0]).is_dir():
        note(_summary(done))
    ctx.exit(status)


def _tell(file: ConvertedFile) -> None:
    for warning in file.warnings:
        note(f"{file.name}: {warning}")
    if file.error is not None:
        show_error(file.error)


def _summary(files: Sequence[ConvertedFile]) -> str:
    """3 written, 1 of them with losses; 2 passed over; 1 not converted"""
    losing = sum(bool(file.lost) for file in files)
    failed = sum(file.error is not None for file in files)
    others = sum(file.is_other for file in files)
    parts = [f"{len(files) - failed - others} written" + (f", {losing} of them with losses" if losing else "")]
    parts += [f"{others} passed over, since no workflow is in them"] if others else []
    parts += [f"{failed} not converted"] if failed else []
    return "; ".join(parts)
