"""Format files and the files in folders."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from wftools.document import NotAWorkflowError, NothingEmbeddedError, read
from wftools.document.files import STDIN, candidates, lacks_workflow
from wftools.document.textdiff import textdiff
from wftools.errors import WftoolsError, foreseen, written
from wftools.fmt.format import formatted
from wftools.writing import write_atomically

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


@dataclass(frozen=True, slots=True)
class FormattedFile:
    """A file with its old and its new text; or why it has none: an error, or a reason to leave the file alone."""

    name: str
    path: str
    old: str = ""
    new: str = ""
    is_changed: bool = False
    error: WftoolsError | None = None
    reason: str = ""

    def diff(self) -> str:
        """The change as a unified diff that can be applied; empty if there is none."""
        return textdiff(self.name, self.old, self.new)


def format_files(
    paths: Iterable[str],
    *,
    strip: bool = False,
    skip_unknown: bool = False,
    stdin_name: str | None = None,
    writes: bool = False,
) -> Iterator[FormattedFile]:
    """Format files, and the .json files in folders; `writes`: put the new texts in their places, whole or not at all.

    What is no workflow is left out in a folder, with `skip_unknown` everywhere.
    """
    for candidate in candidates(paths, only_json=True):
        path = candidate.path
        name = stdin_name if path == STDIN and stdin_name else path
        may_be_other = skip_unknown or not candidate.is_named
        if may_be_other and lacks_workflow(path):
            continue
        try:
            with foreseen(name):
                file = _formatted(path, name, strip)
                if writes and file.is_changed and path != STDIN:
                    _write(file)
        except WftoolsError as error:
            is_other = isinstance(error, NotAWorkflowError | NothingEmbeddedError)
            if is_other and may_be_other:
                continue
            file = FormattedFile(name, path, error=error)
        yield file


def _formatted(path: str, name: str, strip: bool) -> FormattedFile:
    document = read(path, name)
    container = document.source.container
    if container is not None:
        return FormattedFile(name, path, reason=f"left as it is: the workflow is in a {container} file")
    text = formatted(document, strip=strip)
    # A formatted file is UTF-8 without a mark.
    is_recoded = document.source.encoding != "utf-8" or any(each.kind == "byte-order-mark" for each in document.defects)
    return FormattedFile(name, path, document.text, text, is_changed=is_recoded or text != document.text)


def _write(file: FormattedFile) -> None:
    with written(file.path):
        write_atomically(Path(file.path), file.new.encode())
