"""wftools draw"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from wftools.cli.options import catalogue_options
from wftools.cli.output import emit

if TYPE_CHECKING:
    from wftools.catalog.lookup import Catalogue
    from wftools.draw.formats import Theme

_FORMATS = ("dot", "html", "mermaid", "png", "svg")


@click.command("draw", short_help="Draw workflows as the editor shows them: SVG, HTML, PNG, dot, mermaid.")
@click.argument("path", metavar="FILE")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path, allow_dash=True),
    metavar="PICTURE",
    help="Where to write; the name says the format: .svg, .html, .png, .dot, .mmd. Without, or -: standard output.",
)
@click.option("--format", "form", type=click.Choice(_FORMATS), help="The format, if no name says it. Without: svg.")
@click.option(
    "--scope",
    metavar="NAME|all",
    help="Draw the inside of a subgraph, by its name or id, or everything. Without: everything into a page, "
    "else what is outermost.",
)
@click.option(
    "--theme",
    type=click.Choice(["auto", "dark", "light"]),
    default="auto",
    show_default=True,
    help="auto: as whoever looks at it prefers; a PNG is dark.",
)
@click.option(
    "--embed/--no-embed",
    "embeds",
    default=None,
    help="Whether to put the workflow into an SVG or a PNG, so that ComfyUI opens it. Without: into a PNG.",
)
@catalogue_options("newest")
def command(
    *,
    path: str,
    output: Path | None,
    form: str | None,
    scope: str | None,
    theme: Theme,
    embeds: bool | None,
    catalogue: Catalogue,
) -> None:
    """Draw a workflow as the editor shows it: nodes where they stand, with their values, links, groups and subgraphs.

    FILE is a UI workflow, an API prompt, which is laid out, a file that has one of them embedded, or - for standard
    input. A page (.html) is one file that needs nothing else; it pans, zooms, searches, and opens subgraphs. A PNG has
    the workflow embedded, so that ComfyUI opens it.

    \b
      wftools draw flow.json -o flow.svg
      wftools draw flow.json -o flow.html
      wftools draw flow.json --format mermaid

    Exit status: 0 drawn, 2 not.
    """
    from wftools.draw.files import STDOUT, draw_file, format_of

    target = None if output is None or str(output) == STDOUT else output
    form = form or (format_of(target) if target is not None else "svg")
    picture = draw_file(path, catalogue, form, target, scope=scope, theme=theme, embeds=embeds)
    if picture is not None:
        emit(picture)
