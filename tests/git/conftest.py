"""Repositories of real git, apart from the configuration of whoever runs the tests."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path


class Git:
    """A repository in a folder, driven as a person drives it."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self("init", "--quiet", "--initial-branch=main", *options)

    def __call__(self, *arguments: str, status: int | None = 0, stdin: str = "") -> str:
        """What a git command prints, the errors last; `status` None: however it ends."""
        done = subprocess.run(
            ["git", *arguments],
            cwd=self.folder,
            input=stdin,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="surrogateescape",
            check=False,
            timeout=120,
        )
        assert status is None or done.returncode == status, done.stdout + done.stderr
        return done.stdout + done.stderr

    def write(self, path: str, content: str | bytes) -> Path:
        """Put a file into the working tree."""
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        return file

    def commit(self, message: str, /, **files: str | bytes | None) -> str:
        """Commit all there is, after writing some files (None removes one), and give the commit's id."""
        return self.commit_files(message, files)

    def commit_files(self, message: str, files: dict[str, str | bytes | None]) -> str:
        """As `commit`, for files whose paths are no Python names."""
        for path, content in files.items():
            if content is None:
                (self.folder / path).unlink()
            else:
                self.write(path, content)
        self("add", "--all")
        self("commit", "--quiet", "--allow-empty", f"--message={message}")
        return self("rev-parse", "HEAD").strip()


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own: git finds nothing in it that the test has not put there."""
    folder = tmp_path / "home"
    folder.mkdir()
    for name in [name for name in os.environ if name.startswith(("GIT_", "XDG_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_NAME", "Ada")
        monkeypatch.setenv(f"GIT_{who}_EMAIL", "ada@example.com")
    return folder


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Git:
    """An empty repository, which is the current folder."""
    made = Git(tmp_path / "repo")
    monkeypatch.chdir(made.folder)
    return made
