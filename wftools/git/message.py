"""What a commit changes in workflows, for its message."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

import click

from wftools.diff.files import Versions, diff_files
from wftools.diff.report import Options
from wftools.diff.reporters import REPORTERS
from wftools.document.files import content
from wftools.git.repository import repository
from wftools.git.repository.revisions import changed_files
from wftools.writing import write_atomically

HEADING: Final = "Changed workflows:"

# Where git's hook says the message comes from, and somebody has written it for a reason of its own.
_OTHER_SOURCES: Final = frozenset({"merge", "squash", "commit"})


def describe_commit(message_file: str, source: str = "") -> bool:
    """Put a statistic of the staged workflows into a commit message, as a prepare-commit-msg hook is to; tell if so.

    `source` is what git calls the hook with: "message", "template" … A message that was made by a merge, or is
    amended, is left alone; so is one that has a statistic, and every message of a commit that changes no workflow.
    """
    if source in _OTHER_SOURCES:
        return False
    pairs = (Versions(each.path, each.old, each.new, is_named=False) for each in changed_files(is_staged=True))
    told = REPORTERS.load("stat").render(diff_files(pairs, Options()))
    assert isinstance(told, str)
    statistic = click.unstyle(told)
    old = content(message_file).decode(errors="surrogateescape")
    if not statistic or HEADING in old:
        return False
    comment = repository().setting("core.commentChar") or "#"
    has_comments = os.environ.get("GIT_EDITOR") != ":"  # so git says to hooks that no editor opens: it adds none then
    made = with_statistic(old, statistic, (comment if comment != "auto" else "#") if has_comments else None)
    write_atomically(Path(message_file), made.encode(errors="surrogateescape"))
    return True


def with_statistic(message: str, statistic: str, comment: str | None = "#") -> str:
    """A message with a statistic behind what is written, and before the comments that git takes out again.

    `comment` is how these start; None if there are none.
    """
    first_comment = re.search(rf"^{re.escape(comment)}", message, re.MULTILINE) if comment is not None else None
    at = first_comment.start() if first_comment else len(message)
    written, rest = message[:at].rstrip("\n"), message[at:]
    # Where nothing is written yet, the first line is left for it.
    return f"{written}\n\n{HEADING}\n{statistic}\n" + (f"\n{rest}" if rest else "")
