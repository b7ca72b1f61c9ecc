"""wftools resolve"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from wftools.cli.options import catalogue_options
from wftools.cli.output import ask, note, tell
from wftools.merge.decisions import WISHES, Take

if TYPE_CHECKING:
    from wftools.catalog.lookup import Catalogue
    from wftools.merge.decisions import Conflict
    from wftools.merge.files import ConflictedFile

OPEN = 1


@click.command("resolve", short_help="Resolve the conflicts of a merged workflow file.")
@click.argument("path", metavar="FILE")
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option(
    "--take",
    metavar="base|ours|theirs|both|VALUE",
    help="What the named conflicts come to: what a version has, both chains of nodes, or a value (JSON, or a text).",
)
@click.option("--all", "take_all", type=click.Choice(WISHES), help="Whose wish all conflicts come to.")
@click.option(
    "--from",
    "resolution",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="JSON",
    help='A file of choices: {"c1": {"take": "theirs"}, "c2": {"value": 30}}.',
)
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Where to write.")
@catalogue_options("newest")
@click.pass_context
def command(
    ctx: click.Context,
    *,
    path: str,
    ids: tuple[str, ...],
    take: str | None,
    take_all: str | None,
    resolution: Path | None,
    output: Path | None,
    catalogue: Catalogue,
) -> None:
    """Resolve the conflicts of a merged workflow file, all at once or one after another.

    Without --take, --all and --from, it asks for each conflict, or for those of which the IDs are named. What is left
    open stays in the file's record, so that the next call goes on there; with the last one the record goes.

    \b
      wftools resolve flow.json
      wftools resolve flow.json c1 c3 --take theirs
      wftools resolve flow.json c2 --take 30
      wftools resolve flow.json --all ours

    Exit status: 0 all are resolved, 1 some are left open, 2 something cannot be resolved, read or written.
    """
    from wftools.document.files import STDIN
    from wftools.merge.files import read_conflicts, takes_from, takes_of, write_resolved

    if [take is not None, take_all is not None, resolution is not None].count(True) > 1:
        raise click.UsageError("give one of --take, --all and --from")
    if take is not None and not ids:
        raise click.UsageError("--take needs the ids of conflicts; for all of them there is --all")
    if ids and (take_all is not None or resolution is not None):
        raise click.UsageError("ids are for --take, or to be asked about")
    if path == STDIN and (output is None or [take, take_all, resolution].count(None) == 3):
        raise click.UsageError("for - there have to be -o and a choice: answers come from standard input")
    file = read_conflicts(path, catalogue)
    if resolution is not None:
        takes = takes_from(resolution)
    elif take is not None or take_all is not None:
        takes = takes_of(file, ids, str(take or take_all))
    else:
        takes = _asked(file, ids)
    left = len(file.conflicts)
    if takes:
        left = write_resolved(file, takes, output or Path(path))
    note(f"{path}: {len(takes)} resolved, {left} left open" if file.conflicts else f"{path}: no conflict is open")
    ctx.exit(OPEN if left else 0)


def _asked(file: ConflictedFile, ids: tuple[str, ...]) -> dict[str, Take]:
    """Ask about conflicts one after another; the choices that were made until the end, or until somebody quits."""
    from wftools.merge.files import conflicts_of_ids, takes_of, value_of
    from wftools.merge.telling import told_conflict

    takes: dict[str, Take] = {}
    asked = conflicts_of_ids(file, ids) if ids else file.conflicts
    for number, conflict in enumerate(asked, 1):
        tell(f"Conflict {number} of {len(asked)}")
        for line in told_conflict(file.teller.told(conflict)):
            tell(line)
        answer = _answer(conflict)
        if answer == "quit":
            break
        if answer == "value":
            text = ask("  Value (JSON, or a text): ")
            if text is None:
                break
            takes[conflict.id] = Take(value=value_of(text))
        elif answer != "skip":
            takes |= takes_of(file, [conflict.id], answer)
    return takes


def _answer(conflict: Conflict) -> str:
    """What somebody wants: ours, theirs, base, both, value, skip or quit."""
    words = {"o": "ours", "t": "theirs", "b": "base"}
    if conflict.kind == "insert":
        words["2"] = "both"
    elif conflict.key and conflict.key[0] != "link":
        words["v"] = "value"
    words |= {"s": "skip", "q": "quit"}
    question = ", ".join(f"[{key}] {word}" for key, word in words.items())
    while True:
        line = ask(f"  Take {question}: ")
        if line is None:  # the end of the answers
            return "quit"
        if line.lower() in {*words, *words.values()}:
            return words.get(line.lower(), line.lower())
