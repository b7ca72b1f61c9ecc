"""wftools lint"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from wftools.cli.options import catalogue_options
from wftools.cli.output import emit, note, show_error
from wftools.cli.progress import files_progress
from wftools.lint.reporters import REPORTERS, TellsByFile

if TYPE_CHECKING:
    from wftools.catalog.lookup import Catalogue
    from wftools.lint import Linted

SEVERITIES = ("error", "warning", "info", "never")


@click.command("lint", short_help="Report what ComfyUI would refuse, or silently do wrong.")
@click.argument("paths", nargs=-1)
@click.option("--select", metavar="RULES", help="Only these rules: codes, beginnings of codes or names, with commas.")
@click.option("--ignore", metavar="RULES", help="Not these rules.")
@click.option(
    "--output-format",
    type=click.Choice(REPORTERS.names()),
    default="full",
    show_default=True,
    help="How findings are shown: full and concise are for people, the others for machines.",
)
@click.option(
    "--fail-on",
    type=click.Choice(SEVERITIES),
    default="error",
    show_default=True,
    help="The least severity that makes the exit status 1.",
)
@catalogue_options("shipped")
@click.option("--skip-unknown", is_flag=True, help="Pass over named files that are no workflows.")
@click.option("--stdin-filename", metavar="NAME", help="What to call standard input in the report.")
@click.option("--explain", metavar="RULE", help="Explain a rule, and stop.")
@click.option("--rules", "list_rules", is_flag=True, help="List the rules, and stop.")
@click.pass_context
def command(
    ctx: click.Context,
    *,
    paths: tuple[str, ...],
    select: str | None,
    ignore: str | None,
    output_format: str,
    fail_on: str,
    catalogue: Catalogue,
    skip_unknown: bool,
    stdin_filename: str | None,
    explain: str | None,
    list_rules: bool,
) -> None:
    """Report what ComfyUI would refuse, or silently do wrong, in workflow files.

    PATHS are files, folders (without any: the current one), or - for standard input: UI workflows, API prompts, and
    pictures, videos or sounds that have one of them embedded.

    \b
      wftools lint workflows/
      wftools lint picture.png --target comfyui==0.33.0
      wftools lint flow.json --object-info http://127.0.0.1:8188
      git show HEAD:flow.json | wftools lint - --output-format json

    Exit status: 0 nothing found, 1 findings, 2 wrong usage, or a file that could not be looked through.
    """
    from wftools.lint import Linter, Selection, Severity
    from wftools.lint.explain import explain as explanation
    from wftools.lint.explain import table
    from wftools.lint.files import lint_files, report_of

    if list_rules or explain is not None:
        emit(table() if explain is None else explanation(explain))
        return
    linter = Linter(catalogue, Selection(_words(select), _words(ignore)))
    reporter = REPORTERS.load(output_format)
    files: list[Linted] = []
    with files_progress() as progress:
        for file in lint_files(
            linter, paths or ["."], skip_unknown=skip_unknown, stdin_name=stdin_filename, begin=progress.begin
        ):
            files.append(file)
            if isinstance(reporter, TellsByFile) and (told := reporter.of_file(file)):
                with progress.aside():
                    emit(told)
    report = report_of(linter, files)
    if not files:
        note("no workflow files found")
    emit(reporter.summary(report) if isinstance(reporter, TellsByFile) else reporter.render(report))
    for fault in report.faults:
        show_error(fault)
    ctx.exit(report.exit_status(None if fail_on == "never" else Severity[fail_on.upper()]))


def _words(text: str | None) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip()) if text else ()
