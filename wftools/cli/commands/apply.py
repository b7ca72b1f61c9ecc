"""wftools apply"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from wftools.cli.options import catalogue_options
from wftools.cli.output import emit, note, show_error
from wftools.errors import FAILED

if TYPE_CHECKING:
    from wftools.catalog.lookup import Catalogue

REJECTED: Final = 1
_STDIN: Final = "-"


@click.command("apply", short_help="Make the changes of a patch in a workflow file.")
@click.argument("paths", nargs=-1, required=True, metavar="PATCH... [FILE]")
@click.option("-R", "--reverse", is_flag=True, help="Take the changes back.")
@click.option("--check", is_flag=True, help="Write nothing; say what would be rejected.")
@click.option("-o", "--output", metavar="FILE", help="Where to write; - is standard output. Without: in place.")
@click.option("--invert", is_flag=True, help="Apply nothing; print the patch that takes the changes back.")
@click.option("-v", "--verbose", is_flag=True, help="Also tell which changes are there already.")
@catalogue_options("newest")
@click.pass_context
def command(
    ctx: click.Context,
    *,
    paths: tuple[str, ...],
    reverse: bool,
    check: bool,
    output: str | None,
    invert: bool,
    verbose: bool,
    catalogue: Catalogue,
) -> None:
    """Make the changes of patches in a workflow file, which need not be the one that they were made from.

    PATCH is what `wftools diff --patch` writes, FILE a workflow, a prompt, or a picture that has one; one of them may
    be - for standard input. A PATCH alone is applied to the files that it names, below this folder.

    Nodes are found by their ids and types, else by what they are: a file whose nodes were renumbered, or that has grown
    elsewhere, takes the patch as well. A change of which the old value is not there is rejected, never guessed: the
    others are made, and it is written to FILE.rej.json, which is a patch too.

    \b
      wftools diff --patch old.json new.json > steps.wfpatch
      wftools apply steps.wfpatch mine.json
      wftools apply --reverse steps.wfpatch mine.json
      wftools apply --check *.wfpatch mine.json

    Exit status: 0 all changes are made, or were; 1 some were rejected; 2 something could not be read or written.
    """
    from wftools.diff.patch import dumps
    from wftools.diff.patch.files import apply_patches, read_patches, write
    from wftools.diff.patch.telling import told

    if invert:
        emit(dumps(read_patches(paths, is_reverse=not reverse)))
        return
    names, file = (paths[:-1], paths[-1]) if len(paths) > 1 else (paths, None)
    if paths.count(_STDIN) > 1:
        raise click.UsageError("standard input cannot be two files")
    if output is not None and file is None:
        raise click.UsageError("name the FILE of which --output is the result")
    status = 0
    for found in apply_patches(read_patches(names, is_reverse=reverse), file, catalogue):
        if found.error is not None:
            show_error(found.error)
            status = FAILED
            continue
        for patched in found.patched:
            for line in told(patched, is_full=verbose):
                note(f"{found.name}: {line}")
        target = output or (_STDIN if file == _STDIN else found.name)
        rejects = None
        if target == _STDIN and not check:
            emit(found.data)
        elif not check:
            rejects = write(found, target)
        note(f"{found.name}: {found.summary}" + (f"; {rejects} has the rejected ones" if rejects else ""))
        if found.rejects is not None:
            status = status or REJECTED
    ctx.exit(status)
