"""wftools merge"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from wftools.cli.options import catalogue_options
from wftools.cli.output import emit, note, write_result
from wftools.errors import FAILED, counted
from wftools.escaping import json_bytes

if TYPE_CHECKING:
    from wftools.catalog.lookup import Catalogue
    from wftools.merge import Favor


@click.command("merge", short_help="Make one workflow of two that come from one.")
@click.argument("base")
@click.argument("ours")
@click.argument("theirs")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Where to write.")
@click.option(
    "--favor",
    type=click.Choice(["ours", "theirs", "union"]),
    help="Whose wish is taken where the two disagree, so that no conflict is left; union: what both have, where both "
    "can be had.",
)
@click.option(
    "--chain", is_flag=True, help="Where both put nodes in between on one link, have both: ours, then theirs."
)
@click.option("--visible", is_flag=True, help="Mark conflicts in the graph, too: a red group, and a note beside it.")
@click.option("--labels", nargs=3, metavar="BASE OURS THEIRS", help="What to call the three where people read it.")
@click.option(
    "--output-format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How the decisions are told: on standard error, or with -o as JSON on standard output.",
)
@catalogue_options("newest")
@click.pass_context
def command(
    ctx: click.Context,
    *,
    base: str,
    ours: str,
    theirs: str,
    output: Path | None,
    favor: Favor | None,
    chain: bool,
    visible: bool,
    labels: tuple[str, str, str] | None,
    output_format: str,
    catalogue: Catalogue,
) -> None:
    """Make one workflow of two that come from one, node by node and value by value.

    OURS and THEIRS are what became of BASE, which is empty, or /dev/null, if both added the file. The result has OURS'
    spelling and ids, and goes to standard output. Where the two want different things, it has OURS' for now, opens in
    ComfyUI, and has a record of what to decide: see `wftools conflicts` and `wftools resolve`.

    Files of which one is no workflow are merged line by line, as `git merge-file` does it.

    \b
      wftools merge base.json ours.json theirs.json -o merged.json
      git show :1:flow.json > base.json && wftools merge base.json flow.json their.json --favor theirs

    Exit status: 0 merged; 1 with conflicts (of a merge by lines, as many as there are, up to 127); 2 not merged.
    """
    from wftools.git.merging import merge_files
    from wftools.merge import Labels
    from wftools.merge.json_report import merge_report
    from wftools.merge.telling import told_merge

    if (base, ours, theirs).count("-") > 1:
        raise click.UsageError("standard input cannot be two files")
    if output_format == "json" and output is None:
        raise click.UsageError("--output-format json needs -o: standard output is taken by the merged file")
    made = merge_files(
        base,
        ours,
        theirs,
        str(output or ours),
        favor=favor,
        chain=chain,
        visible=visible,
        labels=Labels(*labels) if labels else None,
        catalogue=catalogue,
    )
    if made.message:
        note(made.message)
    elif made.merged is None:
        note(f"merged line by line, as one is no workflow: {counted(made.status, 'conflict')}")
    if made.data is None:
        ctx.exit(FAILED)
    write_result(made.data, output)
    if made.merged is not None and output_format == "json":
        emit(json_bytes(merge_report(made.merged).model_dump(exclude_unset=True)))
    elif made.merged is not None:
        for line in told_merge(made.merged, catalogue):
            note(line)
    ctx.exit(made.status)
