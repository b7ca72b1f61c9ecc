"""Whether git has our drivers, can start them, and uses them for the workflows of a repository."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, get_args

from wftools.errors import WftoolsError
from wftools.git.repository import git
from wftools.git.setup.block import lines_of
from wftools.git.setup.drivers import NAME, config_lines
from wftools.git.setup.patterns import uncovered, workflows
from wftools.git.setup.places import Scope, attributes_file, config_file

if TYPE_CHECKING:
    from wftools.git.repository import Repository
    from wftools.values import Json

_CHECKED: Final = "wftools-check"  # an alias, for one call


@dataclass(frozen=True, slots=True)
class Installed:
    """A scope that has something of ours."""

    scope: Scope
    config: Path | None  # the files that have it
    attributes: Path | None
    patterns: tuple[str, ...] = ()
    has_filter: bool = False
    is_current: bool = True  # whether this wftools would write the same configuration


@dataclass(frozen=True, slots=True)
class Status:
    """What git knows of the drivers, in a repository or outside of any (`workflows` is None)."""

    installed: tuple[Installed, ...]
    problem: str = ""  # why git cannot start the driver that it is told of
    workflows: tuple[str, ...] | None = None
    uncovered: tuple[str, ...] = ()  # of them, those that git does not give to the driver

    @property
    def works(self) -> bool:
        """Whether the drivers are known to git, for some files, and can be started."""
        has_both = any(each.config for each in self.installed) and any(each.attributes for each in self.installed)
        return has_both and not self.problem

    def tree(self) -> dict[str, Json]:
        """The status as JSON."""
        return {
            "works": self.works,
            "problem": self.problem,
            "installed": [
                {
                    "scope": each.scope,
                    "config": str(each.config) if each.config else None,
                    "attributes": str(each.attributes) if each.attributes else None,
                    "patterns": [*each.patterns],
                    "has_filter": each.has_filter,
                    "is_current": each.is_current,
                }
                for each in self.installed
            ],
            "workflows": [*self.workflows] if self.workflows is not None else None,
            "uncovered": [*self.uncovered],
        }


def status(repository: Repository | None) -> Status:
    """What git knows of the drivers. Raises WftoolsError where a block of ours is damaged."""
    installed = []
    for scope in get_args(Scope):
        if scope in ("local", "project") and repository is None:
            continue
        try:
            config, attributes = config_file(scope, repository), attributes_file(scope, repository)
        except WftoolsError:
            continue  # a git that has no configuration of the machine
        settings, given = _lines(config) if scope != "project" else None, _lines(attributes)
        if settings is None and given is None:
            continue
        has_filter = any(line.startswith("[filter") for line in settings or ())
        patterns = tuple(line.rpartition(f" diff={NAME}")[0] for line in given or () if f"merge={NAME}" in line)
        is_current = settings is None or settings == tuple(config_lines(clean_filter=has_filter))
        installed.append(
            Installed(
                scope,
                config if settings is not None else None,
                attributes if given is not None else None,
                patterns,
                has_filter,
                is_current,
            )
        )
    found = workflows(repository) if repository is not None and not repository.is_bare else None
    return Status(
        tuple(installed),
        _problem(repository) if installed else "",
        found,
        uncovered(repository, found) if found and repository is not None else (),
    )


def _lines(path: Path) -> tuple[str, ...] | None:
    try:
        return lines_of(path.read_bytes())
    except OSError:
        return None


def _problem(repository: Repository | None) -> str:
    """Start the driver that git has been told of as git itself does, through its shell."""
    folder = repository.folder if repository is not None else Path.cwd()
    driver = git("config", "--get", f"diff.{NAME}.textconv", folder=folder, allowed=range(256)).text
    if not driver:
        return "git has no driver of this name"
    program = driver.partition(" textconv")[0]
    check = git("-c", f"alias.{_CHECKED}=!{program} --version", _CHECKED, folder=folder, allowed=range(256))
    return "" if check.status == 0 else f"{shlex.split(driver)[0]} does not start wftools: {check.message}"
