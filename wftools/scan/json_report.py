"""The report of a scan, as `--report FILE` writes it and `schemas/report-scan.json` publishes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wftools.scan.packs import PackReport


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", defer_build=True)


class ScannedPack(_Part):
    """What is known of one pack."""

    folder: str
    """Its name in the folder custom_nodes, which a server gives as the module of its nodes."""
    path: str
    name: str
    """As its pyproject.toml says it: its id in the registry. Empty if it has none."""
    version: str
    """As its pyproject.toml says it. Empty if it says none."""
    commit: str
    """That git has checked out. Empty if the folder is no clone."""
    known: list[str]
    """Types of which everything is known."""
    partly: dict[str, list[str]]
    """Types of which something is not known, and what, or why."""
    unknown: dict[str, str]
    """Types of which nothing is known but their names, and why."""
    refused: dict[str, str]
    """Types that the pack names and a server would not have, and why."""
    incomplete: list[str]
    """Why the pack may have more types than these: where its source was not understood."""


class ScanReport(_Part):
    """What `wftools nodes scan` found."""

    target: str
    """The version of ComfyUI whose constants and own nodes the packs were read with."""
    packs: list[ScannedPack]


def report(target: str, packs: Iterable[PackReport]) -> ScanReport:
    """The report of some packs, in their order."""
    return ScanReport(target=target, packs=[_scanned(each) for each in packs])


def _scanned(pack: PackReport) -> ScannedPack:
    partly = pack.partly
    return ScannedPack(
        folder=pack.folder,
        path=pack.path,
        name=pack.name,
        version=pack.version,
        commit=pack.commit,
        known=[node_type for node_type in pack.nodes if node_type not in partly],
        partly={node_type: list(reasons) for node_type, reasons in partly.items()},
        unknown=pack.facts.unknown,
        refused=pack.facts.refused,
        incomplete=pack.facts.incomplete,
    )
