"""wftools model verify"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Final

import click

from wftools.cli.output import emit, note
from wftools.errors import counted
from wftools.escaping import json_bytes, printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from wftools.weights.verifying.verify import Verdict

FOUND: Final = 1


@click.command("verify", short_help="Check model files: truncated, corrupt, unsafe, NaN and infinities.")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option(
    "--output-format",
    type=click.Choice(["full", "json"]),
    default="full",
    show_default=True,
    help="full is for people; json: see `wftools schema report-model-verify`.",
)
@click.option("--no-values", is_flag=True, help="Check the structure only: reads no more than the headers.")
@click.option("-q", "--quiet", is_flag=True, help="Show no progress.")
@click.pass_context
def command(ctx: click.Context, *, files: tuple[str, ...], output_format: str, no_values: bool, quiet: bool) -> None:
    """Check model files: whether they are whole, what they would run, and whether their values are finite.

    FILE is a model file of any format, an index of several, or a folder: of that the model files are checked that are
    in it and in the folders below. Nothing in a file is ever run. A file is refused for a fault, and accepted with a
    warning for what need not be one: NaN, a pickle that nobody asked for, a name that moves a terminal's cursor.

    \b
      wftools model verify v1-5-pruned.ckpt
      wftools model verify models/ --no-values
      wftools model verify *.gguf --output-format json

    Exit status: 0 all files are accepted without a warning, 1 some are not, 2 wrong usage.
    """
    from wftools.weights.verifying.json_report import report
    from wftools.weights.verifying.verify import candidates, verify

    found = list(candidates(files))
    if not found:
        note("no model files found")
    verdicts = []
    with _bar(is_shown=not quiet and not no_values and sys.stderr.isatty()) as looked_at:
        for each in found:
            verdicts.append(verify(each, with_values=not no_values, looked_at=partial(looked_at, each.path)))
            if output_format == "full":
                emit(_told(verdicts[-1]))
    emit(json_bytes(report(verdicts).model_dump(mode="json")) if output_format == "json" else _counted(verdicts))
    ctx.exit(0 if all(verdict.is_sound for verdict in verdicts) else FOUND)


@contextmanager
def _bar(*, is_shown: bool) -> Iterator[Callable[[str, int], None]]:
    """What is told of so many bytes of a file that are done, and shows them on standard error."""
    if not is_shown:
        yield lambda _file, _count: None
        return
    from rich.console import Console
    from rich.progress import DownloadColumn, Progress, SpinnerColumn, TextColumn, TransferSpeedColumn

    columns = (SpinnerColumn(), DownloadColumn(), TransferSpeedColumn(), TextColumn("{task.description}", markup=False))
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task("", total=None)
        yield lambda file, count: shown.update(task, advance=count, description=printable(file))


def _told(verdict: Verdict) -> str:
    if verdict.is_sound:
        return f"{printable(verdict.file)}: {click.style('sound', fg='green')}"
    how = click.style("warning", fg="yellow") if verdict.is_accepted else click.style("refused", fg="red", bold=True)
    hint = f" ({printable(verdict.hint)})" if verdict.hint else ""
    return f"{printable(verdict.file)}: {how} {', '.join(verdict.codes)}: {printable(verdict.message or '')}{hint}"


def _counted(verdicts: Sequence[Verdict]) -> str:
    refused = sum(not verdict.is_accepted for verdict in verdicts)
    doubtful = sum(verdict.is_accepted and not verdict.is_sound for verdict in verdicts)
    return f"{counted(len(verdicts), 'file')}: {refused} refused, {doubtful} with warnings"
