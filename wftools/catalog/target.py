"""The version of ComfyUI that a workflow is judged for, and in what its server differs from the others."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from wftools.catalog.packs import PACKS
from wftools.errors import InputError

NEWEST: Final = next(iter(PACKS))

_VERSION: Final = re.compile(r"[0-9]{1,6}(\.[0-9]{1,6}){0,2}")
_PLACES: Final = 3


@dataclass(frozen=True)
class Target:
    """One version of ComfyUI."""

    version: str = NEWEST
    asked: str | None = field(
        default=None, compare=False
    )  # what was asked for, if it is not known and this one is the nearest

    @cached_property
    def _numbers(self) -> tuple[int, ...]:
        return _numbers(self.version)

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

    @property
    def replaces_nodes(self) -> bool:
        """Whether the server puts other nodes in the place of some that are gone."""
        return self._numbers >= (0, 33)


def target(text: str) -> Target:
    """`comfyui==0.33.0`, `0.33.0` or `latest` as a Target; of a version that is not known, the nearest that is.

    Raises InputError for what is no version.
    """
    name, separator, version = text.replace(" ", "").rpartition("==")
    if separator and name.lower() != "comfyui":
        raise InputError(f"{text!r} is not a target", hint="write --target comfyui==VERSION")
    version = version.removeprefix("v")
    if version == "latest":
        return Target()
    if _VERSION.fullmatch(version) is None:
        raise InputError(f"ComfyUI {version!r} is not known", hint=f"known versions: {', '.join(PACKS)}, latest")
    nearest = _nearest(version)
    return Target(nearest, asked=version if _numbers(nearest) != _numbers(version) else None)


def _nearest(version: str) -> str:
    """Of the known versions before and after one, that from which less has been counted on."""
    wanted = _numbers(version)
    newer = [each for each in PACKS if _numbers(each) > wanted]  # the newest first
    older = [each for each in PACKS if _numbers(each) <= wanted]

    def counted(known: str) -> list[int]:
        return [abs(one - other) for one, other in zip(_numbers(known), wanted, strict=True)]

    return min((*older[:1], *newer[-1:]), key=counted)


def _numbers(version: str) -> tuple[int, ...]:
    numbers = tuple(map(int, version.split(".")))
    return (*numbers, 0, 0)[:_PLACES]
