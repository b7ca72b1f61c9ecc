"""wftools conflicts"""

from __future__ import annotations

from pathlib import Path

import click

from wftools.cli.output import emit, kept_file, show_error, show_file
from wftools.errors import FAILED, Place, WftoolsError
from wftools.escaping import json_bytes
from wftools.writing import write_atomically


@click.command("conflicts", short_help="Show the open conflicts of merged workflow files.")
@click.argument("paths", nargs=-1, required=True, metavar="FILE...")
@click.option(
    "--output-format",
    type=click.Choice(["text", "json", "html"]),
    default="text",
    show_default=True,
    help="How conflicts are shown: json is for machines, html is a page to choose on, of one file.",
)
@click.option("--html", "output_format", flag_value="html", help="The same as --output-format html.")
@click.option("--open", "is_opening", is_flag=True, help="Show the page with the system's viewer.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Where to write.")
@click.pass_context
def command(
    ctx: click.Context, *, paths: tuple[str, ...], output_format: str, is_opening: bool, output: Path | None
) -> None:
    """Show the open conflicts of merged workflow files: what each side wants, and what the file has for now.

    The page draws base, ours and theirs, and has the wishes to choose from; the choices are saved for
    `wftools resolve --from`.

    \b
      wftools conflicts flow.json
      wftools conflicts flow.json --html --open
      wftools conflicts workflows/*.json --output-format json

    Exit status: 0 none is open, 1 some are, 2 a file cannot be read.
    """
    from wftools.merge.files import conflicts_in_files
    from wftools.merge.json_report import conflicts_report
    from wftools.merge.page import merge_page
    from wftools.merge.telling import told_files

    found = conflicts_in_files(paths)
    if is_opening:
        output_format, output = "html", output or kept_file("conflicts.html")
    if output_format == "html":
        if len(found) != 1:
            raise click.UsageError("a page shows the conflicts of one file")
        if found[0].error is None:
            _write(merge_page(found[0]), output)
            if is_opening:
                show_file(str(output))
    elif output_format == "json":
        report = conflicts_report((file.name, file.conflicts) for file in found if file.error is None)
        _write(json_bytes(report.model_dump(exclude_unset=True)), output)
    elif text := told_files(found):
        _write(text if output is None else click.unstyle(text).encode() + b"\n", output)
    for file in found:
        if file.error is not None:
            show_error(file.error)
    are_open = any(file.conflicts for file in found)
    ctx.exit(FAILED if any(file.error for file in found) else int(are_open))


def _write(result: str | bytes, output: Path | None) -> None:
    if output is None:
        emit(result)
        return
    try:
        write_atomically(output, result if isinstance(result, bytes) else result.encode())
    except OSError as error:
        raise WftoolsError(f"cannot be written: {error.strerror}", place=Place(str(output))) from error
