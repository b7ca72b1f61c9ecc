"""Format files and say what happened: texts and diffs on stdout, messages on stderr."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from wftools.cli.output import show_error
from wftools.errors import InputError
from wftools.fmt.files import STDIN, format_files

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wftools.fmt.files import Formatted

WOULD_CHANGE = 1
FAILED = 2


def run(
    paths: Iterable[str], *, writes: bool, with_diff: bool, strip: bool, skip_unknown: bool, stdin_name: str | None
) -> int:
    """Format, and return the exit status."""
    status = 0
    for file in format_files(paths, strip=strip, skip_unknown=skip_unknown, stdin_name=stdin_name):
        try:
            if file.error is not None:
                raise file.error
            if file.reason:
                click.echo(f"{file.name}: {file.reason}", err=True)
            elif writes:
                _write(file)
            elif file.is_changed:
                status = status or WOULD_CHANGE
                click.echo(file.diff().encode() if with_diff else file.name, nl=not with_diff)
        except InputError as error:
            show_error(error)
            status = FAILED
    return status


def _write(file: Formatted) -> None:
    if file.path == STDIN:
        click.echo(file.new.encode(), nl=False)
    elif file.is_changed:
        file.write()
        click.echo(f"formatted {file.name}", err=True)
