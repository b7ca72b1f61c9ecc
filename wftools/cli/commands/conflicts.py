"""wftools conflicts"""

from __future__ import annotations

import click

from wftools.cli.output import emit, show_error
from wftools.errors import FAILED
from wftools.escaping import json_bytes


@click.command("conflicts", short_help="Show the open conflicts of merged workflow files.")
@click.argument("paths", nargs=-1, required=True, metavar="FILE...")
@click.option(
    "--output-format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How conflicts are shown: json is for machines.",
)
@click.pass_context
def command(ctx: click.Context, *, paths: tuple[str, ...], output_format: str) -> None:
    """Show the open conflicts of merged workflow files: what each side wants, and what the file has for now.

    \b
      wftools conflicts flow.json
      wftools conflicts workflows/*.json --output-format json

    Exit status: 0 none is open, 1 some are, 2 a file cannot be read.
    """
    from wftools.merge.files import conflicts_in_files
    from wftools.merge.json_report import conflicts_report
    from wftools.merge.telling import told_files

    found = conflicts_in_files(paths)
    if output_format == "json":
        report = conflicts_report((file.name, file.conflicts) for file in found if file.error is None)
        emit(json_bytes(report.model_dump(exclude_unset=True)))
    elif text := told_files(found):
        emit(text)
    for file in found:
        if file.error is not None:
            show_error(file.error)
    are_open = any(file.conflicts for file in found)
    ctx.exit(FAILED if any(file.error for file in found) else int(are_open))
