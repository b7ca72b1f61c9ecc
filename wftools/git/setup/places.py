"""The files of git that say which drivers there are, and which files they are for."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

from wftools.errors import InputError, WftoolsError
from wftools.git.repository import git

if TYPE_CHECKING:
    from wftools.git.repository import Repository

Scope: TypeAlias = Literal["local", "project", "global", "system"]
"""Who has the drivers. local: this clone; project: all who clone it are told which files are workflows, and this clone
has the drivers, since no repository may bring commands along; global: all repositories of a user; system: of a machine.
"""


def config_file(scope: Scope, repository: Repository | None) -> Path:
    """Where a scope's configuration is written. Working trees of one repository share it."""
    if scope in ("local", "project"):
        return _in(repository).file("config")
    return _of_user() if scope == "global" else _of_machine()


def attributes_file(scope: Scope, repository: Repository | None) -> Path:
    """Where a scope says which files the drivers are for."""
    if scope == "local":
        return _in(repository).file("info/attributes")
    if scope == "project":
        return _in(repository).root / ".gitattributes"
    if scope == "system":
        return _of_machine().with_name("gitattributes")
    asked = ("config", "--global", "--includes", "--type=path", "--get", "core.attributesFile")
    answer = git(*asked, folder=Path.cwd(), allowed=range(256))
    return Path(answer.text) if answer.status == 0 and answer.text else _xdg() / "attributes"


def _in(repository: Repository | None) -> Repository:
    if repository is None:
        raise InputError("not in a git repository", hint="go into one, or say --global for all of yours")
    return repository


def _of_user() -> Path:
    """As git chooses: the file in the home folder, unless only the one in ~/.config/git is there."""
    named = os.environ.get("GIT_CONFIG_GLOBAL")
    if named:
        return Path(named)
    in_home = Path.home() / ".gitconfig"
    return in_home if in_home.exists() or not (_xdg() / "config").exists() else _xdg() / "config"


def _xdg() -> Path:
    folder = os.environ.get("XDG_CONFIG_HOME")
    return (Path(folder) if folder else Path.home() / ".config") / "git"


def _of_machine() -> Path:
    """Where this git was built to look; only git itself knows."""
    answer = git("var", "GIT_CONFIG_SYSTEM", folder=Path.cwd(), allowed=range(256))
    if answer.status:  # before git 2.41: what it would have an editor open
        editor = ("-c", "core.editor=echo", "config", "--system", "--edit")
        answer = git(*editor, folder=Path.cwd(), allowed=range(256))
    if answer.status or not answer.text:
        raise WftoolsError("git does not say where the configuration of this machine is")
    return Path(answer.text.splitlines()[-1])
