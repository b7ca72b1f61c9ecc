"""wftools nodes"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from wftools.cli.options import catalogue_options
from wftools.cli.output import emit
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
@click.option("--implemented", is_flag=True, help="Only those that `wftools run` can run.")
@click.option("--json", "as_json", is_flag=True, help="An array of objects for machines.")
@catalogue_options("shipped")
def list_nodes(*, catalogue: Catalogue, pattern: str | None, implemented: bool, as_json: bool) -> None:
    """List node types by name: those with PATTERN in their name or category, or all.

    \b
      wftools nodes list
      wftools nodes list image/
      wftools nodes list --implemented --json
    """
    from wftools.catalog.description import entries, listed, listing

    found = listed(catalogue, pattern, implemented=implemented)
    emit(json_bytes(entries(found)) if as_json else listing(found))


@command.command("show")
@click.argument("node_type", metavar="TYPE")
@click.option("--json", "as_json", is_flag=True, help="The entry of object_info, as a ComfyUI server gives it.")
@catalogue_options("shipped")
def show_node(*, catalogue: Catalogue, node_type: str, as_json: bool) -> None:
    """Show the inputs and outputs of a node type.

    \b
      wftools nodes show KSampler
      wftools nodes show KSampler --target comfyui==0.3.64 --json
    """
    from wftools.catalog.description import description, entry

    emit(json_bytes(entry(catalogue, node_type)) if as_json else description(catalogue, node_type))
