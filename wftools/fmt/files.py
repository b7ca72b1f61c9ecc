"""Format files and the files in folders."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path
from typing import TYPE_CHECKING, Final

from wftools.document import NotAWorkflowError, NothingEmbeddedError, read
from wftools.document.files import JSON, candidates
from wftools.errors import InputError, LimitError, Place
from wftools.fmt.format import formatted
from wftools.writing import write_atomically

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wftools.document.files import Candidate

STDIN: Final = "-"


@dataclass(frozen=True, slots=True)
class Formatted:
    """A file with its old and its new text; or why it has none: an error, or a reason to leave the file alone."""

    name: str
    path: str
    old: str = ""
    new: str = ""
    is_changed: bool = False
    error: InputError | None = None
    reason: str = ""

    def diff(self) -> str:
        """The change as a unified diff; empty if there is none."""
        old, new = self.old.splitlines(keepends=True), self.new.splitlines(keepends=True)
        name = self.name.lstrip("/")
        lines = unified_diff(old, new, f"a/{name}", f"b/{name}")
        return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)

    def write(self) -> None:
        """Put the new text in place of the file, whole or not at all. Raises InputError."""
        try:
            write_atomically(Path(self.path), self.new.encode())
        except OSError as error:
            raise InputError(f"cannot be written: {error.strerror}", place=Place(self.path)) from error


def format_files(
    paths: Iterable[str], *, strip: bool = False, skip_unknown: bool = False, stdin_name: str | None = None
) -> Iterator[Formatted]:
    """Format files, and the .json files in folders. Nothing is written.

    What is no workflow is left out in a folder, with `skip_unknown` everywhere.
    """
    for candidate in candidates(paths, JSON):
        found = _look_at(candidate, strip=strip, stdin_name=stdin_name)
        is_other = isinstance(found.error, NotAWorkflowError | NothingEmbeddedError)
        if not (is_other and (skip_unknown or not candidate.is_named)):
            yield found


def _look_at(candidate: Candidate, *, strip: bool, stdin_name: str | None) -> Formatted:
    path = candidate.path
    name = stdin_name if path == STDIN and stdin_name else path
    try:
        document = read(path, name)
        if document.source.container is not None:
            return Formatted(name, path, reason=f"left as it is: the workflow is in a {document.source.container} file")
        text = formatted(document, strip=strip)
    except InputError as error:
        return Formatted(name, path, error=error)
    except RecursionError:
        return Formatted(name, path, error=LimitError("the JSON text is nested too deeply", place=Place(name)))
    has_mark = any(defect.kind == "byte-order-mark" for defect in document.defects)
    old = document.source.text
    return Formatted(name, path, old, text, is_changed=has_mark or text != old)
