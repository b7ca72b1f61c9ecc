"""Files as they are at a revision, in the index and in the working tree, and which of them differ."""

from __future__ import annotations

import os
import posixpath
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from wftools.document.files import MAX_CONTENT, content, may_hold_workflow
from wftools.errors import InputError, LimitError, Place, shown
from wftools.git.repository import Repository, git, repository

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_MAX_LINKS: Final = 10  # that are followed one after another

_FILE: Final = "100"  # how modes start in git's trees
_LINK: Final = "120000"
_SUBMODULE: Final = "160000"
_FOLDER: Final = "040000"
_LFS: Final = b"version https://git-lfs.github.com/spec/"  # how the small file starts that stands for a large one


@dataclass(frozen=True, slots=True)
class FileAt:
    """A file of a repository at one time. Its content is read when it is asked for.

    At all revisions where it has one content and one path it is the same file.
    """

    repository: Repository
    path: str  # from the repository's root on, with "/"
    revision: str | None = field(default=None, compare=False)  # "HEAD~2"; "" for the index, None for the working tree
    blob: str | None = None  # git's id of the content; None in the working tree

    @property
    def name(self) -> str:
        """The file as a person names it: "HEAD~2:workflows/a.json", or its path from the current folder on."""
        if self.revision is not None:
            return f"{self.revision}:{self.path}"
        return os.path.relpath(self.repository.root / self.path)

    def read(self) -> bytes:
        """The content as a checkout would write it. Raises InputError, LimitError for a file that is very large."""
        if self.blob is None:
            return content(str(self.repository.root / self.path))
        size = int(self.repository.git("cat-file", "-s", self.blob).output)
        if size > MAX_CONTENT:
            raise LimitError(f"is larger than {MAX_CONTENT // 2**20} MB", place=Place(self.name))
        data = self.repository.git("cat-file", "blob", self.blob).output
        if not data.startswith(_LFS):
            return data
        data = self.repository.git("cat-file", "--filters", f"--path={self.path}", self.blob, allowed=range(256)).output
        if data.startswith(_LFS) or not data:
            raise InputError(
                "is kept by Git LFS, which has not fetched it", place=Place(self.name), hint="git lfs pull"
            )
        return data


@dataclass(frozen=True, slots=True)
class ChangedFile:
    """A file before and after: None before it was added, and after it was removed. A renamed one has two paths."""

    old: FileAt | None
    new: FileAt | None

    @property
    def path(self) -> str:
        """Where it is now, or was last, from the repository's root on."""
        side = self.new or self.old
        assert side is not None
        return side.path

    @property
    def is_renamed(self) -> bool:
        """Whether it has another path than it had."""
        return self.old is not None and self.new is not None and self.old.path != self.new.path


# One file


def names_revision(name: str) -> bool:
    """Whether a name means a file at a revision, "HEAD:flow.json", and not one on disk, which goes first."""
    revision, path = _split(name)
    is_drive = os.name == "nt" and len(revision) == 1
    return bool(path) and not is_drive and not os.path.lexists(name)


def file_at(name: str, folder: Path | None = None) -> FileAt:
    """The file that git's `REV:PATH` names, from within a folder: "HEAD:flow.json", "main:./here.json", ":2:a.json".

    As in git the path starts at the repository's root, or at the folder where it starts with "./" or "../"; without a
    revision it is the index's, of which a conflict has stages: 1 the base, 2 ours, 3 theirs. Symbolic links are
    followed. Raises InputError for what is not there, and says what may be missing.
    """
    found = repository(folder)
    revision, path = _split(name)
    if path.startswith(("./", "../")):
        path = posixpath.normpath(found.prefix + path)
    if not revision:
        return _in_index(found, path)
    return _in_tree(found, commit(found, revision), path, shown_as=revision)


def _split(name: str) -> tuple[str, str]:
    """Revision and path. A colon in braces belongs to the revision: "HEAD^{/fix: it}:a.json"."""
    depth = 0
    for index, character in enumerate(name):
        if character == ":" and depth == 0:
            return name[:index], name[index + 1 :]
        depth += {"{": 1, "}": -1}.get(character, 0)
    return name, ""


def commit(repository: Repository, revision: str, kind: str = "tree") -> str:
    """The id of a revision's tree, or its "commit". Raises InputError if there is none."""
    asked = ("rev-parse", "--verify", "--quiet", f"{revision}^{{{kind}}}")
    answer = None if revision.startswith("-") else repository.git(*asked, allowed=range(256))
    if answer is not None and answer.status == 0:
        return answer.text
    if repository.is_shallow:
        hint = "this clone has no older history: git fetch --unshallow"
    elif repository.git("rev-parse", "--verify", "--quiet", "HEAD", allowed=range(256)).status:
        hint = "the repository has no commit yet"
    else:
        hint = "`git log --oneline --all` lists commits, `git fetch` brings those of others"
    raise InputError(f"git knows no revision {shown(revision)}", hint=hint)


def _in_tree(repository: Repository, tree: str, path: str, *, shown_as: str) -> FileAt:
    """The file of a path in a tree or commit, through symbolic links. Raises InputError if there is none."""
    name = f"{shown_as}:{path}"
    for _ in range(_MAX_LINKS):
        mode, blob = _entry(repository, tree, path)
        if blob is None:
            raise InputError(
                f"{shown(path)} is not in {shown_as}", hint=_where_instead(repository, tree, path, shown_as)
            )
        if mode == _SUBMODULE:
            raise InputError("is a submodule", place=Place(name), hint="name a file in it, from within it")
        if mode == _FOLDER:
            raise InputError("is a folder", place=Place(name), hint="name the files in it")
        if mode != _LINK:
            return FileAt(repository, path, shown_as, blob)
        target = os.fsdecode(repository.git("cat-file", "blob", blob).output)
        path = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
        if path.startswith(("/", "../")):
            raise InputError("is a symbolic link that leads out of the repository", place=Place(name))
    raise InputError("is one of too many symbolic links in a row", place=Place(name))


