"""wftools set"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from wftools.cli.options import catalogue_options
from wftools.cli.output import emit, note
from wftools.escaping import printable

if TYPE_CHECKING:
    from wftools.catalog.lookup import Catalogue


@click.command("set", short_help="Change values in a workflow file, and nothing else.")
@click.argument("path", metavar="FILE")
@click.argument("settings", nargs=-1, metavar="[NODE.INPUT=VALUE]...")
@click.option("--bypass", multiple=True, metavar="NODE", help="Let a node pass on what it gets. Repeatable.")
@click.option("--mute", multiple=True, metavar="NODE", help="Let a node not run. Repeatable.")
@click.option("--enable", multiple=True, metavar="NODE", help="Let a node run again. Repeatable.")
@click.option("-o", "--output", metavar="FILE", help="Where to write; - is standard output. Without: in place.")
@click.option("--diff", "with_diff", is_flag=True, help="Write nothing; print what would change.")
@click.option("--shared", is_flag=True, help="Change a value also where other inputs have it from the same place.")
@click.option("--force", is_flag=True, help="Take a value that the input is not declared to take.")
@catalogue_options("newest")
def command(
    *,
    path: str,
    settings: tuple[str, ...],
    bypass: tuple[str, ...],
    mute: tuple[str, ...],
    enable: tuple[str, ...],
    output: str | None,
    with_diff: bool,
    shared: bool,
    force: bool,
    catalogue: Catalogue,
) -> None:
    """Change values in a workflow file, and nothing else: git shows the lines that changed.

    FILE is a UI workflow, an API prompt, a file that has them embedded, or - for standard input, which goes to standard
    output. Nodes are named as for run --set: by id (57:3 is node 3 in the subgraph instance 57), or by a title or type
    that only one node has. VALUE is JSON, or a text.

    \b
      wftools set flow.json KSampler.steps=30 6.text="a red fox"
      wftools set flow.json --bypass "Upscale Image" -o without-upscaling.json
      wftools set picture.png 3.seed=5 -o other.png

    All is changed, or nothing. The value of an input of a subgraph is changed where it comes from; if other instances
    or inputs have it from the same place, --shared is needed. What feeds a linked input is named instead.

    Exit status: 0 done, or nothing to do; 2 something cannot be set, read or written.
    """
    from wftools.graph.naming import setting
    from wftools.setting import Switch
    from wftools.setting.files import set_file

    switches = [
        *(Switch(node, "bypass") for node in bypass),
        *(Switch(node, "mute") for node in mute),
        *(Switch(node, "enable") for node in enable),
    ]
    if not settings and not switches:
        raise click.UsageError("say what to set: NODE.INPUT=VALUE, or --bypass, --mute or --enable NODE")
    file = set_file(
        path,
        [setting(each) for each in settings],
        switches,
        catalogue,
        output=output,
        force=force,
        shared=shared,
        writes=not with_diff,
    )
    if with_diff and sys.stdout is not None and sys.stdout.isatty():
        emit(printable(file.diff.removesuffix("\n"), keep="\n\t"))
    elif with_diff:
        emit(file.diff.encode())  # to be applied
    for line in file.said:
        note(f"{file.name}: {line}")
    if file.content is not None:
        emit(file.content)
