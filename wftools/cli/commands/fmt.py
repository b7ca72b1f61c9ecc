"""wftools fmt"""

from __future__ import annotations

import sys

import click

from wftools.cli.output import emit, note, show_error
from wftools.errors import FAILED, counted
from wftools.escaping import printable

WOULD_CHANGE = 1


@click.command("fmt", short_help="Spell workflow files so that diffs show what changed.")
@click.argument("paths", nargs=-1)
@click.option(
    "--check",
    is_flag=True,
    help="Write nothing; name the files that would change, say how many are fine, and exit with 1 if any would.",
)
@click.option("--diff", "with_diff", is_flag=True, help="Write nothing; print what would change, and exit with 1.")
@click.option(
    "--strip",
    is_flag=True,
    help="Leave out what changes by looking at a workflow: the viewport, the editor's version, ranks of "
    "nodes, slot names in the editor's language.",
)
@click.option(
    "--custom-nodes",
    multiple=True,
    metavar="FOLDER",
    expose_value=False,
    help="Taken as by other commands, and of no effect: no spelling depends on what a node is. A pack is not read "
    "here, and none of it is run.",
)
@click.option("--skip-unknown", is_flag=True, help="Pass over named files that are no workflows.")
@click.option("--git", "for_git", is_flag=True, help="With -: what git is to keep of a file; others pass as they are.")
@click.option("--stdin-filename", metavar="NAME", help="What to call standard input in messages.")
@click.pass_context
def command(
    ctx: click.Context,
    *,
    paths: tuple[str, ...],
    check: bool,
    with_diff: bool,
    strip: bool,
    skip_unknown: bool,
    for_git: bool,
    stdin_filename: str | None,
) -> None:
    """Spell workflow files so that git diffs are small: one order of nodes, links and keys, one way to break lines.

    PATHS are JSON files with UI workflows or API prompts, which are rewritten in place, folders (without any: the
    current one), or - for standard input, which goes to standard output. ComfyUI reads the same from them.

    \b
      wftools fmt workflows/
      wftools fmt --check --diff flow.json
      wftools fmt - < flow.json > formatted.json

    Exit status: 0 done, or nothing to do; 1 files would change; 2 some could not be read or written.
    """
    from wftools.document.files import STDIN, content
    from wftools.fmt.files import format_files

    if for_git:
        if paths != (STDIN,) or check or with_diff:
            raise click.UsageError("--git takes - alone: the clean filter of git, which `wftools git install` installs")
        from wftools.git.clean import cleaned

        emit(cleaned(content(STDIN), stdin_filename or STDIN))
        return
    writes = not (check or with_diff)
    status = 0
    fine = changing = 0
    for file in format_files(
        paths or ["."], strip=strip, skip_unknown=skip_unknown, stdin_name=stdin_filename, writes=writes
    ):
        if file.error is not None:
            show_error(file.error)
            status = FAILED
        elif file.reason:
            note(f"{file.name}: {file.reason}")
        elif writes and file.path == STDIN:
            emit(file.new.encode())
        elif writes and file.is_changed:
            note(f"formatted {file.name}")
        elif file.is_changed:
            changing += 1
            status = status or WOULD_CHANGE
            if not with_diff:
                emit(printable(file.name))
            elif sys.stdout is not None and sys.stdout.isatty():
                emit(printable(file.diff().removesuffix("\n"), keep="\n\t"))
            else:
                emit(file.diff().encode())  # to be applied
        else:
            fine += 1
    if not writes:
        note(f"{counted(changing, 'file')} would change, {fine} {'is' if fine == 1 else 'are'} fine")
    ctx.exit(status)
