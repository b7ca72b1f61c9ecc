"""wftools log"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

import click

from wftools.cli.options import catalogue_options
from wftools.cli.output import emit
from wftools.escaping import json_bytes

if TYPE_CHECKING:
    from wftools.catalog.lookup import Catalogue
    from wftools.diff.compare import Level


@click.command("log", short_help="Tell the history of a workflow by what each commit did to it.")
@click.argument("file")
@click.argument("revisions", nargs=-1)
@click.option("-n", "--max-count", "most", type=click.IntRange(0), metavar="N", help="No more than so many commits.")
@click.option("--since", metavar="DATE", help="Commits after a date, as git reads it: 2026-01-31, 2.weeks, yesterday.")
@click.option("--until", metavar="DATE", help="Commits before a date.")
@click.option(
    "--level",
    type=click.Choice(("exec", "semantic", "layout", "all")),
    default="semantic",
    show_default=True,
    help="What counts as a change, as for `wftools diff`.",
)
@click.option("--only-changes", is_flag=True, help="Leave out commits that changed nothing at the level.")
@click.option("--stat", is_flag=True, help="Only say how many nodes came, went and changed.")
@click.option("-v", "--verbose", is_flag=True, help="Tell long values in full.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object: see `wftools schema report-log`.")
@catalogue_options("newest")
def command(
    *,
    file: str,
    revisions: tuple[str, ...],
    most: int | None,
    since: str | None,
    until: str | None,
    level: Level,
    only_changes: bool,
    stat: bool,
    verbose: bool,
    as_json: bool,
    catalogue: Catalogue,
) -> None:
    """Tell the history of a workflow by what each commit did to it, the newest first.

    A renamed file is followed. REVISIONS are where to start, or ranges; a version that is no workflow is told as such.
    A merge is told where it did more than put its sides together.

    \b
      wftools log flow.json
      wftools log flow.json -n 5 --since 2.weeks
      wftools log flow.json v1.0..main --only-changes --level exec

    Exit status: 0 told; 2 git does not know the file, or a revision.
    """
    from wftools.diff.report import Options
    from wftools.git.histories import log
    from wftools.git.histories.json_report import log_report
    from wftools.git.histories.telling import entry_text

    options = Options(level, catalogue=catalogue, is_full=verbose)
    entries = log(file, revisions, options=options, since=since, until=until, only_changes=only_changes)
    chosen = islice(entries, most)
    if as_json:
        emit(json_bytes(log_report(file, chosen)))
        return
    for index, entry in enumerate(chosen):
        emit(("\n" if index else "") + entry_text(entry, options, "stat" if stat else "text"))
