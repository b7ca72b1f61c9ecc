"""wftools git"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from wftools.cli.output import emit, note
from wftools.escaping import json_bytes, printable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wftools.git.repository import Repository
    from wftools.git.review import Fault
    from wftools.git.setup import FileChange, Scope, Status

NOT_INSTALLED = 1
OBJECTIONS = 1

_SCOPES: Final = {
    "local": "In this clone only.",
    "project": "In .gitattributes, for all who clone the repository and install wftools.",
    "global": "In all your repositories.",
    "system": "In all repositories on this machine.",
}


def _scope_options(function: Callable[..., Any]) -> Callable[..., Any]:
    for name, meaning in reversed(_SCOPES.items()):
        function = click.option(f"--{name}", "scope", flag_value=name, help=meaning)(function)
    return function


@click.group("git", short_help="Have git compare and merge workflow files by their meaning.")
def command() -> None:
    """Have git compare and merge workflow files by their meaning.

    \b
      wftools git install
      wftools git status
      wftools git uninstall
    """


@command.command("install", short_help="Tell git how workflow files are compared and merged.")
@_scope_options
@click.option("--glob", "globs", multiple=True, metavar="PATTERN", help="Which files are workflows. Repeatable.")
@click.option("--all-json", is_flag=True, help="Take every JSON file; git's own ways are used for those that are none.")
@click.option("--clean-filter", is_flag=True, help="Have git keep files as `wftools fmt --strip` spells them.")
@click.option("--dry-run", is_flag=True, help="Write nothing; print what would change.")
def install(*, scope: Scope | None, globs: tuple[str, ...], all_json: bool, clean_filter: bool, dry_run: bool) -> None:
    """Tell git how workflow files are compared and merged.

    `git diff`, `log -p` and `show` then print the facts that changed, and `git merge`, `rebase`, `cherry-pick` and
    `stash` put edits of two people together in a file that ComfyUI opens. `git difftool -t wftools` and `git mergetool
    -t wftools` show both in a browser and in the terminal.

    Without --glob: JSON files in folders called workflows, workflow, example_workflows and blueprints, and the
    workflows that the repository has elsewhere. PATTERN is one of git's attributes: 'flows/**/*.json'. Other files are
    not touched, and a JSON file that is no workflow is compared and merged as without wftools. Installing again
    replaces what was installed before.

    \b
      wftools git install
      wftools git install --project --glob 'flows/**/*.json'
      wftools git install --global --dry-run

    Exit status: 0 installed, or nothing to do; 2 it could not be done.
    """
    from wftools.git.setup import ALL_JSON, installing

    patterns = (*globs, *(ALL_JSON if all_json else ()))
    changes = installing(scope or "local", _repository(), patterns, clean_filter=clean_filter)
    _carry_out(changes, "wrote", "installed already", dry_run=dry_run)
    if clean_filter and changes and not dry_run:
        note("git keeps the canonical text of what is added from now on; of all files, after `git add --renormalize .`")


@command.command("uninstall", short_help="Restore git's files, to the byte.")
@_scope_options
@click.option("--dry-run", is_flag=True, help="Write nothing; print what would change.")
def uninstall(*, scope: Scope | None, dry_run: bool) -> None:
    """Take back what `wftools git install` wrote: git's files are then as they were, to the byte.

    Without an option: what this repository has, be it --local or --project.

    \b
      wftools git uninstall
      wftools git uninstall --global

    Exit status: 0 uninstalled, or nothing to do; 2 it could not be done.
    """
    from wftools.git.setup import forget_converted, uninstalling

    repository = _repository()
    scopes: Sequence[Scope] = (scope,) if scope is not None else ("local", "project")
    _carry_out(uninstalling(scopes, repository), "restored", "nothing is installed", dry_run=dry_run)
    if repository is not None and not dry_run:
        forget_converted(repository)


@command.command("status", short_help="Say whether it works, and for which files.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
@click.pass_context
def show_status(ctx: click.Context, *, as_json: bool) -> None:
    """Say whether git compares and merges workflow files by their meaning, and which.

    \b
      wftools git status
      wftools git status --json

    Exit status: 0 it does; 1 nothing is installed, or it does not work; 2 it could not be found out.
    """
    from wftools.git.setup import status

    found = status(_repository())
    emit(json_bytes(found.tree()) if as_json else printable("\n".join(_told(found)), keep="\n"))
    ctx.exit(0 if found.works else NOT_INSTALLED)


@command.command("review", short_help="Say what a branch changes, as a comment on a pull request.")
@click.argument("revisions", nargs=-1, required=True)
@click.option(
    "-o",
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Write comment and pages.",
)
@click.option(
    "--fail-on",
    multiple=True,
    type=click.Choice(["conflict-record", "broken-graph", "new-lint"]),
    help="Exit with 1 for it: an open conflict of a merge, links that lead nowhere, what lint finds. Repeatable.",
)
@click.option("--annotations", is_flag=True, help="Print what speaks against it as GitHub's runner reads it.")
@click.option("--path", "paths", multiple=True, metavar="PATHSPEC", help="Only these files. Repeatable.")
@click.pass_context
def show_review(
    ctx: click.Context,
    *,
    revisions: tuple[str, ...],
    output: Path | None,
    fail_on: tuple[Fault, ...],
    annotations: bool,
    paths: tuple[str, ...],
) -> None:
    """Say what a branch changes in workflows, as a comment on a pull request: the GitHub Action of this repository.

    REVISIONS are two, or a range: main...feature is what feature changed since it left main. What was wrong on the old
    side is not held against the new one.

    \b
      wftools git review main...HEAD
      wftools git review main...HEAD --output review --fail-on conflict-record

    Exit status: 0 done; 1 there is what --fail-on names; 2 it could not be done.
    """
    from wftools.git.review import annotated, review, write_review

    made = review(revisions, paths)
    if output is not None:
        write_review(made, output)
    elif not annotations:
        emit(made.comment().encode())
    for line in annotated(made.objections, fail_on) if annotations else ():
        emit(line)
    ctx.exit(OBJECTIONS if any(each.fault in fail_on for each in made.objections) else 0)


@command.command("filter", short_help="Spell files as git asks for them; git starts it.")
def serve_filter() -> None:
    """Spell one file after another as git asks for them: what `wftools git install --clean-filter` has git start.

    \b
      wftools git filter < requests > answers

    Exit status: 0 git has no more; 2 it is not git who asks.
    """
    import sys

    from wftools.git.clean import serve

    serve(sys.stdin.buffer, sys.stdout.buffer)


@command.command("diffstat", short_help="Say in a commit message what it changes.")
@click.argument("message_file")
@click.argument("source", default="", envvar="PRE_COMMIT_COMMIT_MSG_SOURCE")
@click.argument("commit", default="")
def diffstat(*, message_file: str, source: str, commit: str) -> None:  # noqa: ARG001  (git names it)
    """Put into a commit message how many nodes came, went and changed in the staged workflows.

    It is a hook of git, `prepare-commit-msg`, and the hook `wftools-diffstat` of pre-commit. Messages of merges and of
    amended commits are left alone.

    \b
      wftools git diffstat .git/COMMIT_EDITMSG
      echo 'exec wftools git diffstat "$@"' > .git/hooks/prepare-commit-msg

    Exit status: 0 done, or nothing to do; 2 it could not be done.
    """
    from wftools.git.message import describe_commit

    describe_commit(message_file, source)


def _repository() -> Repository | None:
    from wftools.errors import InputError
    from wftools.git import repository

    try:
        return repository()
    except InputError:
        return None


def _carry_out(changes: Sequence[FileChange], done: str, nothing: str, *, dry_run: bool) -> None:
    for change in changes:
        if dry_run:
            emit(change.diff())
        else:
            change.write()
            note(f"{done} {change.path}")
    if not changes:
        note(nothing)


def _told(status: Status) -> list[str]:
    told = []
    for each in status.installed:
        told.append(f"{each.scope}:")
        told += [f"  drivers   {each.config}"] if each.config else []
        told += [f"  files     {each.attributes}: {' '.join(each.patterns)}"] if each.attributes else []
        if not each.is_current:
            told.append("  was written by another wftools, or another Python: `wftools git install` renews it")
    if not status.installed:
        told.append("not installed: `wftools git install` tells git how to compare and merge workflow files")
    elif status.problem:
        told.append(f"does not work: {status.problem}")
    if status.workflows is not None:
        count = len(status.workflows)
        told.append(f"workflows in this repository: {count}; with the drivers: {count - len(status.uncovered)}")
        told += [f"  without: {path}" for path in status.uncovered]
    return told