def entry(repository: Repository, tree: str, path: str) -> str | None:
    """The id of the file of a path in a tree or commit; None if there is none, or something else."""
    mode, blob = _entry(repository, tree, path)
    return blob if mode.startswith(_FILE) else None


def _entry(repository: Repository, tree: str, path: str) -> tuple[str, str | None]:
    """Mode and id of what stands at a path."""
    for row in repository.git("ls-tree", "-z", "--full-tree", tree, "--", f":(literal){path}").items:
        facts, _, name = row.partition("\t")
        if name == path:
            mode, _, blob = facts.split(" ")
            return mode, blob
    return "", None


def _where_instead(repository: Repository, tree: str, path: str, shown_as: str) -> str | None:
    """What a person may have meant by a path that is not in a tree."""
    if repository.prefix and entry(repository, tree, repository.prefix + path) is not None:
        return f"paths start at the repository's root: did you mean {shown_as}:./{path}?"
    if (repository.root / path).is_file() and not repository.is_bare:
        return "the working tree has it"
    return None


def _in_index(repository: Repository, path: str) -> FileAt:
    stage, colon, rest = path.partition(":")
    number, path = (stage, rest) if colon and stage in {"0", "1", "2", "3"} else ("0", path)
    for row in repository.git("ls-files", "-z", "--stage", "--", f":(top,literal){path}").items:
        facts, _, name = row.partition("\t")
        _, blob, of = facts.split(" ")
        if name == path and of == number:
            return FileAt(repository, path, "" if number == "0" else f":{number}", blob)
    raise InputError(
        f"{shown(path)} is not in the index" + (f" at stage {number}" if number != "0" else ""),
        hint=None if number == "0" else "only a file with an open conflict has stages",
    )


# Which files differ


def changed_files(
    revisions: Sequence[str] = (), paths: Sequence[str] = (), *, is_staged: bool = False, folder: Path | None = None
) -> tuple[ChangedFile, ...]:
    """The files that differ between revisions, sorted by path, as `git diff` with the same arguments finds them.

    Without a revision: the index and the working tree. One: it and the working tree; or, where `is_staged`, it (HEAD
    if none is given) and the index. Two, or "A..B": these. "A...B": where B left A, and B. Paths are pathspecs from the
    folder on. Renamed files are paired. Left out are submodules, symbolic links, and files whose names say that they
    hold no workflow; whether the others do is found out by who reads them.
    """
    found = repository(folder)
    old, new = _sides(found, revisions, is_staged)
    if found.is_bare and not new:
        raise InputError("the repository has no working tree", place=Place(str(found.root)), hint="name two revisions")
    trees = [_tree(found, each) for each in (old, new) if each]
    options = ["--raw", "-z", "--no-abbrev", "--find-renames", "--no-relative", "--no-ext-diff", "--no-color"]
    staged = ["--cached"] if new == "" else []
    rows = iter(git("diff", *options, *staged, *trees, "--", *paths, folder=found.folder).items)
    changed: list[ChangedFile] = []
    for row in rows:  # ":MODE MODE ID ID STATUS", a path, and of a renamed file another one
        old_mode, new_mode, old_blob, new_blob, status = row[1:].split(" ")
        old_path = next(rows)
        new_path = next(rows) if status[0] in "RC" else old_path
        is_old, is_new = (
            mode.startswith(_FILE) and may_hold_workflow(path)
            for mode, path in ((old_mode, old_path), (new_mode, new_path))
        )
        before = FileAt(found, old_path, old, _known(old_blob)) if is_old else None
        # Of a renamed file in the working tree git tells the id that it would have, and has no such object.
        blob = _known(new_blob) if new is not None else None
        after = FileAt(found, new_path, new, blob) if is_new else None
        if before or after:
            changed.append(ChangedFile(before, after))
    return tuple(sorted(changed, key=lambda each: each.path))


def _sides(repository: Repository, revisions: Sequence[str], is_staged: bool) -> tuple[str, str | None]:
    """What the two sides are called: "" is the index, None the working tree."""
    ends: list[str] = []
    for revision in revisions:
        dots = "..." if "..." in revision else ".." if ".." in revision else None
        first, _, second = revision.partition(dots) if dots else (revision, "", "")
        ends += [first or "HEAD", second or "HEAD"] if dots else [revision]
        if dots == "...":
            ids = [commit(repository, end, "commit") for end in ends[-2:]]
            answer = repository.git("merge-base", *ids, allowed=(0, 1))
            if answer.status:
                raise InputError(f"{ends[-2]} and {ends[-1]} have no commit in common")
            ends[-2] = repository.git("rev-parse", "--short", answer.text).text
    if len(ends) > (1 if is_staged else 2):
        raise InputError(f"more revisions than can be compared: {' '.join(revisions)}")
    if is_staged:
        return (ends[0] if ends else "HEAD"), ""
    return (ends[0] if ends else ""), (ends[1] if len(ends) == 2 else None)


def _tree(repository: Repository, revision: str) -> str:
    """The id of a revision's tree; that of the empty tree for the HEAD of a repository without a commit."""
    is_unborn = revision == "HEAD" and repository.git("rev-parse", "--verify", "-q", "HEAD", allowed=(0, 1)).status
    return repository.git("hash-object", "-t", "tree", "--stdin").text if is_unborn else commit(repository, revision)


def _known(blob: str) -> str | None:
    """An id of git; None for the zeros that stand for what only the working tree has."""
    return blob if blob.strip("0") else None
