"""wftools diff"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from wftools.cli.options import catalogue_options
from wftools.cli.output import kept_file, show_error, show_file, write_result
from wftools.diff.reporters import REPORTERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wftools.catalog.lookup import Catalogue
    from wftools.diff.compare import Level
    from wftools.diff.files import Versions
    from wftools.diff.matching import By

LEVELS: Final = ("exec", "semantic", "layout", "all")
COLOURS: Final = {"auto": None, "always": True, "never": False}
_FORMATS: Final = {".html": "html", ".htm": "html", ".svg": "svg", ".json": "json", ".md": "markdown"}
_BEHIND: Final = "wftools.diff.behind"


class _Command(click.Command):
    """Remembers which arguments stand behind `--`: with --git they are paths."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.meta[_BEHIND] = tuple(args[args.index("--") + 1 :]) if "--" in args else ()
        return super().parse_args(ctx, args)


@click.command("diff", cls=_Command, short_help="Say what changed between two versions of a workflow.")
@click.argument("paths", nargs=-1)
@click.option("--git", "in_git", is_flag=True, help="PATHS are revisions of git, and after -- paths in them.")
@click.option("--staged", is_flag=True, help="With --git: compare with what is staged for the next commit.")
@click.option(
    "--level",
    type=click.Choice(LEVELS),
    default="semantic",
    show_default=True,
    help="What counts as a change: exec, what the server would run; semantic, also titles, notes and whatever else "
    "somebody meant; layout, also how it looks; all, also what opening and saving a workflow changes.",
)
@click.option("-q", "--quiet", is_flag=True, help="Print nothing; the exit status says whether something changed.")
@click.option("-v", "--verbose", is_flag=True, help="Tell all of it: long values in full, layout and noise as well.")
@click.option(
    "--through-reroutes",
    is_flag=True,
    help="Follow links to where their values come from: a Reroute, or a pair that sets and gets a value, is layout.",
)
@click.option("--packs", is_flag=True, help="Also tell which packs of custom nodes came, went or have other versions.")
@click.option(
    "--match",
    "by",
    type=click.Choice(["content", "id"]),
    default="content",
    show_default=True,
    help="How to find which node is which: by what they are, also if they were renumbered, or by their ids alone.",
)
@click.option(
    "--output-format",
    type=click.Choice(REPORTERS.names()),
    help="How changes are shown: text, stat and names for people, html and svg as pictures, markdown for pull requests,"
    " json for machines. Without: as the name of the output says (.html, .svg, .json, .md), else as text.",
)
@click.option("--stat", "output_format", flag_value="stat", help="The same as --output-format stat.")
@click.option(
    "--patch",
    "output_format",
    flag_value="patch",
    help="Write a patch, for `wftools apply`; with --level all to the byte.",
)
@click.option("--name-only", "output_format", flag_value="names", help="The same as --output-format names.")
@click.option("--html", "output_format", flag_value="html", help="The same as --output-format html: a page.")
@click.option("--open", "is_opening", is_flag=True, help="Show what was written with the system's viewer; a page.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Where to write.")
@click.option(
    "--color",
    "colour",
    type=click.Choice([*COLOURS]),
    default="auto",
    show_default=True,
    help="Whether to use colours.",
)
@catalogue_options("newest")
@click.pass_context
def command(
    ctx: click.Context,
    *,
    paths: tuple[str, ...],
    in_git: bool,
    staged: bool,
    level: Level,
    quiet: bool,
    verbose: bool,
    through_reroutes: bool,
    packs: bool,
    by: By,
    output_format: str | None,
    is_opening: bool,
    output: Path | None,
    colour: str,
    catalogue: Catalogue,
) -> None:
    """Say what changed between two versions of a workflow, node by node and in words.

    PATHS are an old and a new version: files with UI workflows or API prompts, pictures and the like that hold one,
    two folders, files at revisions (REV:PATH), or - for standard input.

    \b
      wftools diff old.json new.json
      wftools diff HEAD:flow.json flow.json
      wftools diff --git main -- workflows/
      wftools diff before.png after.png -o diff.html
      wftools diff --quiet --level exec old.json new.json && echo "the same pictures"

    Exit status: 0 no change at the level, 1 changes, 2 something could not be compared.
    """
    from wftools.diff.files import diff_files
    from wftools.diff.report import Options

    ctx.color = COLOURS[colour]
    options = Options(level, by, catalogue, sees_through_reroutes=through_reroutes, with_packs=packs, is_full=verbose)
    pairs = _in_git(paths, ctx.meta.get(_BEHIND, ()), is_staged=staged) if in_git else _named(paths)
    report = diff_files(pairs, options)
    if is_opening:
        output_format, output = output_format or "html", output or kept_file("diff.html")
    form = output_format or _FORMATS.get(output.suffix.lower() if output is not None else "", "text")
    if not quiet:
        result = REPORTERS.load(form).render(report)
        if result or output is not None:
            write_result(result, output)
        if is_opening:
            show_file(str(output))
    for fault in report.faults:
        show_error(fault)
    ctx.exit(report.exit_status)


def _named(paths: tuple[str, ...]) -> Iterator[Versions]:
    """The pairs of files that two names stand for."""
    from wftools.diff.files import FileOnDisk, versions
    from wftools.git import file_at, names_revision

    if len(paths) != 2:
        raise click.UsageError("name two versions, or revisions with --git")
    return versions(*(file_at(path) if names_revision(path) else FileOnDisk(path) for path in paths))


def _in_git(names: tuple[str, ...], behind: tuple[str, ...], *, is_staged: bool) -> Iterator[Versions]:
    """The files that differ between revisions. Without `--`, names that are on disk are paths, as git has it."""
    from wftools.diff.files import Versions
    from wftools.git import changed_files

    first = len(names) - len(behind)
    if not behind:
        first = next((index for index, name in enumerate(names) if os.path.lexists(name)), len(names))
    for file in changed_files(names[:first], names[first:], is_staged=is_staged):
        former = file.old.path if file.old is not None and file.is_renamed else None
        yield Versions(file.path, file.old, file.new, is_named=False, former=former)
