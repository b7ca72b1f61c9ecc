"""wftools conflicts"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from wftools.cli.output import kept_file, show_error, show_file, write_result
from wftools.errors import FAILED
from wftools.escaping import json_bytes

_FORMATS: Final = {".html": "html", ".htm": "html", ".json": "json"}


@click.command("conflicts", short_help="Show the open conflicts of merged workflow files.")
@click.argument("paths", nargs=-1, required=True, metavar="FILE...")
@click.option(
    "--output-format",
    type=click.Choice(["text", "json", "html"]),
    help="How conflicts are shown: json is for machines, html is a page to choose on, of one file. Without: as the name"
    " of the output says (.html, .json), else as text.",
)
@click.option("--html", "output_format", flag_value="html", help="The same as --output-format html.")
@click.option("--open", "is_opening", is_flag=True, help="Show the page with the system's viewer.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Where to write.")
@click.pass_context
def command(
    ctx: click.Context, *, paths: tuple[str, ...], output_format: str | None, is_opening: bool, output: Path | None
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
    form = output_format or _FORMATS.get(output.suffix.lower() if output is not None else "", "text")
    if form == "html":
        if len(found) != 1:
            raise click.UsageError("a page shows the conflicts of one file")
        if found[0].error is None:
            write_result(merge_page(found[0]), output)
            if is_opening:
                show_file(str(output))
    elif form == "json":
        report = conflicts_report((file.name, file.conflicts) for file in found if file.error is None)
        write_result(json_bytes(report.model_dump(exclude_unset=True)), output)
    elif text := told_files(found):
        write_result(text, output)
    for file in found:
        if file.error is not None:
            show_error(file.error)
    are_open = any(file.conflicts for file in found)
    ctx.exit(FAILED if any(file.error for file in found) else int(are_open))
