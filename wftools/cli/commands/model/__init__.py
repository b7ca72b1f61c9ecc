"""wftools model"""

from __future__ import annotations

from typing import Final

import click

from wftools.cli.groups import CommandModule, Commands
from wftools.plugins import Folder

MODEL_COMMANDS: Final[Folder[CommandModule]] = Folder("wftools.cli.commands.model")


@click.group(
    "model", cls=Commands, folder=MODEL_COMMANDS, short_help="Look into model files, convert and quantise them."
)
def command() -> None:
    """Look into model files, compare, check, convert and quantise them: .safetensors, .ckpt, .pth, .gguf, .onnx.

    \b
      wftools model COMMAND --help
    """
