"""The version of ComfyUI that a workflow is judged for, and in what its server differs from the others."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

from wftools.catalog.packs import PACKS
from wftools.errors import InputError

NEWEST: Final = next(iter(PACKS))


@dataclass(frozen=True)
class Target:
    """One version of ComfyUI."""

    version: str = NEWEST

    @cached_property
    def _numbers(self) -> tuple[int, ...]:
        return tuple(int(part) for part in self.version.split("."))

    @property
    def checks_v3_choices(self) -> bool:
        """Whether the server compares values with the choices of a combo that is declared in the V3 form."""
        return self._numbers >= (0, 8)

    @property
    def checks_multiselect(self) -> bool:
        """Whether a multiselect combo takes a list of choices. Before, every list was refused."""
        return self._numbers >= (0, 33)

    @property
    def requires_autogrow_rows(self) -> bool:
        """Whether rows below an autogrow input's minimum must be there."""
        return self._numbers >= (0, 33)


def target(text: str) -> Target:
    """`comfyui==0.33.0`, `0.33.0` or `latest` as a Target. Raises InputError for a version that is not known."""
    name, separator, version = text.replace(" ", "").rpartition("==")
    if separator and name.lower() != "comfyui":
        raise InputError(f"{text!r} is not a target", hint="write --target comfyui==VERSION")
    if version == "latest":
        return Target()
    if version not in PACKS:
        raise InputError(f"ComfyUI {version!r} is not known", hint=f"known versions: {', '.join(PACKS)}, latest")
    return Target(version)
