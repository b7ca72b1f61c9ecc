"""What a reviewer should see of the workflows that a branch changes: a comment, pages, and what speaks against it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, get_args

from wftools.diff.files import Versions, diff_files
from wftools.diff.report import Options, Report
from wftools.diff.reporters import REPORTERS
from wftools.document.unmerged import open_conflicts
from wftools.errors import counted, written
from wftools.git.repository.revisions import changed_files
from wftools.lint import Linter
from wftools.lint.finding import ERROR
from wftools.writing import write_atomically

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path

    from wftools.diff.report import FileDiff
    from wftools.document import Document
    from wftools.lint import Finding

MARKER: Final = "<!-- wftools review -->"  # by which the comment of an earlier run is found again

Fault: TypeAlias = Literal["conflict-record", "broken-graph", "new-lint"]
FAULTS: Final[tuple[Fault, ...]] = get_args(Fault)

_INTEGRITY: Final = ("L2", "S7", "G602")  # rules of links, subgraphs and cycles
_OPEN_CONFLICTS: Final = "P010"  # which have a fault of their own
_NAME: Final = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class Objection:
    """Something in a changed file that speaks against it."""

    fault: Fault
    file: str
    message: str
    line: int | None = None


@dataclass(frozen=True)
class Review:
    """The workflows that changed, and what speaks against them."""

    report: Report
    objections: tuple[Objection, ...]

    def comment(self) -> str:
        """What is to stand on a pull request, in markdown."""
        told = REPORTERS.load("markdown").render(self.report)
        assert isinstance(told, str)
        return f"{MARKER}\n{told}\n"

    def pages(self) -> Iterator[tuple[str, bytes]]:
        """A page with both graphs for each file, and a name for it that any file system takes."""
        for number, file in enumerate(self.report.files, 1):
            page = REPORTERS.load("html").render(Report((file,), self.report.options))
            stem = _NAME.sub("-", PurePosixPath(file.name).stem).strip("-.")[:80]
            yield f"{number:03}-{stem}.html", page if isinstance(page, bytes) else page.encode()


def review(revisions: Sequence[str], paths: Sequence[str] = (), *, options: Options | None = None) -> Review:
    """Compare the workflows of two revisions, as `changed_files` takes them, and see what is wrong with the new ones.

    What was wrong before is no objection.
    """
    pairs = (Versions(each.path, each.old, each.new, is_named=False) for each in changed_files(revisions, paths))
    report = diff_files(pairs, options or Options())
    return Review(report, tuple(each for file in report.files for each in _objections(file)))


def write_review(review: Review, folder: Path) -> None:
    """Write comment.md, and a page for each file into `pages`. Raises InputError."""
    with written(folder):
        (folder / "pages").mkdir(parents=True, exist_ok=True)
        write_atomically(folder / "comment.md", review.comment().encode())
        for name, page in review.pages():
            write_atomically(folder / "pages" / name, page)


def annotated(objections: Sequence[Objection], failing: Collection[Fault]) -> Iterator[str]:
    """Objections as commands of GitHub's runner, which shows them beside the file; a line each."""
    for each in objections:
        level = "error" if each.fault in failing else "warning"
        line = f",line={each.line}" if each.line is not None else ""
        where = f"file={_escaped(each.file, in_property=True)}{line},title=wftools%3A {each.fault.replace('-', ' ')}"
        yield f"::{level} {where}::{_escaped(each.message)}"


def _escaped(text: str, *, in_property: bool = False) -> str:
    """As the runner wants it: else a line end starts another command."""
    for character in "%\r\n" + (":," if in_property else ""):
        text = text.replace(character, f"%{ord(character):02X}")
    return text


def _objections(file: FileDiff) -> Iterator[Objection]:
    if file.error is not None:
        place = file.error.place
        yield Objection("broken-graph", file.name, str(file.error), place.line if place is not None else None)
    if file.new is None:
        return
    found = open_conflicts(file.new)
    if found is not None:
        count = len(found[1])
        yield Objection("conflict-record", file.name, f"{counted(count, 'open conflict')} of a merge")
    linter = Linter()
    before = {_what(each) for each in _errors(linter, file.old)}
    for finding in _errors(linter, file.new):
        if _what(finding) not in before:
            fault: Fault = "broken-graph" if finding.code.startswith(_INTEGRITY) else "new-lint"
            yield Objection(fault, file.name, f"{finding.code} {finding.message}", finding.place.line)


def _errors(linter: Linter, document: Document | None) -> list[Finding]:
    found = linter.lint_document(document) if document is not None else []
    return [each for each in found if each.severity is ERROR and each.code != _OPEN_CONFLICTS]


def _what(finding: Finding) -> tuple[str, str | None, str]:
    """What makes it the same finding in another version, in which it stands elsewhere."""
    return finding.code, finding.node, finding.message
