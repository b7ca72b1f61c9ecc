"""wftools textconv"""

from __future__ import annotations

import click

from wftools.cli.output import emit


@click.command("textconv", short_help="Print a workflow as lines that git can compare, a fact each.")
@click.argument("file")
@click.option("--format-version", type=click.Choice(["1"]), default="1", help="Of the lines; git keeps them under it.")
def command(*, file: str, format_version: str) -> None:  # noqa: ARG001  (there is one)
    """Print a workflow as lines that git can compare: one a fact, the same after renumbering, opening and saving.

    FILE is a JSON file, or a picture with a workflow in it, or - for standard input; what holds no workflow is printed
    as it is. `wftools git install` has `git diff`, `git log -p` and `git show` call it.

    \b
      wftools textconv flow.json
      diff <(wftools textconv old.json) <(wftools textconv new.json)

    Exit status: 0 printed; 2 the file could not be read.
    """
    from wftools.document.files import content
    from wftools.git.textconv import textconv

    emit(textconv(content(file), file))
