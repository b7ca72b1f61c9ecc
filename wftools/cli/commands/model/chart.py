"""wftools model chart"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from wftools.cli.options import folder_options
from wftools.cli.output import results_apart
from wftools.cli.quantising import fallback_option

if TYPE_CHECKING:
    from wftools.folders import Folders
    from wftools.weights.quantising.rules import Fallback


@click.command("chart", short_help="Draw size against error of a model in every type.")
@click.argument("source", metavar="IN", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="CHART",
    help="Where to write; the name says the format: .svg, .png, .html. Without: only the table is printed.",
)
@click.option("--types", metavar="TYPE,TYPE", help="Which types. Without: all that make the file smaller or change it.")
@click.option(
    "--probe",
    "workflow",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="WORKFLOW",
    help="Run a workflow that loads IN with each type, too, and measure how far its pictures move.",
)
@fallback_option
@folder_options
@click.option("-q", "--quiet", is_flag=True, help="Show no progress.")
def command(
    *,
    source: Path,
    output: Path | None,
    types: str | None,
    workflow: Path | None,
    fallback: Fallback | None,
    folders: Folders,
    quiet: bool,
) -> None:
    """Measure a model in every type that it could be in, and draw size against error, so that you can choose.

    Weights are encoded and decoded in memory; of a file with more than 134 million of them, 65,536 of each tensor are,
    and the chart says so. With --probe each type is written, run and removed.

    \b
      wftools model chart sd15.safetensors -o chart.html
      wftools model chart sd15.safetensors --types q8_0,q5_k_m,q4_0 --probe flow.json -o chart.png

    Exit status: 0 measured, 2 not, 130 interrupted.
    """
    from wftools.cli.progress import status
    from wftools.tradeoff.files import renderer, tradeoff_of, write_chart
    from wftools.tradeoff.telling import lines

    if output is not None:
        renderer(output)
    wanted = tuple(each.strip().lower() for each in types.split(",")) if types else ()
    with results_apart() as tell:
        with status(quiet=quiet) as told:
            made = tradeoff_of(source, wanted, workflow=workflow, folders=folders, fallback=fallback, told=told)
        tell("\n".join(lines(made)))
    if output is not None:
        write_chart(made, output)
