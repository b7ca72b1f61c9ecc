"""wftools schema"""

from __future__ import annotations

import json
from pathlib import Path

import click

from wftools.cli.output import emit, show_error
from wftools.schemas import MODELS

INVALID = 1


@click.command("schema", short_help="Print the JSON Schema of a file format, or check files with it.")
@click.argument("name", type=click.Choice(list(MODELS)), required=False)
@click.argument("files", nargs=-1, type=click.Path(path_type=str))
@click.option(
    "--write",
    metavar="FOLDER",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write every schema into a folder, and stop.",
)
@click.pass_context
def command(ctx: click.Context, *, name: str | None, files: tuple[str, ...], write: Path | None) -> None:
    """Print the JSON Schema (draft 2020-12) of a file format, or check FILES with it.

    \b
      wftools schema                               names
      wftools schema workflow-api > schema.json
      wftools schema workflow-ui-0.4 flow.json
      wftools schema --write schemas/

    Exit status: 0 printed, or all files valid; 1 some file is not; 2 wrong usage or an unreadable file.
    """
    from wftools.errors import FAILED, WftoolsError, foreseen
    from wftools.escaping import printable
    from wftools.schemas import schema, violations, write_all

    if write is not None:
        write_all(write)
    elif name is None:
        emit("\n".join(MODELS))
    elif not files:
        emit(json.dumps(schema(name), indent=2))
    else:
        status = 0
        for file in files:
            try:
                with foreseen(file):
                    found = list(violations(name, file))
            except WftoolsError as error:
                show_error(error)
                status = FAILED
                continue
            for place, message in found:
                emit(printable(f"{place}: {message}"))
                status = status or INVALID
        ctx.exit(status)
