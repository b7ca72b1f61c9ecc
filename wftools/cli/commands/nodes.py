"""wftools nodes"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from wftools.cli.options import catalogue_options, nodes_option
from wftools.cli.output import emit
from wftools.escaping import json_bytes

if TYPE_CHECKING:
    from pathlib import Path

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
@click.option("--json", "as_json", is_flag=True, help="An array of objects for machines.")
@nodes_option
@catalogue_options("shipped")
def list_nodes(
    *, catalogue: Catalogue, packs: tuple[Path, ...], pattern: str | None, what: str | None, as_json: bool
) -> None:
    """List node types by name: those with PATTERN in their name or category, or all.

    With --implemented, --missing or --counts, the core of one version of ComfyUI is meant, without the nodes that ask a
    paid server.

    \b
      wftools nodes list
      wftools nodes list image/
      wftools nodes list --missing
      wftools nodes list --implemented --json
    """
    from wftools.catalog.coverage import core, coverage, listing_of, table
    from wftools.catalog.description import entries, listed, listing

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


def _with(packs: tuple[Path, ...], catalogue: Catalogue) -> Catalogue:
    """A catalogue that knows some packs, too."""
    if not packs:
        return catalogue
    from wftools.folders import Folders
    from wftools.nodepacks import NodePacks

    return replace(catalogue, declared=NodePacks(packs, Folders()))
