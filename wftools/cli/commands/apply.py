"""wftools apply"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from wftools.cli.options import catalogue_options
from wftools.cli.output import emit, note, show_error
from wftools.errors import FAILED

if TYPE_CHECKING:
    from wftools.catalog.lookup import Catalogue
    from wftools.diff.patch.files import PatchedFile

REJECTED: Final = 1
_STDIN: Final = "-"


@click.command("apply", short_help="Make the changes of a patch in a workflow file.")
@click.argument("paths", nargs=-1, required=True, metavar="PATCH... [FILE]")
@click.option("-R", "--reverse", is_flag=True, help="Take the changes back.")
@click.option("--check", is_flag=True, help="Write nothing; say what would be rejected.")
@click.option("-o", "--output", metavar="FILE", help="Where to write; - is standard output. Without: in place.")
@click.option("--invert", is_flag=True, help="Apply nothing; print the patch that takes the changes back.")
@click.option("--compose", is_flag=True, help="Write nothing; print one patch that does to FILE what all of them do.")
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
    compose: bool,
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
    from wftools.diff.patch.files import apply_patches, compose_patches, read_patches

    if invert:
        emit(dumps(read_patches(paths, is_reverse=not reverse)))
        return
    names, file = (paths[:-1], paths[-1]) if len(paths) > 1 else (paths, None)
    if paths.count(_STDIN) > 1:
        raise click.UsageError("standard input cannot be two files")
    if file is None and (compose or output is not None):
        raise click.UsageError("name the FILE that the patches are made in")
    patches = read_patches(names, is_reverse=reverse)
    if compose and file is not None:
        emit(dumps([compose_patches(patches, file, catalogue)]))
        return
    target = output or (_STDIN if file == _STDIN else None)
    found = apply_patches(patches, file, catalogue)
    ctx.exit(max((_finish(each, target, is_check=check, is_full=verbose) for each in found), default=0))


def _finish(found: PatchedFile, target: str | None, *, is_check: bool, is_full: bool) -> int:
    """Write a file and tell of it; returns the exit status that it asks for."""
    from wftools.diff.patch.files import write
    from wftools.diff.patch.telling import told

    if found.error is not None:
        show_error(found.error)
        return FAILED
    for patched in found.patched:
        for line in told(patched, is_full=is_full):
            note(f"{found.name}: {line}")
    rejects = None
    if target == _STDIN and not is_check:
        emit(found.data)
    elif not is_check:
        rejects = write(found, target or found.name)
    note(f"{found.name}: {found.summary}" + (f"; {rejects} has the rejected ones" if rejects else ""))
    return REJECTED if found.rejects is not None else 0
