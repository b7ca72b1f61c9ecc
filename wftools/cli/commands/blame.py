"""wftools blame"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from wftools.cli.options import catalogue_options
from wftools.cli.output import emit
from wftools.escaping import json_bytes

if TYPE_CHECKING:
    from wftools.catalog.lookup import Catalogue


@click.command("blame", short_help="Say who last set each value, link and node of a workflow.")
@click.argument("file")
@click.argument("revision", required=False)
@click.option("--node", "nodes", multiple=True, metavar="NODE", help="Only this one: an id, title or type. Repeatable.")
@click.option("-v", "--verbose", is_flag=True, help="Tell long values in full.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object: see `wftools schema report-blame`.")
@catalogue_options("newest")
def command(
    *, file: str, revision: str | None, nodes: tuple[str, ...], verbose: bool, as_json: bool, catalogue: Catalogue
) -> None:
    """Say who last set each value, link and node of a workflow, by the history that git has of the file.

    Facts are followed through renamed files, renumbered nodes and merges. Without REVISION the file is taken as it is,
    and what is not committed yet is said to be.

    \b
      wftools blame flow.json
      wftools blame flow.json v1.0 --node KSampler

    Exit status: 0 done; 2 the file is no workflow, or git does not know it.
    """
    from wftools.git.histories import blame
    from wftools.git.histories.json_report import blame_report
    from wftools.git.histories.telling import blame_text

    found = blame(file, revision, nodes=nodes, catalogue=catalogue)
    emit(json_bytes(blame_report(found)) if as_json else blame_text(found, is_full=verbose))
