"""wftools mergetool"""

from __future__ import annotations

import click

from wftools.cli.commands.resolve import command as resolve
from wftools.cli.output import note


@click.command("mergetool", short_help="Merge the files that git mergetool names, and ask about conflicts.")
@click.argument("base")
@click.argument("local")
@click.argument("remote")
@click.argument("merged")
@click.pass_context
def command(ctx: click.Context, *, base: str, local: str, remote: str, merged: str) -> None:
    """Resolve the conflicts of a file that git could not merge, in the terminal: what `git mergetool` calls.

    MERGED has what git's merge made of LOCAL and REMOTE. If that is no merged workflow, since the driver was not
    installed, the three versions are merged anew. What is resolved already stays as it is.

    \b
      git mergetool --tool wftools
      wftools mergetool base.json local.json remote.json merged.json

    Exit status: 0 all conflicts are resolved; 1 some are left open; 2 the versions are no workflows.
    """
    from wftools.git.driver import prepare

    for line in prepare(base, local, remote, merged):
        note(line)
    ctx.invoke(resolve, path=merged)
