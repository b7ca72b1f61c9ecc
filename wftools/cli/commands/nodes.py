"""wftools nodes"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from wftools.cli.options import catalogue_options, nodes_option
from wftools.cli.output import emit, note, write_result
from wftools.escaping import json_bytes

if TYPE_CHECKING:
    from wftools.catalog.lookup import Catalogue


@click.group("nodes", short_help="Say which node types there are, and what they take and give.")
def command() -> None:
    """Say which node types there are, and what they take and give.

    \b
      wftools nodes list sampl
      wftools nodes show KSampler --target comfyui==0.33.0
    """


@command.command("list")
@click.argument("pattern", required=False)
@click.option("--implemented", "what", flag_value="implemented", help="Those of ComfyUI's core that run, by category.")
@click.option("--missing", "what", flag_value="missing", help="Those of ComfyUI's core that do not run, by category.")
@click.option("--counts", "what", flag_value="counts", help="Only how many run of each category, as a table.")
@click.option(
    "--packs", "what", flag_value="packs", help="The packs of custom nodes that are known, and which version."
)
@click.option("--json", "as_json", is_flag=True, help="An array of objects for machines.")
@nodes_option
@catalogue_options("shipped")
def list_nodes(
    *, catalogue: Catalogue, packs: tuple[Path, ...], pattern: str | None, what: str | None, as_json: bool
) -> None:
    """List node types by name: those with PATTERN in their name or category, or all.

    With --implemented, --missing or --counts, the core of one version of ComfyUI is meant, without the nodes that ask a
    paid server. With --packs, PATTERN is looked for in the names and repositories of packs.

    \b
      wftools nodes list
      wftools nodes list image/
      wftools nodes list --packs impact
      wftools nodes list --missing
      wftools nodes list --implemented --json
    """
    from wftools.catalog.coverage import core, coverage, listing_of, table
    from wftools.catalog.description import entries, listed, listing

    if what == "packs":
        from wftools.catalog.packs import known as known_of_packs

        shipped = known_of_packs.known_packs(pattern)
        emit(json_bytes(known_of_packs.entries(shipped)) if as_json else known_of_packs.listing(shipped))
        return
    if what is None:
        found = listed(_with(packs, catalogue), pattern)
        emit(json_bytes(entries(found)) if as_json else listing(found))
        return
    known = listed(core(catalogue), pattern)
    if as_json:
        wanted = coverage(known)
        types = {name for each in wanted for name in (each.missing if what == "missing" else each.implemented)}
        chosen = [each for each in known if each.type in types] if what != "counts" else known
        emit(json_bytes(entries(chosen)))
    elif what == "counts":
        emit(table(coverage(known, levels=1)))
    else:
        emit(listing_of(coverage(known), missing=what == "missing"))


@command.command("show")
@click.argument("node_type", metavar="TYPE")
@click.option("--json", "as_json", is_flag=True, help="The entry of object_info, as a ComfyUI server gives it.")
@nodes_option
@catalogue_options("shipped")
def show_node(*, catalogue: Catalogue, packs: tuple[Path, ...], node_type: str, as_json: bool) -> None:
    """Show the inputs and outputs of a node type.

    \b
      wftools nodes show KSampler
      wftools nodes show KSampler --target comfyui==0.3.64 --json
    """
    from wftools.catalog.description import description, entry

    known = _with(packs, catalogue)
    emit(json_bytes(entry(known, node_type)) if as_json else description(known, node_type))


@command.command("scan")
@click.argument("folders", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FOLDER...")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Where to write. Without: standard output.",
)
@click.option(
    "--report",
    "report_file",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write what is known and what is not, pack by pack, as JSON (schema: report-scan).",
)
@click.option(
    "--target",
    metavar="comfyui==VERSION",
    help="The version of ComfyUI whose constants and own nodes packs stand on. Without: the newest that is known.",
)
@click.option(
    "--portable",
    is_flag=True,
    help="Mark choices that come out of files in a pack as open, since others have other files there.",
)
@click.option("--strict", is_flag=True, help="Exit with 1 if something is not known.")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing on standard error.")
@click.pass_context
def scan_nodes(
    ctx: click.Context,
    *,
    folders: tuple[Path, ...],
    output: Path | None,
    report_file: Path | None,
    target: str | None,
    portable: bool,
    strict: bool,
    quiet: bool,
) -> None:
    """Read the source of packs of custom nodes, and print what their nodes take and give, as `--object-info` takes it.

    FOLDER is a ComfyUI's custom_nodes folder, a ComfyUI, or one pack (a folder or a .py file). Nothing of a pack is
    imported or run. What its source does not tell is marked as unknown, and never guessed.

    \b
      wftools nodes scan ComfyUI/custom_nodes -o nodes.json
      wftools lint flow.json --object-info nodes.json
      wftools nodes scan ComfyUI/custom_nodes/my-pack --report report.json

    Exit status: 0 done, 1 with --strict something is not known, 2 there is no such folder, or no pack in it.
    """
    from wftools.catalog.target import Target
    from wftools.catalog.target import target as parse
    from wftools.cli.progress import status
    from wftools.scan.json_report import report
    from wftools.scan.packs import object_info, packs_in, scan_all
    from wftools.scan.summary import summary

    version = (parse(target) if target is not None else Target()).version
    packs = [pack for folder in folders for pack in packs_in(folder)]
    with status(quiet=quiet) as telling:
        found = list(scan_all(packs, version, keeps=False, portable=portable, telling=telling))
    if report_file is not None:
        write_result(json_bytes(report(version, found).model_dump()), report_file)
    for line in () if quiet else summary(found):
        note(line)
    write_result(json_bytes(object_info(found)), output)
    ctx.exit(int(strict and not all(pack.is_whole for pack in found)))


def _with(packs: tuple[Path, ...], catalogue: Catalogue) -> Catalogue:
    """A catalogue that knows some packs, too."""
    if not packs:
        return catalogue
    from wftools.folders import Folders
    from wftools.nodepacks import NodePacks

    return replace(catalogue, declared=NodePacks(packs, Folders()))
