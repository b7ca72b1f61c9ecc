"""Git for workflows: files at revisions, histories, and the drivers by which git itself understands workflow files.

    names_revision("HEAD:flow.json")                whether that means a file at a revision
    file_at("HEAD:flow.json")                       -> FileAt, of which read() gives the bytes and name the name:
    read(file.read(), file.name)                    -> Document
    changed_files(["main", "HEAD"], ["workflows"])  -> ChangedFile…, each with old and new, a FileAt or None
    history(*repository_of("flow.json"))            -> FileCommit…, the newest first, through renames

Everything is asked of `git` itself, which asks nobody: see `repository`. What cannot be had is a WftoolsError with a
hint: git is missing, the folder is in no repository, a revision or path is not there.
"""

from wftools.git.repository import Repository, repository, repository_of
from wftools.git.repository.history import Commit, FileCommit, history, last_change
from wftools.git.repository.revisions import ChangedFile, FileAt, changed_files, file_at, names_revision

__all__ = [
    "ChangedFile",
    "Commit",
    "FileAt",
    "FileCommit",
    "Repository",
    "changed_files",
    "file_at",
    "history",
    "last_change",
    "names_revision",
    "repository",
    "repository_of",
]
