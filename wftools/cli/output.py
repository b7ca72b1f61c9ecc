"""How errors are shown to people: on stderr, the hint on a line of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from wftools.errors import WftoolsError


def show_error(error: WftoolsError) -> None:
    """Print `error: place: message`, and the hint if there is one."""
    click.echo(click.style("error", fg="red", bold=True, reset=True) + f": {error}", err=True)
    if error.hint:
        click.echo(click.style("hint", fg="cyan", reset=True) + f": {error.hint}", err=True)
