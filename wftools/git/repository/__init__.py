"""A git repository, asked through `git` itself: no shell, no prompt, no pager, names as bytes between NULs."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from wftools.errors import InputError, Place, WftoolsError

if TYPE_CHECKING:
    from collections.abc import Container

# git must ask nobody: not for a password on the terminal or in a window where a partial clone fetches a file, and not
# for the index, which another git may be writing. Messages are English, since we say them together with ours.
_ENVIRONMENT: Final = {
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "",
    "SSH_ASKPASS": "",
    "GIT_OPTIONAL_LOCKS": "0",
    "LC_ALL": "C",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a git command wrote, and how it ended."""

    status: int
    output: bytes
    message: str

    @property
    def text(self) -> str:
        """The output as one name, as file names are decoded: its last line end is git's."""
        return os.fsdecode(self.output.removesuffix(b"\n"))

    @property
    def items(self) -> list[str]:
        """The parts of an output that ends each with NUL."""
        return [os.fsdecode(item) for item in self.output.split(b"\0")[:-1]]


def git(*arguments: str, folder: Path, stdin: bytes | None = None, allowed: Container[int] = (0,)) -> Answer:
    """Run git in a folder. Raises WftoolsError where git is missing, or ends with a status that is not allowed."""
    program = shutil.which("git")
    if program is None:
        raise WftoolsError("git is not installed, or not on the PATH", hint="install it: https://git-scm.com/downloads")
    try:
        done = subprocess.run(  # noqa: S603  (no shell, and git is told where options end)
            [program, "--no-pager", *arguments],
            cwd=folder,
            env=os.environ | _ENVIRONMENT,
            input=stdin if stdin is not None else b"",
            capture_output=True,
            check=False,
            start_new_session=True,  # without a terminal, so that ssh cannot ask for a passphrase on it either
        )
    except OSError as error:
        raise WftoolsError(f"git cannot be run: {error.strerror}", place=Place(str(folder))) from error
    answer = Answer(done.returncode, done.stdout, _first_line(done.stderr))
    if answer.status not in allowed:
        raise _explained(answer, arguments[0], folder)
    return answer


def _first_line(stderr: bytes) -> str:
    """What git says went wrong, without its warnings and advice."""
    lines = stderr.decode(errors="replace").splitlines()
    said = [line for line in lines if line.startswith(("fatal: ", "error: "))] or lines
    return said[0].partition(": ")[2] if said and said[0].startswith(("fatal: ", "error: ")) else "".join(said[:1])


def _explained(answer: Answer, command: str, folder: Path) -> WftoolsError:
    message = answer.message or f"git {command} ended with exit status {answer.status}"
    if message.startswith("not a git repository"):
        return InputError("is not in a git repository", place=Place(str(folder)))
    if message.startswith("detected dubious ownership"):
        hint = f"if you trust it: git config --global --add safe.directory {folder}"
        return InputError("the git repository belongs to another user", place=Place(str(folder)), hint=hint)
    return WftoolsError(f"git {command}: {message}", place=Place(str(folder)))


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository, and the folder in it from which names are given."""

    root: Path  # of the working tree; of a bare repository, its own folder
    prefix: str  # the folder's name from the root on, with its last "/": "" or "workflows/"
    folder: Path
    is_bare: bool

    def git(self, *arguments: str, stdin: bytes | None = None, allowed: Container[int] = (0,)) -> Answer:
        """Run git at the root, where paths are those that git itself uses; see `git`."""
        return git(*arguments, folder=self.root, stdin=stdin, allowed=allowed)

    def file(self, name: str) -> Path:
        """Where git keeps a file of its own: "config", "info/attributes". Working trees share these two."""
        return self.root / self.git("rev-parse", "--git-path", name).text

    def setting(self, name: str) -> str | None:
        """A value of git's configuration, None where there is none."""
        answer = self.git("config", "--get", name, allowed=(0, 1))
        return answer.text if answer.status == 0 else None

    @property
    def is_shallow(self) -> bool:
        """Whether it is a clone without the whole history."""
        return self.git("rev-parse", "--is-shallow-repository").text == "true"


def repository(folder: Path | None = None) -> Repository:
    """The repository that a folder is in, the current one if none is named. Raises InputError outside of any."""
    folder = folder or Path.cwd()
    is_inside = git("rev-parse", "--is-inside-work-tree", folder=folder).text == "true"
    if is_inside:
        root = git("rev-parse", "--show-toplevel", folder=folder).text
        prefix = git("rev-parse", "--show-prefix", folder=folder).text
        return Repository(Path(root), prefix, folder, is_bare=False)
    return Repository(Path(git("rev-parse", "--absolute-git-dir", folder=folder).text), "", folder, is_bare=True)


def repository_of(file: str) -> tuple[Repository, str]:
    """The repository that a file is in, and the file's path there. The file itself may be gone.

    Symbolic links are followed: git keeps the history of the file that they lead to.
    """
    real = Path(os.path.realpath(file))
    folder = next((each for each in real.parents if each.is_dir()), real.parent)
    found = repository(folder)
    return found, found.prefix + real.relative_to(folder).as_posix()
