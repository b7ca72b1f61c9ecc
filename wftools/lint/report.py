"""What `lint` hands to its reporters."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wftools.errors import FAILED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wftools.errors import InputError, WftoolsError
    from wftools.lint.finding import Finding, Severity
    from wftools.lint.rule import Rule

FOUND = 1


@dataclass(frozen=True)
class Linted:
    """A file and what was found in it."""

    name: str
    findings: tuple[Finding, ...] = ()  # by place
    lines: Mapping[int, str] = field(default_factory=dict)  # of the file's JSON text, by number: where findings stand
    error: InputError | None = None  # why it could not be read; told as a finding, whatever is selected
    fault: WftoolsError | None = None  # why it was not wholly looked through, by no fault of its own

    def whole(self) -> list[Finding]:
        """The findings. Raises the fault, if there is one, since some may be missing."""
        if self.fault is not None:
            raise self.fault
        return list(self.findings)


@dataclass(frozen=True)
class Report:
    """What was found in some files, and how it was looked for."""

    files: tuple[Linted, ...]
    rules: tuple[Rule, ...]  # that looked; those that tell why a file cannot be read always do
    target: str | None  # the version of ComfyUI that was judged for, if one was named

    @property
    def findings(self) -> Iterator[Finding]:
        """Everything that was found, file by file."""
        return (finding for file in self.files for finding in file.findings)

    @property
    def faults(self) -> Iterator[WftoolsError]:
        """Why some files were not wholly looked through."""
        return (file.fault for file in self.files if file.fault is not None)

    def exit_status(self, least: Severity | None) -> int:
        """2 if a file was not wholly looked through, else 1 if something so severe was found (None: never), else 0."""
        if any(self.faults):
            return FAILED
        return FOUND if least is not None and any(each.severity >= least for each in self.findings) else 0
