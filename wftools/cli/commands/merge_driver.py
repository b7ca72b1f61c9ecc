"""wftools merge-driver"""

from __future__ import annotations

from shlex import quote

import click

from wftools.cli.output import note, show_error


@click.command("merge-driver", short_help="Merge the three files that git names; git calls it.")
@click.argument("base")
@click.argument("ours")
@click.argument("theirs")
@click.argument("marker_size", type=click.IntRange(1), default=7)
@click.argument("path", default="")
@click.argument("labels", nargs=-1)
@click.pass_context
def command(
    ctx: click.Context,
    *,
    base: str,
    ours: str,
    theirs: str,
    marker_size: int,
    path: str,
    labels: tuple[str, ...],
) -> None:
    """Merge the three files that git names, and leave the result in that of OURS, as git wants it from a driver.

    `wftools git install` has git call it; to merge files yourself, use `wftools merge`. What is no workflow is merged
    line by line, as git does it. LABELS are what git calls base, ours and theirs.

    \b
      wftools merge-driver %O %A %B %L %P %S %X %Y

    Exit status: 0 merged; 1 with conflicts, which the file records; 129 no merge was made, and OURS is as it was.
    """
    from wftools.errors import WftoolsError, counted, foreseen
    from wftools.git.driver import NO_MERGE, drive
    from wftools.merge import Labels

    # A git before 2.45 knows no labels, and passes on the letters that stand for them.
    named = dict(zip(("base", "ours", "theirs"), labels, strict=False))
    known = {side: label for side, label in named.items() if label and not label.startswith("%")}
    name = path or ours
    try:
        with foreseen(name):
            driven = drive(base, ours, theirs, name, labels=Labels(**known), marker_size=marker_size)
    except WftoolsError as error:
        show_error(error)
        ctx.exit(NO_MERGE)
    if driven.message:
        note(f"{name}: {driven.message}")
    if driven.merged is not None and driven.merged.conflicts:
        count = len(driven.merged.conflicts)
        note(f"{name}: {counted(count, 'conflict')}; to resolve: wftools resolve {quote(name)}")
    ctx.exit(driven.status)
