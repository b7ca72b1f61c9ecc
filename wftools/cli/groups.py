"""Groups of commands: each module of a package is a command of its name, `-` for `_`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import click

if TYPE_CHECKING:
    from wftools.plugins import Folder


class CommandModule(Protocol):
    """What a module of such a package has."""

    command: click.Command


class Commands(click.Group):
    """Finds commands by file name and imports only the one that is called."""

    def __init__(self, *arguments: Any, folder: Folder[CommandModule], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.folder = folder

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """The names of all."""
        return [name.replace("_", "-") for name in self.folder.names()]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command of a name; None if there is none."""
        name = cmd_name.replace("-", "_")
        return self.folder.load(name).command if name in self.folder.names() else None
