"""Results on standard output, messages on standard error; what strangers' files say is escaped on both.

Every command writes through these functions and none with `click.echo`, so that a stream that is closed, full or not
UTF-8 is treated alike everywhere.
"""

from __future__ import annotations

import io
import os
import sys
from contextlib import contextmanager, redirect_stdout
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from wftools.errors import Place, WftoolsError, written
from wftools.escaping import printable
from wftools.writing import write_atomically

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def emit(result: str | bytes) -> None:
    """Write a result to standard output: bytes as they are, a text with a line end. Raises WftoolsError if that fails.

    Text that is not ours has to be escaped before: `emit(printable(path))`. What is for machines is bytes, since the
    encoding of a terminal is not theirs: `emit(json_bytes(tree))`.
    """
    _write(sys.stdout, result)


def write_result(result: str | bytes, output: Path | None) -> None:
    """Write a result to a file, a text without colours; without a file, to standard output. Raises WftoolsError."""
    if output is None:
        emit(result)
        return
    data = click.unstyle(result).encode() + b"\n" if isinstance(result, str) else result
    with written(output):
        write_atomically(output, data)


@contextmanager
def results_apart() -> Iterator[Callable[[str | bytes], None]]:
    """Keep standard output for results, and give what writes them, as `emit` does.

    What other code writes there meanwhile goes to standard error: nodes print, and so do libraries, their threads and
    the programs that they start. So it is the descriptor that is turned, and results have a duplicate of the real one.
    Why not `redirect_stdout` around a node: it changes the stream for all threads, of which each restores what the
    other had set, and it misses what is not written by Python. Only a command may do this, since the process is its
    own; a program that uses the library keeps its streams.
    """
    real = sys.stdout
    try:
        number, duplicate = real.fileno(), os.dup(real.fileno())
        messages = sys.stderr.fileno()
    except (AttributeError, OSError):  # closed, or no file but something in memory
        with redirect_stdout(sys.stderr):
            yield partial(_write, real)
        return
    real.flush()
    os.dup2(messages, number)
    with open(duplicate, "w", encoding=real.encoding, errors=real.errors) as results:  # noqa: PTH123
        try:
            yield partial(_write, results)
        finally:
            real.flush()
            os.dup2(duplicate, number)


def _write(stream: TextIO | None, result: str | bytes) -> None:
    if stream is None:
        raise WftoolsError("standard output is closed")
    try:
        click.echo(result, stream, nl=isinstance(result, str), color=_colours())
    except BrokenPipeError:
        _drop(stream)
        sys.exit(0)  # who read our output has seen enough
    except OSError as error:
        _drop(stream)
        raise WftoolsError(f"standard output cannot be written: {error.strerror}") from error


def _colours() -> bool | None:
    """Whether text has colours: NO_COLOR says no and FORCE_COLOR yes, if they say anything; None: in a terminal."""
    if os.environ.get("NO_COLOR"):
        return False
    return True if os.environ.get("FORCE_COLOR") else None


def note(message: str, keep: str = "") -> None:
    """Write a message to standard error, escaped and on one line, but for the characters in `keep`."""
    tell(printable(message, keep))


def ask(question: str) -> str | None:
    """Ask on standard error, and read the line that answers it; None at the end of standard input."""
    tell(question, ends=False)
    line = sys.stdin.readline() if sys.stdin is not None else ""
    if not line:
        tell("")  # what comes next does not stand behind the question
        return None
    return line.strip()


def show_error(error: WftoolsError) -> None:
    """Write `error: place: message` to standard error, and the hint if there is one."""
    tell(click.style("error", fg="red", bold=True, reset=True) + f": {printable(str(error))}")
    if error.hint:
        tell(click.style("hint", fg="cyan", reset=True) + f": {printable(error.hint)}")


def show_file(path: str) -> None:
    """Open a file with the system's viewer, and do not wait for it. Raises WftoolsError if there is none."""
    if click.launch(path) != 0:
        hint = "on Linux, install xdg-utils"
        raise WftoolsError("there is no program to open it with", place=Place(path), hint=hint)


def kept_file(name: str) -> Path:
    """A path for a file that stays when the command has ended, as the program that shows it reads it later."""
    from tempfile import mkdtemp

    return Path(mkdtemp(prefix="wftools-"), name)


def show_usage(error: click.ClickException) -> None:
    """Write what click has to say of wrong usage to standard error."""
    text = io.StringIO()
    error.show(text)
    tell(printable(text.getvalue().rstrip("\n"), keep="\n"))


def prepare_streams() -> None:
    """Have standard streams that take every text. To be called before anything is opened.

    Descriptors of closed streams are occupied, else the next file that is opened gets their number and with it what is
    written to them. Messages to a closed standard error go nowhere; a closed standard output is an error once it is
    needed, and a closed standard input likewise.
    """
    for descriptor, stream in enumerate((sys.stdin, sys.stdout, sys.stderr)):
        if stream is None and not _is_open(descriptor):
            os.open(os.devnull, os.O_RDWR)  # gets the lowest free number, which is this one
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


def tell(line: str, *, ends: bool = True) -> None:
    """Write to standard error what may have colours; text that is not ours has to be escaped before."""
    try:
        click.echo(line, nl=ends, err=True, color=_colours())
    except OSError:  # nobody listens: no reason to stop
        _drop(sys.stderr)


def _drop(stream: io.TextIOBase | object) -> None:
    """Let what a stream has not written yet, and all that comes, go nowhere; else Python fails again at its end."""
    if isinstance(stream, io.TextIOWrapper):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
