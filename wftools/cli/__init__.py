"""The command line: `wftools COMMAND`. Each module of `commands/` is a command of its name, `-` for `_`."""

from __future__ import annotations

import gc
import os
import signal
import sys
from typing import TYPE_CHECKING, Final

import click

from wftools import __version__
from wftools.cli.groups import CommandModule, Commands
from wftools.cli.output import note, prepare_streams, show_error, show_usage
from wftools.errors import FAILED, INTERRUPTED, explained
from wftools.plugins import Folder

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FrameType


COMMANDS: Final[Folder[CommandModule]] = Folder("wftools.cli.commands")


OBJECTS_BEFORE_COLLECTION = 50_000


@click.group(
    cls=Commands, folder=COMMANDS, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110}
)
@click.version_option(__version__, "-V", "--version", message="wftools %(version)s")
def _wftools() -> None:
    """The toolchain for ComfyUI workflow files: check, convert, format and run them, without ComfyUI.

    \b
      wftools lint workflows/
      wftools convert flow.json --to api
      wftools fmt workflows/
      wftools run sample_workflows/txt2img.json
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit: 0 fine, 1 findings, 2 unusable input or usage, 130 interrupted."""
    collect_rarely()
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # else it looks for some in every installed package
    prepare_streams()
    end_by_exception()
    sys.exit(_run(arguments))


def collect_rarely() -> None:
    """Look for unreachable circles of objects less often: documents have none, and have many objects."""
    gc.set_threshold(OBJECTS_BEFORE_COLLECTION)


def end_by_exception() -> None:
    """Have what asks the process to end do it as Ctrl-C does: what is half written is removed first."""
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:  # not if nohup has it ignored
            signal.signal(number, _end)


def _end(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _run(arguments: Sequence[str] | None) -> int:
    try:
        result = _wftools.main(args=arguments, prog_name="wftools", standalone_mode=False)
        return result if isinstance(result, int) else 0
    except click.ClickException as error:
        show_usage(error)
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        note("interrupted")
        return INTERRUPTED
    except Exception as error:  # the last resort: what belongs to one file was caught with that file
        show_error(explained(error))
        return FAILED
