"""Tell git that workflow files have drivers of their own, see whether it uses them, and take all of it back.

    for change in installing("local", repository()):
        change.write()                              # or change.diff(), to see it first
    status(repository()).works

A file of git is changed by one block of lines (`block.py`), and taking the block out leaves it as it was, to the byte.
"""

from __future__ import annotations

from contextlib import contextmanager, suppress
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path
from typing import TYPE_CHECKING, Final

from wftools.errors import InputError, Place, WftoolsError, written
from wftools.escaping import printable
from wftools.git.setup.block import lines_of, with_block, without_block
from wftools.git.setup.drivers import NAME, config_lines
from wftools.git.setup.patterns import ALL_JSON, IN_FOLDERS, attribute_lines, patterns_for
from wftools.git.setup.places import Scope, attributes_file, config_file
from wftools.git.setup.status import Status, status
from wftools.writing import write_atomically

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wftools.git.repository import Repository

__all__ = ["ALL_JSON", "FileChange", "Scope", "Status", "forget_converted", "installing", "status", "uninstalling"]

_CACHE: Final = f"refs/notes/textconv/{NAME}"  # where git keeps what was converted


@dataclass(frozen=True, slots=True)
class FileChange:
    """A file of git before and after; None where there is none."""

    path: Path
    old: bytes | None
    new: bytes | None

    def diff(self) -> str:
        """The change as a unified diff."""
        old, new = ((each or b"").decode(errors="replace").splitlines() for each in (self.old, self.new))
        before, after = (str(self.path) if each is not None else "/dev/null" for each in (self.old, self.new))
        return printable("\n".join(unified_diff(old, new, before, after, lineterm="")), keep="\n\t")

    def write(self) -> None:
        """Put the new content in the place of the old one, with git kept out meanwhile. Raises WftoolsError."""
        with written(self.path):
            if self.new is not None:
                self.path.parent.mkdir(parents=True, exist_ok=True)
            with _locked(self.path):
                if _content(self.path) != self.old:
                    raise WftoolsError("was changed meanwhile", place=Place(str(self.path)), hint="try again")
                if self.new is not None:
                    write_atomically(self.path, self.new)
                elif self.old is not None:
                    self.path.unlink()


def installing(
    scope: Scope, repository: Repository | None, patterns: Sequence[str] = (), *, clean_filter: bool = False
) -> tuple[FileChange, ...]:
    """What installing changes, in the order in which it is to be written; nothing where all is as it should be.

    Without patterns: files in the folders that ComfyUI and its packs have for workflows, and, in a repository, the
    workflows that it has elsewhere. What an earlier install wrote is replaced.
    """
    if not patterns:
        is_of_one = scope in ("local", "project") and repository is not None and not repository.is_bare
        patterns = patterns_for(repository) if is_of_one and repository is not None else IN_FOLDERS
    if repository is not None and repository.is_bare and scope == "project":
        raise InputError("the repository has no working tree", place=Place(str(repository.root)))
    planned = (
        (config_file(scope, repository), config_lines(clean_filter=clean_filter)),
        (attributes_file(scope, repository), attribute_lines(patterns, clean_filter=clean_filter)),
    )
    changes = []
    for path, lines in planned:
        old = _content(path)
        with _named(path):
            changes.append(FileChange(path, old, with_block(old, lines)))
    return tuple(each for each in changes if each.old != each.new)


def uninstalling(scopes: Sequence[Scope], repository: Repository | None) -> tuple[FileChange, ...]:
    """What uninstalling changes, attributes first: nothing names a driver that is gone."""
    attributes = [attributes_file(scope, repository) for scope in scopes]
    paths = dict.fromkeys((*attributes, *(config_file(scope, repository) for scope in scopes)))
    changes = []
    for path in paths:
        old = _content(path)
        with _named(path):
            if lines_of(old) is not None:
                changes.append(FileChange(path, old, without_block(old or b"")))
    return tuple(changes)


def forget_converted(repository: Repository) -> None:
    """Remove what git keeps of earlier conversions, so that nothing of us is left in a repository."""
    repository.git("update-ref", "-d", _CACHE, allowed=range(256))


def _content(path: Path) -> bytes | None:
    try:
        if path.exists() and not path.is_file():
            raise WftoolsError("is no file that could be changed", place=Place(str(path)))  # /dev/null, say
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise WftoolsError(f"cannot be read: {error.strerror}", place=Place(str(path))) from error


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """Errors about a block name its file."""
    try:
        yield
    except InputError as error:
        raise InputError(error.message, place=Place(str(path)), hint=error.hint) from error


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """As git locks its files: nobody else writes this one meanwhile."""
    lock = Path(f"{path.resolve()}.lock")
    try:
        lock.open("xb").close()
    except FileExistsError as error:
        raise WftoolsError("is being written by git", place=Place(str(path)), hint=f"or remove {lock}") from error
    try:
        yield
    finally:
        with suppress(FileNotFoundError):
            lock.unlink()
